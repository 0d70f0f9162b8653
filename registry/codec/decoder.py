"""Decoders: generated from what wrote, what reads and what is asked for."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from registry.codec import conversion, reading
from registry.codec.decoded_values import Values
from registry.codec.defaults import default_value
from registry.codec.encoder import generate_encoder
from registry.codec.generated import Generated, below, scope_of, type_word
from registry.codec.logical import Numbers
from registry.codec.resolution import Pair, Resolver, match_fields
from registry.codec.shape import (
    Sizes,
    find_shared_records,
    has_empty_items,
    is_copyable,
)
from registry.codec.skips import Skips, branch_test
from registry.codec.source import Source, literal
from registry.codec.wanted import EVERYTHING, ITEMS, VALUES, Wanted
from registry.compatibility.model import (
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

Decode = Callable[[bytes, int], Any]
"""Reads the value that begins at an offset and fills the rest of the bytes."""

_SCOPE = scope_of(
    reading,
    *("BOOLEANS", "DOUBLE", "FAULTS", "FLOAT", "SMALL", "STEPS", "check_end"),
    *("no_branch", "read_block", "read_empty_block", "read_end", "read_instant"),
    *(
        "read_int",
        "read_long",
        "read_raw",
        "skip_block",
        "skip_bytes",
        "skip_number",
        "skip_text",
    ),
) | scope_of(
    conversion, *("fresh", "from_bytes", "read_scaled", "signed", "timestamp_millis")
)
_LOCALS = "_ body branch count decode end exc malformed pos spare step text"
_DEEPEST = 10
_CONTAINERS = (ArraySchema, MapSchema, RecordSchema, UnionSchema)


def generate_decoder(
    pair: Pair,
    resolver: Resolver,
    numbers: Numbers,
    passed_on: Collection[str] = (),
) -> Generated:
    """Return what decodes bodies, `decode(body, pos)`."""
    writing = _Writing(pair.writer, resolver, numbers, passed_on)
    writing.write(pair)
    return Generated(
        function=writing.source.compile("decode"), source=writing.source.text
    )


class _Writing:
    """Writes one decoder; every method adds lines that move `pos` forward."""

    def __init__(
        self,
        root: Schema,
        resolver: Resolver,
        numbers: Numbers,
        passed_on: Collection[str],
    ) -> None:
        self.source = Source(_SCOPE, _LOCALS)
        self._resolver = resolver
        self._sizes = Sizes()
        self._shared = find_shared_records(root)
        self._functions: dict[tuple[int, int, Wanted], str] = {}
        self._waiting: list[Callable[[], None]] = []
        self._values = Values(self.source, numbers)
        self._numbers = numbers
        self._passed_on = passed_on
        self._given = "body, pos"
        if has_empty_items(root, self._sizes):
            self._given += ", spare"
        self._skips = Skips(
            self.source, self._sizes, shared=self._shared, later=self._waiting.append
        )
        self.source.give("malformed", partial(reading.malformed, self.source.paths))

    def write(self, pair: Pair) -> None:
        """Write `decode`, and before it is used, every function it calls."""
        with self.source.block("def decode(body, pos):"), self._faults():
            if "spare" in self._given:
                self.source.line(f"spare = [{reading.MOST_EMPTY_ITEMS}]")
            value = self._read_here(pair, "event")
            with self.source.block("if pos != len(body):"):
                self.source.line("check_end(body, pos)")
            self.source.line(f"return {value}")
        while self._waiting:
            self.source.line("", "")
            self._waiting.pop()()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Whatever is wrong with the body, the lines inside raise MalformedBody."""
        with self.source.block("try:"):
            yield
        with self.source.block("except FAULTS as exc:"):
            self.source.line("raise malformed(exc, body, pos) from exc")

    def _read(self, pair: Pair, hint: str) -> str:
        """Add lines that read a value; return what stands for it afterwards."""
        writer = pair.writer
        is_deep = self.source.depth > _DEEPEST and isinstance(writer, _CONTAINERS)
        if is_deep or id(writer) in self._shared:
            name = self.source.name(hint)
            self.source.line(f"{name}, pos = {self._function(pair)}({self._given})")
            return name
        return self._read_here(pair, hint)

    def _function(self, pair: Pair) -> str:
        if pair.key not in self._functions:
            kind = type_word(pair.writer)
            name = self.source.name(f"read_{kind}")
            self._functions[pair.key] = name
            self._waiting.append(lambda: self._write_function(name, kind, pair))
        return self._functions[pair.key]

    def _write_function(self, name: str, kind: str, pair: Pair) -> None:
        head = f"def {name}({self._given}):"
        with self.source.about(kind), self.source.block(head), self._faults():
            value = self._read_here(pair, kind)
            self.source.line(f"return {value}, pos")

    def _read_here(self, pair: Pair, hint: str) -> str:
        if isinstance(pair.writer, UnionSchema):
            return self._read_union(pair.writer, pair, hint)
        match = self._resolver.find_match(reader=pair.reader, writer=pair.writer)
        if match is None:
            return self._refuse_kind(pair.writer)
        return self._read_as(pair.writer, match, pair.wanted, hint)

    def _read_as(
        self, writer: Schema, reader: Schema, wanted: Wanted, hint: str
    ) -> str:
        match writer, reader:
            case RecordSchema(), RecordSchema():
                return self._read_record(writer, reader, wanted, hint)
            case ArraySchema(), ArraySchema():
                items = wanted.find(ITEMS) or wanted
                return self._read_array(Pair(writer.items, reader.items, items), hint)
            case MapSchema(), MapSchema():
                values = wanted.find(VALUES) or wanted
                return self._read_map(Pair(writer.values, reader.values, values), hint)
            case EnumSchema(), EnumSchema():
                return self._values.read_enum(writer, reader, hint)
            case (
                (PrimitiveSchema() | FixedSchema()),
                (PrimitiveSchema() | FixedSchema()),
            ):
                return self._values.read_simple(writer, reader, hint)
        return self._refuse_kind(writer)

    def _refuse_kind(self, writer: Schema) -> str:
        return self._refuse(f"{type_word(writer)} where the reader has another type")

    def _refuse(self, reason: str) -> str:
        self.source.line(f"raise LookupError({literal(reason)})")
        return "None"

    def _read_record(
        self, writer: RecordSchema, reader: RecordSchema, wanted: Wanted, hint: str
    ) -> str:
        values: dict[str, str] = {}
        skipped: list[tuple[str, Schema]] = []
        for theirs, ours in match_fields(reader=reader, writer=writer):
            asked = wanted.find(ours.name) if ours else None
            path = below(self.source.path, theirs.name)
            if ours is None or asked is None:
                skipped.append((path, theirs.type))
                continue
            self._skip(skipped)
            read = self._read_bytes if self._is_passed_on(ours) else self._read
            with self.source.about(path):
                if ours.name in values:
                    self._refuse(f"two fields of the writer are {ours.name}")
                else:
                    pair = Pair(theirs.type, ours.type, asked)
                    values[ours.name] = read(pair, ours.name)
        self._skip(skipped)
        self._add_defaults(reader, wanted, values)
        return self._collect(values, hint)

    def _is_passed_on(self, field_: Field) -> bool:
        return not self.source.path and field_.name in self._passed_on

    def _read_bytes(self, pair: Pair, hint: str) -> str:
        """Read a field's bytes, as the reader's schema writes them."""
        if not is_copyable(
            writer=pair.writer, reader=pair.reader, numbers=self._numbers
        ):
            value = self._read(Pair(pair.writer, pair.reader, EVERYTHING), hint)
            write = self.source.constant(f"write_{hint}", self._encoder(pair.reader))
            return f"{write}({value})"
        name = self.source.name(hint)
        self.source.line(f"{name} = pos")
        self._skips.skip(pair.writer)
        self.source.line(f"{name} = body[{name}:pos]")
        return name

    def _encoder(self, schema: Schema) -> Callable[[object], bytes]:
        return generate_encoder(schema, self._numbers, b"").function

    def _skip(self, fields: list[tuple[str, Schema]]) -> None:
        self._skips.skip_fields(fields)
        fields.clear()

    def _add_defaults(
        self, reader: RecordSchema, wanted: Wanted, values: dict[str, str]
    ) -> None:
        for field_ in reader.fields:
            if field_.name in values or wanted.find(field_.name) is None:
                continue
            is_passed_on = self._is_passed_on(field_)
            with self.source.about(below(self.source.path, field_.name)):
                if field_.default is None:
                    self._refuse("the writer has no such field, the reader no default")
                    continue
                value = default_value(field_.type, field_.default, self._numbers)
            if is_passed_on:
                value = self._encoder(field_.type)(value)
            name = self.source.constant(f"{field_.name}_default", value)
            is_mutable = isinstance(value, list | dict)
            values[field_.name] = f"fresh({name})" if is_mutable else name

    def _collect(self, values: dict[str, str], hint: str) -> str:
        name = self.source.name(hint)
        if not values:
            self.source.line(f"{name} = {{}}")
            return name
        with self.source.block(f"{name} = {{"):
            for key, value in values.items():
                self.source.line(f"{literal(key)}: {value},")
        self.source.line("}")
        return name

    def _read_array(self, items: Pair, hint: str) -> str:
        name = self.source.name(hint)
        self.source.line(f"{name} = []")
        with (
            self.source.about(f"{self.source.path}{ITEMS}"),
            self._blocks(self._sizes.least_bytes(items.writer)),
        ):
            value = self._read(items, f"{hint}_item")
            self.source.line(f"{name}.append({value})")
        return name

    def _read_map(self, values: Pair, hint: str) -> str:
        name = self.source.name(hint)
        self.source.line(f"{name} = {{}}")
        with (
            self.source.about(f"{self.source.path}{VALUES}"),
            self._blocks(1 + self._sizes.least_bytes(values.writer)),
        ):
            key = self._values.read_text("key")
            value = self._read(values, f"{hint}_value")
            self.source.line(f"{name}[{key}] = {value}")
        return name

    @contextmanager
    def _blocks(self, least: int) -> Iterator[None]:
        """What is added inside the context runs for each item of an array or map."""
        with self.source.block("while count := body[pos]:"):
            if least:
                self.source.line(
                    "if count & 129:",
                    f"    count, pos = read_block(body, pos, {least})",
                    "else:",
                    "    count >>= 1",
                    "    pos += 1",
                )
            else:
                self.source.line("count, pos = read_empty_block(body, pos, spare)")
            with self.source.block("for _ in range(count):"):
                yield
        self.source.line("pos += 1")

    def _read_union(self, union: UnionSchema, pair: Pair, hint: str) -> str:
        name = self.source.name(hint)
        is_same = union is pair.reader
        self.source.line("branch = body[pos]")
        with self.source.block("if branch > 127:"):
            self.source.line("branch, pos = read_raw(body, pos)")
        self.source.line("else:", "    pos += 1")
        for index, branch in enumerate(union.branches):
            taken = Pair(branch, branch if is_same else pair.reader, pair.wanted)
            with self.source.block(branch_test(index)):
                value = self._read(taken, hint)
                self.source.line(f"{name} = {value}")
        with self.source.block("else:" if union.branches else "if True:"):
            self.source.line("raise no_branch(branch)")
        return name
