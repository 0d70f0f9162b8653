"""Dead letters: each must name the input that it is, unchanged, once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from operations.verify.outcomes import place_of
from operations.verify.verdict import Verdict
from runtime.records import Partition, Record

Place = tuple[Partition, int]
"""Partition and offset of an input."""

_ORIGIN = "__streams.errors."


def assign_letters(
    letters: Sequence[Record], inputs: Mapping[Place, Record], verdict: Verdict
) -> dict[Place, list[Record]]:
    """Return the dead letters of each input; note those that belong to none."""
    assigned: dict[Place, list[Record]] = defaultdict(list)
    for letter in letters:
        place = _origin(letter)
        source = inputs.get(place) if place is not None else None
        if place is None or source is None:
            verdict.note_wrong(f"{place_of(letter)}: dead letter of no input there is")
        elif (letter.key, letter.value) != (source.key, source.value):
            verdict.note_wrong(f"{place_of(letter)}: differs from {place_of(source)}")
        else:
            assigned[place].append(letter)
    return assigned


def _origin(letter: Record) -> Place | None:
    headers = {
        name: (value or b"").decode(errors="replace") for name, value in letter.headers
    }
    topic = headers.get(_ORIGIN + "topic", "")
    partition = headers.get(_ORIGIN + "partition", "")
    offset = headers.get(_ORIGIN + "offset", "")
    if not (partition.isdecimal() and offset.isdecimal()):
        return None
    return (topic, int(partition)), int(offset)
