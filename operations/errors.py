"""What can go wrong while a pipeline is operated.

PipelineError
├── NotDrainedInTime               waiting_for, timeout_s
├── ServiceSilent                  name, url, reason
└── DemoFailed                     reason
"""

from typing import ClassVar

from registry.errors import PipelineError


class ServiceSilent(PipelineError):
    """A running service does not answer, or not as it must."""

    exit_code: ClassVar[int] = 75

    def __init__(self, name: str, *, url: str, reason: str) -> None:
        super().__init__(f"{name} does not answer at {url}: {reason}")
        self.name = name
        self.url = url
        self.reason = reason


class NotDrainedInTime(PipelineError):
    """The services did not get through their work in the time they had."""

    exit_code: ClassVar[int] = 75

    def __init__(self, waiting_for: str, *, timeout_s: float, hint: str = "") -> None:
        super().__init__(f"{waiting_for} did not come within {timeout_s:g} s")
        self.waiting_for = waiting_for
        self.timeout_s = timeout_s
        self.hint = hint


class DemoFailed(PipelineError):
    """The demo ran to its end, and its result is not what it must be."""

    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
