"""Rules of the registry itself: what Avro cannot read at all."""

from collections.abc import Callable, Iterator

from registry.gate.mismatches import find_mismatches
from registry.gate.rule import Comparison, Observation


def finder(rule_id: str) -> Callable[[Comparison], Iterator[Observation]]:
    """Return the function that finds mismatches of one kind."""

    def find(comparison: Comparison) -> Iterator[Observation]:
        if comparison.reads_as_registry:
            return
        for each in find_mismatches(reader=comparison.reader, writer=comparison.writer):
            if each.rule_id == rule_id:
                yield each.observation

    return find
