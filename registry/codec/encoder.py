"""Encoders: generated from the schema that is written with."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial

from registry.codec import writing
from registry.codec.defaults import default_value
from registry.codec.encoded_values import EncodedValues, is_text
from registry.codec.generated import Generated, below, scope_of, type_word
from registry.codec.logical import Numbers
from registry.codec.shape import find_shared_records
from registry.codec.source import Source, literal
from registry.codec.unions import UnionByFastavro, find_nullable
from registry.codec.wanted import ITEMS, VALUES
from registry.codec.writing import number_bytes
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    Field,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

_SCOPE = scope_of(
    writing,
    *("DOUBLE", "FAULTS", "FLOAT", "SHORT", "SHORT_COUNT", "fixed", "integer"),
    *("mapping", "number_bytes", "raw_bytes", "real", "scaled_instant", "sequence"),
    *("timestamp_micros", "timestamp_millis", "write_boolean", "write_int"),
    *("write_long", "write_null"),
)
_LOCALS = "PREFIX count encode event exc key out unfit"
_DEEPEST = 10
_CONTAINERS = (ArraySchema, MapSchema, RecordSchema, UnionSchema)


def generate_encoder(
    root: Schema, numbers: Numbers, prefix: bytes, passed_on: Collection[str] = ()
) -> Generated:
    """Return what encodes events, `encode(event)`; its bytes begin with the prefix."""
    writer = _Writing(root, numbers, passed_on)
    writer.source.give("PREFIX", prefix)
    writer.write(root)
    return Generated(
        function=writer.source.compile("encode"), source=writer.source.text
    )


class _Writing:
    """Writes one encoder; every method adds lines that put bytes into `out`."""

    def __init__(
        self, root: Schema, numbers: Numbers, passed_on: Collection[str]
    ) -> None:
        self.source = Source(_SCOPE, _LOCALS)
        self._numbers = numbers
        self._passed_on = passed_on
        self._shared = find_shared_records(root)
        self._functions: dict[int, str] = {}
        self._waiting: list[Callable[[], None]] = []
        self._parts: list[str] = []
        self._values = EncodedValues(self.source, numbers, self._parts.append)
        self.source.give("unfit", partial(writing.unfit, self.source.paths))

    def write(self, root: Schema) -> None:
        """Write `encode`, and before it is used, every function it calls."""
        with self.source.block("def encode(event):"), self._faults():
            self.source.line("out = [PREFIX]")
            self._write_here(root, "event")
            self._flush()
            self.source.line('return b"".join(out)')
        while self._waiting:
            self.source.line("", "")
            self._waiting.pop()()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Whatever is wrong with the event, the lines inside raise UnfitEvent."""
        with self.source.block("try:"):
            yield
        with self.source.block("except FAULTS as exc:"):
            self.source.line("raise unfit(exc) from exc")

    @contextmanager
    def _inner(self, head: str) -> Iterator[None]:
        """What is added inside the context is written where the line `head` leads."""
        self._flush()
        with self.source.block(head):
            yield
            self._flush()

    def _flush(self) -> None:
        """Add the bytes of what was written since the last time."""
        if self._parts:
            with self.source.block("out += ("):
                self.source.line(*(f"{part}," for part in self._parts))
            self.source.line(")")
            self._parts.clear()

    def _write(self, schema: Schema, value: str) -> None:
        """Add lines that write the value that a name stands for."""
        is_deep = self.source.depth > _DEEPEST and isinstance(schema, _CONTAINERS)
        if is_deep or id(schema) in self._shared:
            self._flush()
            self.source.line(f"{self._function(schema)}({value}, out)")
        else:
            self._write_here(schema, value)

    def _function(self, schema: Schema) -> str:
        if id(schema) not in self._functions:
            name = self.source.name(f"write_{type_word(schema)}")
            self._functions[id(schema)] = name
            self._waiting.append(lambda: self._write_function(name, schema))
        return self._functions[id(schema)]

    def _write_function(self, name: str, schema: Schema) -> None:
        value = self.source.name("value")
        with (
            self.source.about(type_word(schema)),
            self.source.block(f"def {name}({value}, out):"),
            self._faults(),
        ):
            self._write_here(schema, value)
            self._flush()
            self.source.line("return")

    def _write_here(self, schema: Schema, value: str) -> None:
        match schema:
            case RecordSchema():
                self._write_record(schema, value)
            case UnionSchema():
                self._write_union(schema, value)
            case ArraySchema():
                self._write_array(schema, value)
            case MapSchema():
                self._write_map(schema, value)
            case _:
                self._values.write(schema, value)

    def _write_record(self, record: RecordSchema, value: str) -> None:
        if not record.fields:
            self.source.line(f"mapping({value})")
        passed_on = () if self.source.path else self._passed_on
        for field in record.fields:
            with self.source.about(below(self.source.path, field.name)):
                if field.name in passed_on:
                    self._write_bytes(field, value)
                else:
                    self._write_field(field, value)

    def _write_field(self, field: Field, record: str) -> None:
        key = literal(field.name)
        name = self.source.name(field.name)
        value = self._look_up(field, record, key)
        if is_text(field.type):
            self._values.write_text(name, value)
        else:
            self.source.line(f"{name} = {value}")
            self._write(field.type, name)

    def _write_bytes(self, field: Field, record: str) -> None:
        """Write a field whose bytes the event holds."""
        name = self.source.name(field.name)
        self.source.line(
            f"{name} = {record}[{literal(field.name)}]",
            f"if type({name}) is not bytes:",
            f"    {name} = raw_bytes({name})",
        )
        self._parts.append(name)

    def _look_up(self, field: Field, record: str, key: str) -> str:
        """A missing field is its default; None if it may be null, as in fastavro."""
        if field.default is not None:
            value = default_value(field.type, field.default, self._numbers)
            default = self.source.constant(f"{field.name}_default", value)
            return f"{record}.get({key}, {default})"
        branches = field.type.branches if isinstance(field.type, UnionSchema) else ()
        is_nullable = any(
            each.type is AvroType.NULL for each in (field.type, *branches)
        )
        return f"{record}.get({key})" if is_nullable else f"{record}[{key}]"

    def _write_array(self, array: ArraySchema, value: str) -> None:
        self.source.line(
            f"if type({value}) is not list:", f"    {value} = sequence({value})"
        )
        item = self.source.name(f"{value}_item")
        with (
            self._items(value, f"for {item} in {value}:"),
            self.source.about(f"{self.source.path}{ITEMS}"),
        ):
            self._write(array.items, item)

    def _write_map(self, map_: MapSchema, value: str) -> None:
        self.source.line(
            f"if type({value}) is not dict:", f"    {value} = mapping({value})"
        )
        item = self.source.name(f"{value}_value")
        with (
            self._items(value, f"for key, {item} in {value}.items():"),
            self.source.about(f"{self.source.path}{VALUES}"),
        ):
            self._values.write_text("key", "key")
            self._write(map_.values, item)

    @contextmanager
    def _items(self, value: str, loop: str) -> Iterator[None]:
        with self._inner(f"if {value}:"):
            self._values.write_count(f"len({value})")
            with self._inner(loop):
                yield
        self._parts.append(r'b"\x00"')

    def _write_union(self, union: UnionSchema, value: str) -> None:
        nullable = find_nullable(union)
        if nullable is None:
            self._hand_over(union, value)
            return
        with self._inner(f"if {value} is None:"):
            self._parts.append(repr(number_bytes(nullable.null_index)))
        with self._inner(f"elif type({value}) is tuple:"):
            self._hand_over(union, value)
        with self._inner("else:"):
            self._parts.append(repr(number_bytes(1 - nullable.null_index)))
            self._write(nullable.other, value)

    def _hand_over(self, union: UnionSchema, value: str) -> None:
        write = UnionByFastavro(union, self._numbers)
        name = self.source.constant("UNION_BY_FASTAVRO", write)
        self._values.put_now(value, f"{name}({value})")
