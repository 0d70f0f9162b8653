"""From what lies in the topics to a verdict."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from operations.verify.decoding import Decoder
from operations.verify.evidence import Evidence
from operations.verify.letters import Place, assign_letters
from operations.verify.matching import Pair, match_order
from operations.verify.outcomes import (
    Input,
    Output,
    id_of,
    is_replayed,
    place_of,
    read_input,
    read_output,
    replayed_id,
)
from operations.verify.pricing import Law, Order, in_units
from operations.verify.verdict import Verdict
from runtime.records import Record

_T = TypeVar("_T")


class Judge:
    """Compares one body of evidence with what must have become of its inputs."""

    def __init__(self, evidence: Evidence, decode: Decoder, law: Law) -> None:
        self._decode = decode
        self.verdict = Verdict(dead_letters=len(evidence.dead_letters))
        self._inputs = [read_input(each, decode, law) for each in evidence.inputs]
        self._outputs = [read_output(each, decode) for each in evidence.outputs]
        self._letters = assign_letters(
            evidence.dead_letters,
            {place_in(each): each for each in evidence.inputs},
            self.verdict,
        )
        self._replays = Counter(
            letter_id for each in evidence.inputs if (letter_id := replayed_id(each))
        )

    @property
    def orders(self) -> list[Order]:
        """Every input that can be decoded, in the order of the topic."""
        return [each.order for each in self._inputs if each.order is not None]

    def judge(self) -> Verdict:
        """Return the verdict."""
        due = [each for each in self._inputs if self._must_be_priced(each)]
        self.verdict.expected = len(due)
        order_ids = Counter(each.due.order_id for each in due)
        self.verdict.repeated_order_ids = len(due) - len(order_ids)
        pairs = self._match(due)
        self._check_order(pairs)
        self._check_replays()
        self.verdict.schema_ids.update(
            int.from_bytes((each.record.value or b"")[1:5]) for each in self._inputs
        )
        for output in self._outputs:
            if output.priced is not None:
                self.verdict.revenue[output.priced.currency] += output.priced.total
        return self.verdict

    def _must_be_priced(self, source: Input) -> bool:
        """Settle an input that needs no output; return True for the others."""
        letters = self._letters.get(place_in(source.record), [])
        if len(letters) > 1:
            self.verdict.note_duplicate(
                f"{place_of(source.record)}: {len(letters)} dead letters"
            )
        if source.refusal:
            if not letters:
                self.verdict.note_missing(
                    f"{place_of(source.record)}: no dead letter, though"
                    f" {source.refusal}"
                )
            return False
        return not (letters and self._is_excused(source, letters[0]))

    def _is_excused(self, source: Input, letter: Record) -> bool:
        """True if an input that can be priced may be a dead letter.

        That is so, too, if the letter came back: then the later input must be priced.
        """
        return bool(
            source.excuse
            or self._replays[id_of(letter)]
            or self._decode.count_trailing_bytes(source.record)
        )

    def _check_replays(self) -> None:
        for letter_id, count in self._replays.items():
            if count > 1:
                self.verdict.note_duplicate(
                    f"dead letter {letter_id.decode()} was replayed {count} times"
                )

    def _match(self, due: Sequence[Input]) -> list[Pair]:
        sources = _by_order((each.due.order_id, each) for each in due)
        outputs = _by_order((each.order_id, each) for each in self._outputs)
        pairs: list[Pair] = []
        for order_id in {**sources, **outputs}:
            found = match_order(sources.get(order_id, []), outputs.get(order_id, []))
            pairs += found.pairs
            for source in found.unanswered:
                self._note_unanswered(source)
            for output in found.surplus:
                self._note_surplus(output, is_known=order_id in sources)
        for pair in pairs:
            self._check_pair(pair)
        return pairs

    def _note_unanswered(self, source: Input) -> None:
        letters = self._letters.get(place_in(source.record))
        place = place_of(source.record)
        if letters:
            self.verdict.note_missing(
                f"{place}: order {source.due.order_id} can be priced, but is a dead"
                f" letter at {place_of(letters[0])}"
            )
        else:
            self.verdict.note_missing(
                f"{place}: nothing came of order {source.due.order_id}"
            )

    def _note_surplus(self, output: Output, *, is_known: bool) -> None:
        place = place_of(output.record)
        if output.fault:
            self.verdict.note_wrong(f"{place}: {output.fault}")
        elif is_known:
            self.verdict.note_duplicate(f"{place}: order {output.order_id} once more")
        else:
            self.verdict.note_wrong(f"{place}: no input has order {output.order_id}")

    def _check_pair(self, pair: Pair) -> None:
        source, output = pair
        place = place_of(output.record)
        if output.priced is None:
            self.verdict.note_wrong(f"{place}: {output.fault}")
        elif output.priced != source.due:
            difference = _difference(source, output)
            self.verdict.note_wrong(f"{place}: order {output.order_id}: {difference}")
        if self._letters.get(place_in(source.record)):
            self.verdict.note_duplicate(
                f"{place_of(source.record)}: both priced and a dead letter"
            )

    def _check_order(self, pairs: Sequence[Pair]) -> None:
        """Outputs follow each other as their inputs do, replayed ones excepted."""
        newest: dict[tuple[int, int], int] = {}
        for source, output in sorted(pairs, key=lambda pair: _position(pair.output)):
            if is_replayed(output.record):
                continue
            lane = (source.record.partition, output.record.partition)
            if source.record.offset < newest.get(lane, -1):
                self.verdict.note_out_of_order(
                    f"{place_of(output.record)}: order {output.order_id} follows one"
                    f" that came after it"
                )
            newest[lane] = max(newest.get(lane, -1), source.record.offset)


def judge(evidence: Evidence, decode: Decoder, law: Law) -> Verdict:
    """Return what is missing, duplicate, wrong or out of order.

    Raises:
        RegistryUnavailable: `decode` found no registry.
    """
    return Judge(evidence, decode, law).judge()


def place_in(record: Record) -> Place:
    """Return where a record lies."""
    return (record.topic, record.partition), record.offset


def _position(output: Output) -> tuple[int, int]:
    return output.record.partition, output.record.offset


def _by_order(pairs: Iterable[tuple[str, _T]]) -> Mapping[str, list[_T]]:
    grouped: dict[str, list[_T]] = defaultdict(list)
    for order_id, each in pairs:
        grouped[order_id].append(each)
    return grouped


def _difference(source: Input, output: Output) -> str:
    """Name the first field that is not what it must be."""
    if output.priced is None:
        return output.fault
    due, found = source.due._asdict(), output.priced._asdict()
    name = next(each for each in due if due[each] != found[each])
    if name == "total":
        return f"total is {in_units(found[name])}, must be {in_units(due[name])}"
    return f"{name} is {found[name]!r}, must be {due[name]!r}"
