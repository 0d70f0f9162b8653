"""transaction-service with a death sentence: python dying_service.py STEP [flags].

The service itself knows nothing of this. Its producer is wrapped, and the process kills
itself with SIGKILL around the third call of the method that STEP names, for example
``before:commit_transaction``, ``during:commit_transaction``, ``after:produce``.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from processors import transaction_service
from runtime import kafka, processor

CALLS_SURVIVED = 2
_A_MOMENT_S = 0.001


class DyingProducer:
    """A producer that dies at its step, and behaves until then."""

    def __init__(self, producer: Any, moment: str, method: str) -> None:  # noqa: ANN401 - any producer
        self._producer = producer
        self._moment = moment
        self._method = method
        self._call_count = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._producer, name)
        return self._around(call) if name == self._method else call

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any call
            self._call_count += 1
            is_last = self._call_count > CALLS_SURVIVED
            if is_last and self._moment == "before":
                die()
            if is_last and self._moment == "during":
                threading.Timer(_A_MOMENT_S, die).start()
            result = call(*args, **kwargs)
            if is_last:
                die()
            return result

        return dying


def die() -> None:
    """End this process as kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the service with the flags that follow the step."""
    moment, method = sys.argv.pop(1).split(":")
    build = kafka.build_transactional_producer

    def build_dying(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as it is called
        return DyingProducer(build(*args, **kwargs), moment, method)

    with patch.object(processor, build.__name__, build_dying):
        transaction_service.main()


if __name__ == "__main__":
    main()
