"""What order-service raises on purpose besides `runtime.errors`.

PipelineError
├── IllegalOrder                   reason
├── SourceChanged                  name, reason
└── SourceTaken                    name
"""

from typing import ClassVar

from registry.errors import PipelineError


class IllegalOrder(PipelineError):
    """Something that was to become an order breaks a rule of legal input."""

    exit_code: ClassVar[int] = 65

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SourceChanged(PipelineError):
    """What was written already is not what the source begins with now."""

    exit_code: ClassVar[int] = 65

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be gone on with: {reason}")
        self.name = name
        self.reason = reason
        self.hint = (
            "write all of it again with --restart, or as a source of its own with"
            " another --source-name"
        )


class SourceTaken(PipelineError):
    """Another run writes the same source; this one can commit nothing any more."""

    exit_code: ClassVar[int] = 75

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the source {name} was taken over by another run: {reason}")
        self.name = name
        self.hint = "once that has ended, start this one again: it goes on from there"
