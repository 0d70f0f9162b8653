"""Whether a reader schema reads what a writer schema wrote: Avro's own algorithm.

The algorithm remembers every pair of types it has compared. That changes nothing in
the verdict, but it decides what is reported where: a pair that is met again is
reported with the places of its first meeting, and types that were first met while
branches of a union were tried have places that start at that branch.

Two fields of equal types without a name in them are not looked into: they are
readable, and none of their parts can be met again from anywhere else.
"""

from typing import TypeAlias

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.depth import refuse_deep_recursion
from registry.compatibility.incompatibility import (
    Incompatibility,
    IncompatibilityType,
)
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.compatibility.ordering import code_units
from registry.compatibility.schema import AvroSchema
from registry.errors import AmbiguousField, TooMuchToCompare

_Path: TypeAlias = tuple[str, ...]
_Reasons: TypeAlias = list[Incompatibility]

_PROMOTIONS: dict[AvroType, frozenset[AvroType]] = {
    AvroType.LONG: frozenset({AvroType.INT}),
    AvroType.FLOAT: frozenset({AvroType.INT, AvroType.LONG}),
    AvroType.DOUBLE: frozenset({AvroType.INT, AvroType.LONG, AvroType.FLOAT}),
    AvroType.BYTES: frozenset({AvroType.STRING}),
    AvroType.STRING: frozenset({AvroType.BYTES}),
}
"""Reader -> the writers it reads by promotion."""

_NONE: _Reasons = []

_MOST_PAIRS = 200_000
"""Pairs of types that are compared at most: a few seconds, a hundred MB."""


@refuse_deep_recursion
def check_readable(
    *, reader: AvroSchema, writer: AvroSchema, avro: AvroVersion | None = None
) -> list[Incompatibility]:
    """Return every reason why the reader cannot read the writer's records.

    Args:
        reader: The schema that would decode.
        writer: The schema that encoded.
        avro: The generation whose places are reported; the reader's if not given.

    Returns:
        In the order of Avro's own checker, repeated where it repeats itself; empty
        means that all is readable.

    Raises:
        AmbiguousField: A reader field is more than one writer field. Registries count
            it as incompatible.
        SchemaTooDeep: The types are nested too deeply to be followed.
        TooMuchToCompare: Their unions have too many branches between them.
    """
    comparison = _Comparison(avro or reader.avro)
    return list(comparison.compare(reader.root, writer.root, ()))


