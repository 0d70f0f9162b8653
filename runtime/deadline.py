"""A time limit for a call that has none of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

Result = TypeVar("Result")


def call_within(timeout_s: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns if that takes no longer than `timeout_s`.

    A late call is left behind on a thread of its own that does not keep the process
    from ending; whatever it does in the end must not matter any more.

    Raises:
        KafkaException: With `_TIMED_OUT`, if the call is late; otherwise whatever it
            raised.
    """
    answer: Future[Result] = Future()
    thread = threading.Thread(
        target=_answer, args=(call, answer), name="call-within", daemon=True
    )
    thread.start()
    try:
        return answer.result(timeout_s)
    except TimeoutError:
        late = f"no answer within {timeout_s:g} s"
        raise KafkaException(
            KafkaError(KafkaError._TIMED_OUT, late)  # noqa: SLF001 - its name
        ) from None


def _answer(call: Callable[[], Result], answer: Future[Result]) -> None:
    try:
        answer.set_result(call())
    except BaseException as exc:  # noqa: BLE001 - raised again by who waits for it
        answer.set_exception(exc)
