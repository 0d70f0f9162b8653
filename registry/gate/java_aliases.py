"""What Avro for Java does first: rename the writer's types and fields by the reader's.

The renaming goes by name alone, wherever the name occurs. That is how an alias can hit
another type, and how a field alias is missed when its record's name has changed.
"""

from dataclasses import replace

from registry.compatibility.model import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    FullName,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    complete,
)
from registry.gate.java_values import JavaFailure


def apply_aliases(writer: Schema, reader: Schema) -> Schema:
    """Return the writer under the names that the reader's aliases give it.

    Raises:
        JavaFailure: Two branches or fields end up with one name.
    """
    aliases = _Aliases()
    aliases.collect(reader)
    if not aliases.types and not aliases.fields:
        return writer
    return _Renaming(aliases).rename(writer)


class _Aliases:
    """The reader's aliases: of types, and per record of fields."""

    def __init__(self) -> None:
        self.types: dict[str, FullName] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self._seen: set[int] = set()

    def collect(self, schema: Schema) -> None:
        match schema:
            case ArraySchema():
                self.collect(schema.items)
            case MapSchema():
                self.collect(schema.values)
            case UnionSchema():
                for branch in schema.branches:
                    self.collect(branch)
            case RecordSchema() | EnumSchema() | FixedSchema():
                self._collect_named(schema)

    def _collect_named(self, schema: RecordSchema | EnumSchema | FixedSchema) -> None:
        if id(schema) in self._seen:
            return
        self._seen.add(id(schema))
        for alias in schema.aliases:
            self.types[str(alias)] = schema.name
        if isinstance(schema, RecordSchema):
            for each in schema.fields:
                self._collect_field(schema, each)

    def _collect_field(self, record: RecordSchema, each: Field) -> None:
        for alias in each.aliases:
            self.fields.setdefault(str(record.name), {})[alias] = each.name
        self.collect(each.type)


class _Renaming:
    def __init__(self, aliases: _Aliases) -> None:
        self._aliases = aliases
        self._done: dict[int, Schema] = {}

    def rename(self, schema: Schema) -> Schema:
        match schema:
            case PrimitiveSchema():
                return schema
            case ArraySchema():
                return replace(schema, items=self.rename(schema.items))
            case MapSchema():
                return replace(schema, values=self.rename(schema.values))
            case UnionSchema():
                return self._union(schema)
            case RecordSchema():
                return self._record(schema)
            case EnumSchema() | FixedSchema():
                return replace(schema, name=self._name(schema.name))

    def _name(self, name: FullName) -> FullName:
        return self._aliases.types.get(str(name), name)

    def _union(self, schema: UnionSchema) -> Schema:
        branches = tuple(self.rename(each) for each in schema.branches)
        names: set[str] = set()
        for branch in branches:
            name = full_name(branch)
            if name in names:
                raise JavaFailure(f"AvroRuntimeException: Duplicate in union:{name}")
            names.add(name)
        return replace(schema, branches=branches)

    def _record(self, schema: RecordSchema) -> Schema:
        done = self._done.get(id(schema))
        if done is not None:
            return done
        renamed = replace(schema, name=self._name(schema.name), fields=())
        self._done[id(schema)] = renamed
        by_alias = self._aliases.fields.get(str(renamed.name), {})
        fields = [
            replace(
                each,
                name=by_alias.get(each.name, each.name),
                type=self.rename(each.type),
            )
            for each in schema.fields
        ]
        _refuse_twins(renamed, fields)
        complete(renamed, fields=tuple(fields))
        return renamed


def full_name(schema: Schema) -> str:
    """Return a named type's full name, else the word of the type."""
    if isinstance(schema, RecordSchema | EnumSchema | FixedSchema):
        return str(schema.name)
    return str(schema.type)


def _refuse_twins(record: RecordSchema, fields: list[Field]) -> None:
    names: set[str] = set()
    for each in fields:
        if each.name in names:
            text = f"Duplicate field {each.name} in record {record.name}"
            raise JavaFailure(f"AvroRuntimeException: {text}")
        names.add(each.name)
