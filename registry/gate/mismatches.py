"""Why a reader cannot read a writer: Avro's own rules, with names, places and causes.

`registry.compatibility` gives the verdict, in the registry's order and words. This walk
follows the same rules to say the same to people: by field names, at both places, and
with what a union keeps to itself.
"""

from dataclasses import dataclass
from functools import lru_cache

from registry.compatibility.incompatibility import IncompatibilityType
from registry.compatibility.model import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.java_branches import is_promotable
from registry.gate.paths import Path, type_name
from registry.gate.rule import Observation
from registry.gate.texts import says_the_same

AMBIGUOUS = "FIELD_MATCHES_TWICE"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One reason, with the rule it belongs to."""

    rule_id: str
    observation: Observation


@dataclass(frozen=True, slots=True)
class _Place:
    """Two parts that meet, and where."""

    reader: Schema
    writer: Schema
    reader_path: Path
    writer_path: Path

    def says(self, rule_id: str, message: str, *, cause: str = "") -> Mismatch:
        return Mismatch(
            rule_id,
            Observation(
                message=message,
                reader=self.reader,
                writer=self.writer,
                reader_path=self.reader_path,
                writer_path=self.writer_path,
                cause=cause,
            ),
        )


def find_mismatches(*, reader: Schema, writer: Schema) -> tuple[Mismatch, ...]:
    """Return every reason, outer ones first; each once."""
    return _find_mismatches(reader, writer)


@lru_cache(maxsize=16)
def _find_mismatches(reader: Schema, writer: Schema) -> tuple[Mismatch, ...]:
    place = _Place(reader, writer, Path.of(reader), Path.of(writer))
    found = _Explanation().explain(place)
    return tuple({id(each): each for each in found}.values())


class _Explanation:
    """One comparison; a pair that contains itself counts as readable inside."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], list[Mismatch]] = {}

    def explain(self, place: _Place) -> list[Mismatch]:
        key = (id(place.reader), id(place.writer))
        known = self._known.get(key)
        if known is None:
            self._known[key] = []
            known = self._known[key] = self._find(place)
        return known

    def _find(self, place: _Place) -> list[Mismatch]:
        match place.reader, place.writer:
            case RecordSchema() as reader, RecordSchema() as writer:
                return self._records(place, reader, writer)
            case EnumSchema() as reader, EnumSchema() as writer:
                return [
                    *_names(place, reader, writer),
                    *_symbols(place, reader, writer),
                ]
            case FixedSchema() as reader, FixedSchema() as writer:
                return [*_names(place, reader, writer), *_sizes(place, reader, writer)]
            case ArraySchema() as reader, ArraySchema() as writer:
                return self.explain(
                    _Place(
                        reader.items,
                        writer.items,
                        place.reader_path.item(),
                        place.writer_path.item(),
                    )
                )
            case MapSchema() as reader, MapSchema() as writer:
                return self.explain(
                    _Place(
                        reader.values,
                        writer.values,
                        place.reader_path.value(),
                        place.writer_path.value(),
                    )
                )
        return self._plain(place)

    def _plain(self, place: _Place) -> list[Mismatch]:
        if isinstance(place.writer, UnionSchema):
            return self._writer_union(place, place.writer)
        reader, writer = place.reader, place.writer
        if reader.type is writer.type or is_promotable(writer.type, reader.type):
            return []
        if isinstance(reader, UnionSchema):
            return self._reader_union(place, reader)
        text = (
            f"{{writer}} writes {place.reader_path.names} as {type_name(writer)},"
            f" {{reader}} reads {type_name(reader)}"
        )
        return [place.says(IncompatibilityType.TYPE_MISMATCH, text)]

    def _writer_union(self, place: _Place, union: UnionSchema) -> list[Mismatch]:
        found: list[Mismatch] = []
        for index, branch in enumerate(union.branches):
            path = place.writer_path.branch(index)
            inner = _Place(place.reader, branch, place.reader_path, path)
            found += self.explain(inner)
        return found

    def _reader_union(self, place: _Place, union: UnionSchema) -> list[Mismatch]:
        causes: list[str] = []
        for index, branch in enumerate(union.branches):
            path = place.reader_path.branch(index)
            inner = self.explain(_Place(branch, place.writer, path, place.writer_path))
            if not inner:
                return []
            fatal = [each for each in inner if each.rule_id == AMBIGUOUS]
            if fatal:  # Avro raises here instead of trying the next branch
                return fatal
            if branch.type is place.writer.type:
                causes += [each.observation.message for each in inner]
        writer = type_name(place.writer)
        choices = ", ".join(type_name(each) for each in union.branches) or "nothing"
        text = (
            f"{{writer}} may write {place.reader_path.names} as {writer}, which no"
            f" branch of {{reader}} reads ({choices})"
        )
        cause = "; ".join(causes) or f"there is no branch of type {place.writer.type}"
        kind = IncompatibilityType.MISSING_UNION_BRANCH
        return [place.says(kind, text, cause=cause)]

    def _records(
        self, place: _Place, reader: RecordSchema, writer: RecordSchema
    ) -> list[Mismatch]:
        found = _names(place, reader, writer)
        for each in reader.fields:
            found += self._field(place, each, writer)
        return found

    def _field(
        self, place: _Place, field: Field, writer: RecordSchema
    ) -> list[Mismatch]:
        names = dict.fromkeys((field.name, *field.aliases))
        sources = [
            writer.field_by_name[name] for name in names if name in writer.field_by_name
        ]
        own_alias = field.name in field.aliases and field.name in writer.field_by_name
        if len(sources) > 1 or own_alias:
            return [_ambiguous(place, field, sources)]
        if sources and says_the_same(field, sources[0]):
            return []
        if sources:
            source = sources[0]
            path = place.reader_path.field(field.index, field.name)
            writer_path = place.writer_path.field(source.index, source.name)
            return self.explain(_Place(field.type, source.type, path, writer_path))
        if field.default is not None:
            return []
        return [_missing(place, field)]


