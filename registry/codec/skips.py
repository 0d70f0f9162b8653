"""Generated lines that step over what nobody reads."""

from collections.abc import Callable, Iterable
from itertools import groupby

from registry.codec.generated import below, type_word
from registry.codec.logical import INSTANTS, logical_of
from registry.codec.shape import Sizes
from registry.codec.source import Source
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

_DEEPEST = 12
# The bits of six bytes that say whether more follow, and how they are for five.
_ENDS_OF_SIX, _ENDS_OF_FIVE = "0x808080808080", "0x8080808080"
_NUMBERS = {AvroType.INT, AvroType.LONG, AvroType.ENUM}


class Skips:
    """Adds lines that move `pos` behind a value, whatever it is."""

    def __init__(
        self,
        source: Source,
        sizes: Sizes,
        *,
        shared: set[int],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        """Work on the source.

        Args:
            source: Gets the lines.
            sizes: Of the writer's types.
            shared: Records that get a function of their own.
            later: Takes what writes such a function, to be called when it may.
        """
        self._source = source
        self._sizes = sizes
        self._shared = shared
        self._later = later
        self._functions: dict[int, str] = {}

    def skip(self, schema: Schema) -> None:
        """Add lines that step over a value of the type."""
        width = self._sizes.width(schema)
        if width is not None:
            self._step(width)
        elif id(schema) in self._shared or self._is_too_deep(schema):
            self._source.line(f"pos = {self._function(schema)}(body, pos)")
        else:
            self._skip_here(schema)

    def skip_fields(self, fields: Iterable[tuple[str, Schema]]) -> None:
        """Add lines that step over values that follow each other, with their paths."""
        for is_text, group in groupby(fields, lambda each: _is_text(each[1])):
            if is_text:
                self._skip_texts([path for path, _ in group])
                continue
            for path, schema in group:
                with self._source.about(path):
                    self.skip(schema)

    def _skip_texts(self, paths: list[str]) -> None:
        """Step over texts side by side, then look at all of them at once.

        Their lengths lie between them, each a byte below 128: UTF-8, too.
        """
        self._source.line("text = pos")
        for path in paths:
            with self._source.about(path):
                self._source.line(
                    "if step := STEPS[body[pos]]:",
                    "    pos += step",
                    "else:",
                    "    pos = text = skip_text(body, text, pos)",
                )
        with self._source.about(paths[0]):
            self._source.line(
                "if not body[text:pos].isascii():",  # half the time of decoding
                "    body[text:pos].decode()",
            )

    def _is_too_deep(self, schema: Schema) -> bool:
        is_simple = schema.type in _NUMBERS | {AvroType.STRING, AvroType.BYTES}
        return self._source.depth > _DEEPEST and not is_simple

    def _step(self, width: int) -> None:
        if width:
            self._source.line(f"pos += {width}")

    def _function(self, schema: Schema) -> str:
        if id(schema) not in self._functions:
            name = self._source.name("skip_" + type_word(schema))
            self._functions[id(schema)] = name
            self._later(lambda: self._write_function(name, schema))
        return self._functions[id(schema)]

    def _write_function(self, name: str, schema: Schema) -> None:
        with (
            self._source.about(type_word(schema)),
            self._source.block(f"def {name}(body, pos):"),
        ):
            self._skip_here(schema)
            self._source.line("return pos")

    def _skip_here(self, schema: Schema) -> None:
        match schema:
            case RecordSchema():
                self.skip_fields(
                    (below(self._source.path, each.name), each.type)
                    for each in schema.fields
                )
            case UnionSchema():
                self._skip_union(schema)
            case ArraySchema():
                self._skip_blocks(schema.items, has_key=False)
            case MapSchema():
                self._skip_blocks(schema.values, has_key=True)
            case _:
                self._skip_simple(schema)

    def _skip_simple(self, schema: Schema) -> None:
        if _is_text(schema):
            self._skip_texts([self._source.path])
            return
        if is_instant(schema):
            test, step = "from_bytes(body[pos:pos + 6], 'little') & {}", "pos += 6"
            test = f"{test.format(_ENDS_OF_SIX)} == {_ENDS_OF_FIVE}"
            call = "skip_number"
        elif schema.type in _NUMBERS:
            test, step, call = "body[pos] < 128", "pos += 1", "skip_number"
        else:
            test, step, call = "step := STEPS[body[pos]]", "pos += step", "skip_bytes"
        self._source.line(
            f"if {test}:",
            f"    {step}",
            "else:",
            f"    pos = {call}(body, pos)",
        )

    def _skip_union(self, union: UnionSchema) -> None:
        self._source.line("branch, pos = read_raw(body, pos)")
        for index, branch in enumerate(union.branches):
            with self._source.block(branch_test(index)):
                self._source.line("pass")
                self.skip(branch)
        with self._source.block("else:" if union.branches else "if True:"):
            self._source.line("raise no_branch(branch)")

    def _skip_blocks(self, schema: Schema, *, has_key: bool) -> None:
        width = None if has_key else self._sizes.width(schema)
        with self._source.block("while body[pos]:"):
            self._source.line("count, pos = skip_block(body, pos)")
            if width is not None:
                self._source.line(f"pos += count * {width}")
            else:
                self._skip_each(schema, has_key=has_key)
        self._source.line("pos += 1")

    def _skip_each(self, schema: Schema, *, has_key: bool) -> None:
        with self._source.block("for _ in range(count):"):
            if has_key:
                self._source.line("pos = skip_text(body, pos, pos)")
            self.skip(schema)


def is_instant(schema: Schema) -> bool:
    """Tell whether values are most likely numbers of six bytes."""
    if not isinstance(schema, PrimitiveSchema) or schema.type is not AvroType.LONG:
        return False
    logical = logical_of(schema)
    return logical is not None and logical.word in INSTANTS


def _is_text(schema: Schema) -> bool:
    return schema.type is AvroType.STRING


def branch_test(index: int) -> str:
    """Return the line that asks for a union's branch, whose raw number is `branch`."""
    return f"{'elif' if index else 'if'} branch == {2 * index}:"
