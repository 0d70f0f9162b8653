"""`pipeline` with a death sentence: python dying_replay.py STEP [words].

The command knows nothing of this. It settles 10 letters at a time, and kills itself
with SIGKILL around the third call of the producer's method that STEP names, such as
``before:commit_transaction``; ``mark:after`` and ``mark:committed`` are in the
transaction that marks a row, and after it.
"""

import sys
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from operations import cli
from operations.dead_letters import marks, settling, topic_box
from runtime import kafka
from runtime.records import Partition
from tests.faults.dying_service import DyingProducer, die

AT_ONCE = 10


class DyingMarks(marks.Marks):
    """Marks whose process ends with the third of them."""

    moment = ""
    mark_count = 0

    def move(self, connection: Connection, offsets: Mapping[Partition, int]) -> None:
        """Mark the letter, and perhaps end before the transaction does."""
        super().move(connection, offsets)
        DyingMarks.mark_count += 1
        if DyingMarks.mark_count > 2 and self.moment == "after":
            die()

    def moved(self, offsets: Mapping[Partition, int]) -> None:
        """Perhaps end after the transaction."""
        super().moved(offsets)
        if DyingMarks.mark_count > 2 and self.moment == "committed":
            die()


def main() -> None:
    """Run the command with the words that follow the step."""
    moment, method = sys.argv.pop(1).split(":")
    build = kafka.build_transactional_producer

    def build_dying(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as it is called
        return DyingProducer(build(*args, **kwargs), moment, method)

    DyingMarks.moment = method
    with (
        patch.object(topic_box, build.__name__, build_dying),
        patch("operations.dead_letters.sinks_again.Marks", DyingMarks),
        patch.object(settling, "_AT_ONCE", AT_ONCE),
    ):
        cli.main()


if __name__ == "__main__":
    main()
