"""What can go wrong while the local stack runs.

PipelineError
├── ConfigError                    this machine or folder cannot carry a stack
└── StackError
    ├── ProcessEnded               name, status, log_path
    ├── NotReadyInTime             name, timeout_s, log_path        retryable
    └── TopicRefused               topic, reason
"""

from pathlib import Path
from typing import ClassVar

from registry.errors import PipelineError


class StackError(PipelineError):
    """A process of the local stack failed."""


class ProcessEnded(StackError):
    """A process that should run has ended."""

    def __init__(self, name: str, *, status: int, log_path: Path) -> None:
        super().__init__(f"{name} ended with status {status}{_last_line(log_path)}")
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


class TopicRefused(StackError):
    """The broker did not create a topic."""

    def __init__(self, topic: str, *, reason: str) -> None:
        super().__init__(f"topic {topic} was not created: {reason}")
        self.topic = topic
        self.reason = reason


def _last_line(log_path: Path) -> str:
    """Quote the end of the log, or nothing when there is none."""
    try:
        lines = log_path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return ""
    said = [line.strip() for line in lines if line.strip()]
    return f": {said[-1][:300]}" if said else ""