class _Comparison:
    """One comparison, with its memory of pairs."""

    def __init__(self, avro: AvroVersion) -> None:
        self._avro = avro
        self._known: dict[tuple[int, int], _Reasons] = {}

    def compare(self, reader: Schema, writer: Schema, path: _Path) -> _Reasons:
        pair = (id(reader), id(writer))
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= _MOST_PAIRS:
                raise TooMuchToCompare(_MOST_PAIRS)
            self._known[pair] = _NONE  # inside itself a pair counts as readable
            known = self._known[pair] = self._find_reasons(reader, writer, path)
        return known

    def _find_reasons(self, reader: Schema, writer: Schema, path: _Path) -> _Reasons:
        match reader, writer:
            case RecordSchema(), RecordSchema():
                return self._compare_records(reader, writer, path)
            case EnumSchema(), EnumSchema():
                return self._compare_enums(reader, writer, path)
            case FixedSchema(), FixedSchema():
                return self._compare_fixed(reader, writer, path)
            case ArraySchema(), ArraySchema():
                return self.compare(reader.items, writer.items, (*path, "items"))
            case MapSchema(), MapSchema():
                return self.compare(reader.values, writer.values, (*path, "values"))
        return self._compare_plain(reader, writer, path)

    def _compare_plain(self, reader: Schema, writer: Schema, path: _Path) -> _Reasons:
        if isinstance(writer, UnionSchema):
            if isinstance(reader, UnionSchema):
                return self._compare_unions(reader, writer, path)
            return self._compare_with_branches(reader, writer, path)
        if reader.type is writer.type or _is_promoted(reader, writer):
            return _NONE
        if isinstance(reader, UnionSchema):
            return self._compare_with_union(reader, writer, path)
        message = (
            f"reader type: {reader.type.shout} not compatible with"
            f" writer type: {writer.type.shout}"
        )
        return [_reason(IncompatibilityType.TYPE_MISMATCH, path, message)]

    def _compare_unions(
        self, reader: UnionSchema, writer: UnionSchema, path: _Path
    ) -> _Reasons:
        """Every writer branch must be readable; what it lacks inside is not told."""
        return [
            _missing_branch(branch, (*path, str(index)))
            for index, branch in enumerate(writer.branches)
            if self.compare(reader, branch, ())
        ]

    def _compare_with_branches(
        self, reader: Schema, writer: UnionSchema, path: _Path
    ) -> _Reasons:
        """A reader that is no union must read every branch; 1.11 forgets where."""
        return [
            reason
            for index, branch in enumerate(writer.branches)
            for reason in self.compare(
                reader,
                branch,
                (*path, str(index)) if self._avro is AvroVersion.V1_12 else (),
            )
        ]

    def _compare_with_union(
        self, reader: UnionSchema, writer: Schema, path: _Path
    ) -> _Reasons:
        for branch in reader.branches:
            if not self.compare(branch, writer, ()):
                return _NONE
        return [_missing_branch(writer, path)]

    def _compare_records(
        self, reader: RecordSchema, writer: RecordSchema, path: _Path
    ) -> _Reasons:
        reasons = self._compare_names(reader, writer, path)
        for field in reader.fields:
            reasons.extend(self._compare_field(field, writer, path))
        return reasons

    def _compare_field(
        self, field: Field, writer: RecordSchema, path: _Path
    ) -> _Reasons:
        source = _find_source(field, writer)
        if source is not None and _is_plainly_equal(field, source):
            return _NONE
        place = (*path, "fields", str(field.index))
        if source is not None:
            return self.compare(field.type, source.type, (*place, "type"))
        if field.default is not None:
            return _NONE
        if isinstance(field.type, EnumSchema) and field.type.default is not None:
            # Avro expects the enum's default to help here; it never does.
            return self.compare(field.type, writer, (*place, "type"))
        kind = IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE
        return [_reason(kind, place, field.name)]

    def _compare_enums(
        self, reader: EnumSchema, writer: EnumSchema, path: _Path
    ) -> _Reasons:
        reasons = self._compare_names(reader, writer, path)
        missing = sorted(set(writer.symbols) - set(reader.symbols), key=code_units)
        if missing and reader.default not in reader.symbols:
            kind = IncompatibilityType.MISSING_ENUM_SYMBOLS
            shown = f"[{', '.join(missing)}]"
            reasons.append(_reason(kind, (*path, "symbols"), shown))
        return reasons

    def _compare_fixed(
        self, reader: FixedSchema, writer: FixedSchema, path: _Path
    ) -> _Reasons:
        reasons = self._compare_names(reader, writer, path)
        if reader.size != writer.size:
            kind = IncompatibilityType.FIXED_SIZE_MISMATCH
            message = f"expected: {writer.size}, found: {reader.size}"
            reasons.append(_reason(kind, (*path, "size"), message))
        return reasons

    def _compare_names(
        self, reader: NamedSchema, writer: NamedSchema, path: _Path
    ) -> _Reasons:
        """Namespaces are ignored, except in aliases."""
        if reader.name.simple == writer.name.simple or self._is_alias(reader, writer):
            return []
        kind = IncompatibilityType.NAME_MISMATCH
        return [_reason(kind, (*path, "name"), f"expected: {writer.name}")]

    def _is_alias(self, reader: NamedSchema, writer: NamedSchema) -> bool:
        """Since 1.12 a type with a namespace cannot be known by a name without."""
        has_lost_namespace = reader.name.namespace and not writer.name.namespace
        if has_lost_namespace and self._avro is AvroVersion.V1_12:
            return False
        return writer.name in reader.aliases


def _find_source(field: Field, writer: RecordSchema) -> Field | None:
    """Return the writer field that the reader field is, by name or by an alias."""
    if not field.aliases:
        return writer.field_by_name.get(field.name)
    names = (field.name, *field.aliases)
    sources = [
        writer.field_by_name[name] for name in names if name in writer.field_by_name
    ]
    if len(sources) > 1:
        shown = canonical_type_text(writer)
        reason = (
            f"Reader record field {field} matches multiple fields in writer"
            f" record schema {shown}"
        )
        raise AmbiguousField(reason)
    return sources[0] if sources else None


def _is_plainly_equal(reader: Field, writer: Field) -> bool:
    return reader.plain_type is not None and reader.plain_type == writer.plain_type


def _is_promoted(reader: Schema, writer: Schema) -> bool:
    return writer.type in _PROMOTIONS.get(reader.type, ())


def _missing_branch(writer: Schema, path: _Path) -> Incompatibility:
    message = f"reader union lacking writer type: {writer.type.shout}"
    return _reason(IncompatibilityType.MISSING_UNION_BRANCH, path, message)


def _reason(kind: IncompatibilityType, path: _Path, message: str) -> Incompatibility:
    return Incompatibility(type=kind, location=f"/{'/'.join(path)}", message=message)
