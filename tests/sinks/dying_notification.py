"""notification-service with a death sentence: dying_notification.py STEP [flags].

The service itself knows nothing of this. It kills itself with SIGKILL at the step that
STEP names: ``before:claim``, ``after:send``, ``before:mark`` and the like.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from sinks import notification_service
from sinks.notification_service.ledger import Ledger
from sinks.notification_service.smtp import SmtpMailer

# The first claim, the first letter, and the first mark, which is written together with
# the claim of the second letter.
_NTH_CALL = {
    "claim": (Ledger, "write", 1),
    "send": (SmtpMailer, "send", 1),
    "mark": (Ledger, "write", 2),
}


def main() -> None:
    """Run the service with the flags that follow the step."""
    moment, step = sys.argv.pop(1).split(":")
    owner, name, nth = _NTH_CALL[step]
    dying = _dying(getattr(owner, name), moment, nth)
    with patch.object(owner, name, dying):
        notification_service.main()


def _dying(call: Callable[..., Any], moment: str, nth: int) -> Callable[..., Any]:
    call_count = 0

    def dying(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any call
        nonlocal call_count
        call_count += 1
        if call_count == nth and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*args, **kwargs)
        if call_count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return dying


if __name__ == "__main__":
    main()
