"""Rules about names: aliases that mislead, namespaces that hide them."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations

from registry.compatibility.model import (
    Field,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.alignment import Pair, find_source
from registry.gate.paths import Path
from registry.gate.rule import Comparison, Observation, observe
from registry.gate.rules.fields import records
from registry.gate.samples import Sample, Unsampleable
from registry.gate.telling import telling
from registry.gate.texts import text_of
from registry.gate.trial import Outcome, Probe, Raised, is_same, run


def find_crossed(comparison: Comparison) -> Iterator[Observation]:
    """Two fields of one type take each other's place by their aliases."""
    for pair, reader, writer in records(comparison):
        for one, other in combinations(_by_alias(reader, writer), 2):
            field, source = one
            rival, rival_source = other
            if not _is_crossed(one, other):
                continue
            outcome = _run_field(comparison, pair, field, rival_source, source)
            if outcome is not None and outcome.is_changed:
                text = (
                    f"{{reader}} reads {pair.reader_path.names}.{field.name} from"
                    f" {source.name} and {rival.name} from {rival_source.name}: the two"
                    " have changed places, and so do their values"
                )
                yield _about_field(pair, field, source, text, outcome)


def find_moved(comparison: Comparison) -> Iterator[Observation]:
    """An alias that belonged to one field belongs to another."""
    for pair, reader, writer in records(comparison):
        owners = [each for each in writer.fields if each.aliases]
        for each in (each for each in reader.fields if each.aliases):
            for owner in owners:
                shared = set(each.aliases) & set(owner.aliases)
                if not shared or owner.name in (each.name, *each.aliases):
                    continue
                if owner.name not in reader.field_by_name:
                    continue
                alias = min(shared)
                outcome = _run_two_owners(pair, alias, each, owner)
                if outcome is not None and outcome.is_changed:
                    text = (
                        f"records that still call a field {alias} fill {owner.name} of"
                        f" {{writer}} but {each.name} of {{reader}}"
                    )
                    yield _about_field(pair, each, owner, text, outcome)


def find_claimed_twice(comparison: Comparison) -> Iterator[Observation]:
    """Two reader fields want one writer field; readers do not agree who gets it."""
    for pair, reader, writer in records(comparison):
        owners: dict[str, Field] = {}
        for each in reader.fields:
            source = find_source(each, writer)
            if source is None:
                continue
            first = owners.setdefault(source.name, each)
            if first is each:
                continue
            outcome = _run_either(comparison, pair, (first, each), source)
            if outcome is not None:
                text = (
                    f"{first.name} and {each.name} of {{reader}} both read"
                    f" {pair.writer_path.names}.{source.name} of {{writer}}; only one"
                    " of them gets it in Java"
                )
                yield _about_field(pair, each, source, text, outcome)


def find_hidden_alias(comparison: Comparison) -> Iterator[Observation]:
    """A field alias of a record whose full name has changed: Java does not see it."""
    for pair, reader, writer in records(comparison):
        if reader.name == writer.name or writer.name in reader.aliases:
            continue
        for field, source in _by_alias(reader, writer):
            outcome = _run_field(comparison, pair, field, source, source)
            if outcome is not None and outcome.is_changed:
                text = (
                    f"{{reader}} reads {pair.reader_path.names}.{field.name} by its"
                    f" alias {source.name}, which Java ignores since the record is"
                    f" {writer.name} with {{writer}} and {reader.name} with {{reader}}"
                )
                yield _about_field(pair, field, source, text, outcome)


def find_alias_of_another(comparison: Comparison) -> Iterator[Observation]:
    """A type alias names another type of the writer: Java renames the wrong one."""
    if not comparison.reads_as_registry or not _has_type_alias(comparison):
        return
    for pair in comparison.pairs:
        for value in _values(pair.writer):
            outcome = _run_plain(comparison, pair, value)
            if outcome is not None and _java_alone_raises(outcome):
                words = str(outcome.java_after)
                text = (
                    f"an alias of {{reader}} is the name of another type of {{writer}}:"
                    f" Java {words}"
                )
                yield observe(_aliased(comparison), text, outcome=outcome)
                return


def find_namespace(comparison: Comparison) -> Iterator[Observation]:
    """A type moved to another namespace without an alias of its old full name."""
    for pair in comparison.pairs:
        reader, writer = pair.reader, pair.writer
        if not isinstance(reader, NamedSchema) or not isinstance(writer, NamedSchema):
            continue
        if reader.name == writer.name or writer.name in reader.aliases:
            continue
        if reader.name.simple == writer.name.simple:
            text = (
                f"{pair.reader_path.names} is {writer.name} with {{writer}} and"
                f" {reader.name} with {{reader}}: some readers take them for different"
                " types, and others do not notice that the meaning has changed"
            )
            yield observe(pair, text)


