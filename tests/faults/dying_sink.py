"""A sink with a death sentence: python dying_sink.py SERVICE STEP [flags].

The service itself knows nothing of this. Its database, or its mail folder, is wrapped,
and the process kills itself with SIGKILL around the fourth use that STEP names:
``before:begin``, ``after:begin``, ``before:commit``, ``during:commit``,
``after:commit``, ``before:send``, ``after:send``.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy import Connection

from sinks.analytics_service import command as analytics
from sinks.database import Database
from sinks.notification_service import command as notification
from sinks.notification_service.letter import Letter
from sinks.notification_service.maildir import Maildir
from tests.faults.dying_service import die

USES_SURVIVED = 3
_A_MOMENT_S = 0.0005
_MAIN = {"analytics-service": analytics.main, "notification-service": notification.main}


class Sentence:
    """When to die."""

    def __init__(self, step: str, *, opening: str) -> None:
        self._step = step
        self._opening = opening
        self._use_count = 0

    def reach(self, step: str) -> None:
        """Note that the process has come to a step; return if it may live on."""
        self._use_count += step == self._opening
        if self._use_count > USES_SURVIVED and step == self._step:
            if step.startswith("during:"):
                threading.Timer(_A_MOMENT_S, die).start()
            else:
                die()


def _wrap_database(sentence: Sentence) -> Callable[[Database], object]:
    writing = Database.writing

    @contextmanager
    def dying(database: Database) -> Iterator[Connection]:
        sentence.reach("before:begin")
        with writing(database) as connection:
            sentence.reach("after:begin")
            yield connection
            sentence.reach("before:commit")
            sentence.reach("during:commit")
        sentence.reach("after:commit")

    return dying


def _wrap_maildir(sentence: Sentence) -> Callable[[Maildir, Letter], None]:
    send = Maildir.send

    def dying(maildir: Maildir, letter: Letter) -> None:
        sentence.reach("before:send")
        send(maildir, letter)
        sentence.reach("after:send")

    return dying


def main() -> None:
    """Run the service with the flags that follow the step."""
    service, step = sys.argv.pop(1), sys.argv.pop(1)
    is_about_mail = step.endswith(":send")
    opening = "before:send" if is_about_mail else "before:begin"
    sentence = Sentence(step, opening=opening)
    with (
        patch.object(Database, "writing", _wrap_database(sentence)),
        patch.object(Maildir, "send", _wrap_maildir(sentence)),
    ):
        _MAIN[service]()


if __name__ == "__main__":
    main()
