"""Waiting at the start for who is not there yet."""

import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from registry.errors import RegistryUnavailable
from runtime import service
from runtime.errors import BrokerUnavailable


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    monkeypatch.setattr(service, "_RETRY_S", 0)


def test_absence_is_told_once() -> None:
    """A minute without a broker is a line in the log, not a hundred."""
    absent = BrokerUnavailable("127.0.0.1:1", "refused")
    other = RegistryUnavailable("http://127.0.0.1:1", "refused")
    answers: Iterator[Exception | str] = iter([absent, absent, absent, other, "here"])

    def build() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with capture_logs() as logged:
        built = service.wait_for(build, timeout_s=60, stop=threading.Event())

    assert built == "here"
    assert [line["reason"] for line in logged] == [str(absent), str(other)]
