"""transaction-service that freezes: python stopping_service.py STEP [flags].

It is `dying_service`, but at its step it stops itself once with SIGSTOP, after a line
in its log, and goes on where it was when somebody sends SIGCONT.
"""

import json
import os
import signal
import sys
from unittest.mock import patch

from tests.faults import dying_service

STOPPED = "fault.stopped"


class Freezer:
    """Stops this process, once."""

    def __init__(self) -> None:
        self._has_stopped = False

    def freeze(self) -> None:
        """Stop this process if that has not been done before."""
        if self._has_stopped:
            return
        self._has_stopped = True
        sys.stdout.write(json.dumps({"event": STOPPED}) + "\n")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGSTOP)


def main() -> None:
    """Run the service with the flags that follow the step."""
    with patch.object(dying_service, "die", Freezer().freeze):
        dying_service.main()


if __name__ == "__main__":
    main()
