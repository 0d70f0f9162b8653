"""What can go wrong while the local stack runs.

PipelineError
├── ConfigError                    this machine or folder cannot carry a stack
└── StackError
    ├── ProcessEnded               name, status, log_path
    └── NotReadyInTime             name, timeout_s, log_path        retryable
"""

from pathlib import Path
from typing import ClassVar

from registry.errors import PipelineError


class StackError(PipelineError):
    """A process of the local stack failed."""


class ProcessEnded(StackError):
    """A process that should run has ended."""

    def __init__(
        self, name: str, *, status: int, last_words: str, log_path: Path
    ) -> None:
        said = f": {last_words}" if last_words else ""
        super().__init__(f"{name} ended with status {status}{said}")
        self.name = name
        self.status = status
        self.log_path = log_path
        self.hint = f"read {log_path}"


class NotReadyInTime(StackError):
    """A process runs, but did not get ready within its time."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 75

    def __init__(self, name: str, *, timeout_s: float, log_path: Path) -> None:
        super().__init__(f"{name} was not ready within {timeout_s:g} s")
        self.name = name
        self.timeout_s = timeout_s
        self.log_path = log_path
        self.hint = f"read {log_path}"
