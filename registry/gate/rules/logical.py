"""Rules about logical types: the bytes stay, their meaning does not."""

from collections.abc import Iterator

from registry.compatibility.model import AvroType, FixedSchema, Schema
from registry.gate.alignment import Pair
from registry.gate.logical import LogicalType, logical_type
from registry.gate.paths import type_name
from registry.gate.python import PythonFailure, write_as_python
from registry.gate.rule import Comparison, Observation, observe
from registry.gate.samples import Sample
from registry.gate.texts import text_of
from registry.gate.trial import Outcome, Probe, Raised

_NEW_YEAR_S = 1_704_067_200
_NEW_YEAR_DAYS = 19_723
_HALF_PAST_TWELVE_MS = 45_000_000
_PER_SECOND = {"millis": 1_000, "micros": 1_000_000, "nanos": 1_000_000_000}
_NOT_A_UUID = "not-a-uuid"
_A_UUID = "8f14e45f-ceea-467f-a0e6-1f1f3d1d1d1d"


def find_changed(comparison: Comparison) -> Iterator[Observation]:
    """Both sides give the value a logical type, but not the same."""
    for pair in comparison.pairs:
        reader, writer = logical_type(pair.reader), logical_type(pair.writer)
        if reader is None or writer is None or reader.name == writer.name:
            continue
        outcome = comparison.find_changed(pair, probes(pair.writer))
        if outcome is not None:
            text = _sentence(pair, writer, reader)
            yield observe(pair, text, outcome=outcome)


def find_added(comparison: Comparison) -> Iterator[Observation]:
    """Only the reader gives the value a logical type."""
    for pair in comparison.pairs:
        reader, writer = logical_type(pair.reader), logical_type(pair.writer)
        if reader is None or writer is not None:
            continue
        outcome = comparison.find_changed(pair, probes(pair.writer))
        if outcome is not None:
            plain = type_name(pair.writer)
            text = _sentence(pair, plain, reader)
            yield observe(pair, text, outcome=outcome)


def find_removed(comparison: Comparison) -> Iterator[Observation]:
    """Only the writer gives the value a logical type."""
    for pair in comparison.pairs:
        reader, writer = logical_type(pair.reader), logical_type(pair.writer)
        if writer is None or reader is not None or _is_text_anyway(pair):
            continue
        outcome = comparison.find_changed(pair, probes(pair.writer))
        if outcome is not None:
            plain = type_name(pair.reader)
            text = _sentence(pair, writer, plain)
            yield observe(pair, text, outcome=outcome)


def find_scale(comparison: Comparison) -> Iterator[Observation]:
    """Both sides read a decimal, with the point at another place."""
    for pair, reader, writer in _decimals(comparison):
        if reader.scale == writer.scale:
            continue
        outcome = comparison.find_changed(pair, probes(pair.writer))
        if outcome is not None:
            text = _sentence(pair, writer, reader)
            yield observe(pair, text, outcome=outcome)


def find_precision(comparison: Comparison) -> Iterator[Observation]:
    """The reader's decimal has room for fewer digits than were written."""
    for pair, reader, writer in _decimals(comparison):
        if reader.scale != writer.scale or reader.precision >= writer.precision:
            continue
        outcome = _run_widest(comparison, pair, writer)
        if outcome is not None:
            text = (
                f"{_sentence(pair, writer, reader)},"
                " and gets values that it could not write itself"
            )
            yield observe(pair, text, outcome=outcome)


def probes(  # noqa: PLR0911 - one line a type
    schema: Schema,
) -> tuple[Sample, ...]:
    """Return values of the type that show a change of meaning."""
    logical = logical_type(schema)
    if logical is not None:
        return _logical_probes(logical, schema)
    match schema.type:
        case AvroType.INT:
            return (_NEW_YEAR_DAYS, _HALF_PAST_TWELVE_MS, -1)
        case AvroType.LONG:
            return (_NEW_YEAR_S, -1)
        case AvroType.STRING:
            return (_NOT_A_UUID, "123.45")
        case AvroType.BYTES:
            return (b"123.45",)
    if isinstance(schema, FixedSchema):
        return ((12_345).to_bytes(max(schema.size, 2), "big")[-schema.size :],)
    return ()


def _logical_probes(logical: LogicalType, schema: Schema) -> tuple[Sample, ...]:
    name = logical.name
    if name == "decimal":
        return (_digits(logical, schema, "123456789"),)
    if name == "uuid":
        is_text = schema.type is AvroType.STRING
        return (_A_UUID if is_text else bytes.fromhex(_A_UUID.replace("-", "")),)
    if name == "date":
        return (_NEW_YEAR_DAYS,)
    if name.startswith("time-"):
        return (_HALF_PAST_TWELVE_MS * (1 if name == "time-millis" else 1_000),)
    if "timestamp" in name:
        return ((_NEW_YEAR_S + 25_200) * _PER_SECOND[name.rpartition("-")[2]],)
    return (bytes(range(1, 13)),)


def _digits(logical: LogicalType, schema: Schema, digits: str) -> bytes:
    """Return an unscaled number of three digits before the point, or as fit."""
    count = min(logical.precision, logical.scale + 3)
    number = int((digits * (count // len(digits) + 1))[:count])
    size = schema.size if isinstance(schema, FixedSchema) else 0
    return number.to_bytes(size or number.bit_length() // 8 + 1, "big", signed=True)


def _decimals(
    comparison: Comparison,
) -> Iterator[tuple[Pair, LogicalType, LogicalType]]:
    for pair in comparison.pairs:
        reader, writer = logical_type(pair.reader), logical_type(pair.writer)
        if reader is None or writer is None:
            continue
        if reader.name == writer.name == "decimal":
            yield pair, reader, writer


def _run_widest(
    comparison: Comparison, pair: Pair, writer: LogicalType
) -> Outcome | None:
    """Write as many digits as the writer may; see whether the reader could, too."""
    number = int("9" * writer.precision)
    size = pair.writer.size if isinstance(pair.writer, FixedSchema) else 0
    value = number.to_bytes(size or number.bit_length() // 8 + 1, "big", signed=True)
    probe = Probe(
        value=value, writer_path=pair.writer_path, reader_path=pair.reader_path
    )
    outcome = comparison.run(probe)
    if outcome is None or isinstance(outcome.python_after, Raised):
        return outcome
    try:
        write_as_python(outcome.python_after, writer=text_of(pair.reader))
    except PythonFailure as exc:
        return outcome.then(f"{exc} when it is written again")
    return None


def _is_text_anyway(pair: Pair) -> bool:
    """True for a UUID in a string: whoever reads plain text reads the same."""
    return pair.writer.type is AvroType.STRING


def _sentence(pair: Pair, writer: object, reader: object) -> str:
    where = pair.reader_path.names
    return f"{{writer}} writes {where} as {writer}, {{reader}} reads it as {reader}"
