"""Rules about enums: a symbol that a reader does not know becomes its default."""

from collections.abc import Iterator
from dataclasses import replace

from registry.compatibility.model import AvroType, EnumSchema
from registry.gate.alignment import Pair
from registry.gate.paths import Path
from registry.gate.rule import Comparison, Observation, observe
from registry.gate.trial import run_two_readers

_UNHEARD = "NOBODY_KNOWS_THIS"


def find_swallowed(comparison: Comparison) -> Iterator[Observation]:
    """The reader reads symbols that it lacks as its default."""
    for pair, reader, writer in _enums(comparison):
        if not _is_nullable(pair):
            yield from _swallowed(comparison, pair, reader, writer)


def find_swallowed_nullable(comparison: Comparison) -> Iterator[Observation]:
    """The same where null is allowed, too."""
    for pair, reader, writer in _enums(comparison):
        if _is_nullable(pair):
            for each in _swallowed(comparison, pair, reader, writer):
                yield replace(each, witness=None)


def find_default_changed(comparison: Comparison) -> Iterator[Observation]:
    """Symbols that neither knows become another default than before."""
    for pair, reader, writer in _enums(comparison):
        if None in (reader.default, writer.default) or reader.default == writer.default:
            continue
        outcome = run_two_readers(
            _UNHEARD,
            writer=replace(
                reader, symbols=(*reader.symbols, _UNHEARD), default=None, aliases=()
            ),
            before=replace(writer, name=reader.name),
            after=reader,
            path=Path(pair.reader_path.names),
        )
        if outcome is not None and outcome.is_changed:
            where = pair.reader_path.names
            text = (
                f"symbols of {where} that neither side knows read as {writer.default}"
                f" with {{writer}} and as {reader.default} with {{reader}}"
            )
            yield observe(pair, text, outcome=outcome)


def _swallowed(
    comparison: Comparison, pair: Pair, reader: EnumSchema, writer: EnumSchema
) -> Iterator[Observation]:
    lacking = [each for each in writer.symbols if each not in reader.symbols]
    if not lacking or reader.default is None:
        return
    outcome = comparison.find_changed(pair, tuple(lacking))
    if outcome is not None:
        text = (
            f"{{writer}} knows the symbols {', '.join(lacking)} of"
            f" {pair.reader_path.names}; {{reader}} reads them as {reader.default}"
        )
        yield observe(pair, text, outcome=outcome)


def _enums(
    comparison: Comparison,
) -> Iterator[tuple[Pair, EnumSchema, EnumSchema]]:
    for pair in comparison.pairs:
        match pair.reader, pair.writer:
            case EnumSchema() as reader, EnumSchema() as writer:
                yield pair, reader, writer


def _is_nullable(pair: Pair) -> bool:
    union = pair.reader_union
    return union is not None and any(
        each.type is AvroType.NULL for each in union.branches
    )
