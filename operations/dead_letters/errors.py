"""What can go wrong while dead letters are replayed or dropped.

PipelineError
├── SettlingInterrupted            reason
├── BoxInUse                       box
└── NoSuchLetter                   letter_id
"""

from typing import ClassVar

from registry.errors import PipelineError


class SettlingInterrupted(PipelineError):
    """Kafka ended the transaction: the letters of that batch are as they were.

    Or all of them are settled, if the answer to the commit was lost: the ledger tells.
    """

    exit_code: ClassVar[int] = 75

    def __init__(self, reason: str) -> None:
        super().__init__(f"interrupted: {reason}")
        self.reason = reason
        self.hint = (
            "another replay or drop may have taken over; run this again, it goes on"
            " with what is still open"
        )


class BoxInUse(PipelineError):
    """Another replay or drop works on the same table at this moment."""

    exit_code: ClassVar[int] = 75

    def __init__(self, box: str) -> None:
        super().__init__(f"another replay or drop works on the dead letters of {box}")
        self.box = box
        self.hint = "run this again when it has ended"


class NoSuchLetter(PipelineError):
    """There is no dead letter of that name, or it is no longer kept."""

    exit_code: ClassVar[int] = 1

    def __init__(self, letter_id: str) -> None:
        super().__init__(f"there is no dead letter {letter_id}")
        self.letter_id = letter_id
        self.hint = "list them with: pipeline dlq list --state all"
