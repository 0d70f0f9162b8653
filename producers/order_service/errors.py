"""What order-service raises on purpose besides `runtime.errors`.

PipelineError
└── IllegalOrder                   reason
"""

from typing import ClassVar

from registry.errors import PipelineError


class IllegalOrder(PipelineError):
    """Something that was to become an order breaks a rule of legal input."""

    exit_code: ClassVar[int] = 65

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
