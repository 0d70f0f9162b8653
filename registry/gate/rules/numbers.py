"""Rules about promotions: what one type can say and the other cannot."""

from collections.abc import Iterator

from registry.compatibility.model import AvroType, Schema, UnionSchema
from registry.gate.alignment import Pair
from registry.gate.logical import logical_type
from registry.gate.paths import type_name
from registry.gate.rule import Comparison, Observation, observe
from registry.gate.samples import Sample
from registry.gate.trial import Outcome, Probe

_UNEXACT_IN_FLOAT = 16_777_217
_UNEXACT_IN_DOUBLE = 9_007_199_254_740_993
_NO_TEXT = b"\xff\xfe\x00"
_NO_ASCII = "é"
_SMALL = 5

_NUMBERS = frozenset({AvroType.INT, AvroType.LONG, AvroType.FLOAT, AvroType.DOUBLE})
_LOSSY: dict[tuple[AvroType, AvroType], tuple[Sample, ...]] = {
    (AvroType.INT, AvroType.FLOAT): (_UNEXACT_IN_FLOAT,),
    (AvroType.LONG, AvroType.FLOAT): (_UNEXACT_IN_DOUBLE,),
    (AvroType.LONG, AvroType.DOUBLE): (_UNEXACT_IN_DOUBLE,),
}


def find_lossy(comparison: Comparison) -> Iterator[Observation]:
    """A whole number is read as a floating-point number with too few digits."""
    for pair in comparison.pairs:
        values = _LOSSY.get((pair.writer.type, pair.reader.type), ())
        if not values or _has_choice(pair) or _has_logical(pair):
            continue
        outcome = comparison.find_changed(pair, values)
        if outcome is not None:
            yield observe(pair, f"{_sentence(pair)} and loses digits", outcome=outcome)


def find_bytes_as_text(comparison: Comparison) -> Iterator[Observation]:
    """Bytes are read as a string."""
    yield from _promoted(
        comparison,
        AvroType.BYTES,
        AvroType.STRING,
        (_NO_TEXT,),
        "not all bytes are text",
    )


def find_text_as_bytes(comparison: Comparison) -> Iterator[Observation]:
    """A string is read as bytes."""
    yield from _promoted(
        comparison, AvroType.STRING, AvroType.BYTES, (_NO_ASCII,), "text becomes bytes"
    )


def find_union_choice(comparison: Comparison) -> Iterator[Observation]:
    """A reader's union of several types takes a value with another than its own."""
    for pair in comparison.pairs:
        if not _has_choice(pair) or _has_logical(pair):
            continue
        outcome = _run_choice(comparison, pair)
        if outcome is None:
            continue
        if outcome.is_changed or type(outcome.java_before) is not type(
            outcome.java_after
        ):
            choices = ", ".join(type_name(each) for each in _branches(pair))
            text = (
                f"{{writer}} writes {pair.reader_path.names} as"
                f" {type_name(pair.writer)}, {{reader}} has the choice of {choices}"
                f" and the value changes its type"
            )
            yield observe(pair, text, outcome=outcome)


def _promoted(
    comparison: Comparison,
    writer: AvroType,
    reader: AvroType,
    values: tuple[Sample, ...],
    why: str,
) -> Iterator[Observation]:
    for pair in comparison.pairs:
        if (pair.writer.type, pair.reader.type) != (writer, reader):
            continue
        if _has_choice(pair) or _has_logical(pair):
            continue
        outcome = comparison.find_changed(pair, values)
        if outcome is not None:
            yield observe(pair, f"{_sentence(pair)}; {why}", outcome=outcome)


def _run_choice(comparison: Comparison, pair: Pair) -> Outcome | None:
    values = _choice_values(pair.writer)
    changed = comparison.find_changed(pair, values)
    if changed is not None or not values or not _is_other_kind(pair):
        return changed
    probe = Probe(
        value=_SMALL if pair.writer.type in _NUMBERS else values[0],
        writer_path=pair.writer_path,
        reader_path=pair.reader_path,
    )
    return comparison.run(probe)


def _choice_values(writer: Schema) -> tuple[Sample, ...]:
    match writer.type:
        case AvroType.INT:
            return (_UNEXACT_IN_FLOAT,)
        case AvroType.LONG:
            return (_UNEXACT_IN_DOUBLE,)
        case AvroType.BYTES:
            return (_NO_TEXT,)
        case AvroType.STRING:
            return (_NO_ASCII,)
    return ()


def _is_other_kind(pair: Pair) -> bool:
    """True if the value arrives as another kind; int and long are one kind."""
    whole = {AvroType.INT, AvroType.LONG}
    if pair.writer.type in whole and pair.reader.type in whole:
        return False
    return pair.writer.type is not pair.reader.type


def _has_choice(pair: Pair) -> bool:
    return len(_branches(pair)) > 1


def _branches(pair: Pair) -> list[Schema]:
    union = pair.reader_union
    if not isinstance(union, UnionSchema):
        return []
    return [each for each in union.branches if each.type is not AvroType.NULL]


def _has_logical(pair: Pair) -> bool:
    return (
        logical_type(pair.reader) is not None or logical_type(pair.writer) is not None
    )


def _sentence(pair: Pair) -> str:
    return (
        f"{{writer}} writes {pair.reader_path.names} as {type_name(pair.writer)},"
        f" {{reader}} reads it as {type_name(pair.reader)}"
    )