def _by_alias(reader: RecordSchema, writer: RecordSchema) -> list[tuple[Field, Field]]:
    found = []
    for each in reader.fields:
        source = find_source(each, writer)
        if source is not None and source.name != each.name:
            found.append((each, source))
    return found


def _is_crossed(one: tuple[Field, Field], other: tuple[Field, Field]) -> bool:
    """True if the names say so, or the order does and the names do not object."""
    (field, source), (rival, rival_source) = one, other
    is_one_source = source.name == rival_source.name
    if is_one_source or text_of(source.type) != text_of(rival_source.type):
        return False
    leanings = {_leaning(field, source, rival_source)}
    leanings.add(_leaning(rival, rival_source, source))
    in_order = (field.index < rival.index) == (source.index < rival_source.index)
    return leanings == {-1} or (not in_order and leanings != {1})


def _leaning(field: Field, source: Field, rival: Field) -> int:
    """Return 1 if the field is named like its source, -1 if like the rival."""
    own = SequenceMatcher(a=field.name, b=source.name).ratio()
    other = SequenceMatcher(a=field.name, b=rival.name).ratio()
    return (own > other) - (own < other)


def _run_field(
    comparison: Comparison, pair: Pair, field: Field, meant: Field, source: Field
) -> Outcome | None:
    """Fill `source`; look where the writer meant `meant` and the reader has `field`."""
    try:
        value = telling(source.type)
    except Unsampleable:
        return None
    return comparison.run(
        Probe(
            value=value,
            writer_path=pair.writer_path.field(source.index, source.name),
            reader_path=pair.reader_path.field(field.index, field.name),
            meant_path=pair.writer_path.field(meant.index, meant.name),
        )
    )


def _run_either(
    comparison: Comparison, pair: Pair, fields: tuple[Field, Field], source: Field
) -> Outcome | None:
    """Return the outcome of the field that does not get the value, if one does not."""
    for each in fields:
        outcome = _run_field(comparison, pair, each, source, source)
        if outcome is not None and outcome.is_changed:
            return outcome
    return None


def _run_two_owners(
    pair: Pair, alias: str, field: Field, owner: Field
) -> Outcome | None:
    """Read a record that has only the alias's field as both sides do."""
    reader, writer = pair.reader, pair.writer
    if not isinstance(reader, RecordSchema) or not isinstance(writer, RecordSchema):
        return None
    older = RecordSchema(
        name=writer.name,
        fields=(Field(name=alias, index=0, type=owner.type),),
    )
    path = Path(pair.reader_path.root)
    try:
        value: Sample = [telling(owner.type)]
    except Unsampleable:
        return None
    probe = Probe(value=value, writer_path=path, reader_path=path)
    before = run(probe, writer=older, reader=writer)
    after = run(probe, writer=older, reader=reader)
    if before is None or after is None or field.name == owner.name:
        return None
    return after.compared_with(before)


def _run_plain(comparison: Comparison, pair: Pair, value: Sample) -> Outcome | None:
    return comparison.run(
        Probe(value=value, writer_path=pair.writer_path, reader_path=pair.reader_path)
    )


def _values(schema: Schema) -> tuple[Sample, ...]:
    if isinstance(schema, UnionSchema):
        return ()
    try:
        return (telling(schema),)
    except Unsampleable:
        return ()


def _java_alone_raises(outcome: Outcome) -> bool:
    raised = isinstance(outcome.java_after, Raised)
    before = isinstance(outcome.java_before, Raised)
    python = isinstance(outcome.python_after, Raised)
    same = is_same(outcome.java_before, outcome.java_after)
    return raised and not before and not python and not same


def _has_type_alias(comparison: Comparison) -> bool:
    """True if any type that meets one of the writer's has an alias."""
    return any(_is_aliased(pair) for pair in comparison.pairs)


def _aliased(comparison: Comparison) -> Pair:
    """Return the first pair whose reader's type has an alias; there is one."""
    return next(pair for pair in comparison.pairs if _is_aliased(pair))


def _is_aliased(pair: Pair) -> bool:
    return isinstance(pair.reader, NamedSchema) and bool(pair.reader.aliases)


def _about_field(
    pair: Pair, field: Field, source: Field, message: str, outcome: Outcome
) -> Observation:
    return Observation(
        message=message,
        reader=field,
        writer=source,
        reader_path=pair.reader_path.field(field.index, field.name),
        writer_path=pair.writer_path.field(source.index, source.name),
        witness=outcome.witness,
    )
