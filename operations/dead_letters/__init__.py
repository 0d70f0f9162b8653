"""Dead letters: look at them, give them back, or be done with them.

A box holds the dead letters of one service: `TopicBox` those of a processor, in
`<topic>.dlq`, `TableBox` those of a sink, in its own database. `settle` replays or
drops what a `Selection` chooses; whatever happens meanwhile, a letter is settled once.
"""

from operations.dead_letters.box import Box, Settled
from operations.dead_letters.letter import Letter, Outcome
from operations.dead_letters.selection import Selection
from operations.dead_letters.settling import Decide, Decision, drop, preview, settle
from operations.dead_letters.table_box import TableBox
from operations.dead_letters.topic_box import TopicBox

__all__ = [
    "Box",
    "Decide",
    "Decision",
    "Letter",
    "Outcome",
    "Selection",
    "Settled",
    "TableBox",
    "TopicBox",
    "drop",
    "preview",
    "settle",
]