def _missing(place: _Place, field: Field) -> Mismatch:
    path = place.reader_path.field(field.index, field.name)
    text = f"{{reader}} needs {path.names}, which {{writer}} does not have: no default"
    own = isinstance(field.type, EnumSchema) and field.type.default is not None
    return Mismatch(
        IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE,
        Observation(
            message=text,
            reader=field,
            writer=place.writer,
            reader_path=path,
            writer_path=place.writer_path,
            cause="the enum's default stands for symbols, not for a field"
            if own
            else "",
        ),
    )


def _ambiguous(place: _Place, field: Field, sources: list[Field]) -> Mismatch:
    path = place.reader_path.field(field.index, field.name)
    listed = " and ".join(each.name for each in sources)
    text = (
        f"{path.names} of {{reader}} is, by its name and its aliases, {listed} of"
        " {writer}: Avro refuses to choose"
    )
    if len(sources) == 1:
        text = (
            f"{path.names} of {{reader}} has its own name as an alias: Avro finds it"
            " twice in {writer} and refuses to choose"
        )
    return Mismatch(
        AMBIGUOUS,
        Observation(
            message=text,
            reader=field,
            writer=sources[-1],
            reader_path=path,
            writer_path=place.writer_path.field(sources[-1].index, sources[-1].name),
        ),
    )


def _names(place: _Place, reader: NamedSchema, writer: NamedSchema) -> list[Mismatch]:
    if reader.name.simple == writer.name.simple or _is_alias(reader, writer):
        return []
    text = (
        f"{place.reader_path.names} is called {writer.name} by {{writer}} and"
        f" {reader.name} by {{reader}}, which has no alias for it"
    )
    return [place.says(IncompatibilityType.NAME_MISMATCH, text)]


def _is_alias(reader: NamedSchema, writer: NamedSchema) -> bool:
    """True if an alias of the reader names the writer.

    From inside a namespace Avro 1.12 never finds a name without one.
    """
    if reader.name.namespace and not writer.name.namespace:
        return False
    return writer.name in reader.aliases


def _symbols(place: _Place, reader: EnumSchema, writer: EnumSchema) -> list[Mismatch]:
    missing = [each for each in writer.symbols if each not in reader.symbols]
    if not missing or reader.default in reader.symbols:
        return []
    text = (
        f"{{writer}} may write {', '.join(missing)} as {place.reader_path.names};"
        f" {{reader}} does not know it and has no enum default"
    )
    return [place.says(IncompatibilityType.MISSING_ENUM_SYMBOLS, text)]


def _sizes(place: _Place, reader: FixedSchema, writer: FixedSchema) -> list[Mismatch]:
    if reader.size == writer.size:
        return []
    text = (
        f"{place.reader_path.names} has {writer.size} bytes with {{writer}} and"
        f" {reader.size} with {{reader}}"
    )
    return [place.says(IncompatibilityType.FIXED_SIZE_MISMATCH, text)]
