"""Generated lines that read values without parts: numbers, text, bytes, enums."""

from registry.codec.conversion import Decimals, Symbols
from registry.codec.logical import (
    INSTANTS,
    MOSTLY_ONE_BYTE,
    Logical,
    Numbers,
    logical_of,
    value_converter,
)
from registry.codec.reading import STEPS
from registry.codec.source import Source, literal
from registry.compatibility.model import (
    AvroType,
    EnumSchema,
    FixedSchema,
    PrimitiveSchema,
)

_Simple = PrimitiveSchema | FixedSchema
_FLOATING = {AvroType.FLOAT, AvroType.DOUBLE}


_TAKEN = {
    AvroType.BOOLEAN: ("BOOLEANS[body[pos]]", 1),
    AvroType.FLOAT: ("FLOAT(body, pos)[0]", 4),
    AvroType.DOUBLE: ("DOUBLE(body, pos)[0]", 8),
}


class Values:
    """Adds lines that read one value and move `pos` behind it."""

    def __init__(self, source: Source, numbers: Numbers) -> None:
        """Work on the source, carrying numbers as told."""
        self._source = source
        self._numbers = numbers

    def read_simple(self, writer: _Simple, reader: _Simple, hint: str) -> str:
        """Read a primitive or fixed value; return what stands for it."""
        logical = logical_of(writer)
        if self._numbers is Numbers.SCALED and logical != logical_of(reader):
            reason = "the writer's logical type is another, and numbers are scaled"
            self._source.line(f"raise LookupError({literal(reason)})")
            return "None"
        if logical is None:
            return self._read_plain(writer, reader.type, hint)
        if logical.word == "decimal":
            return self._read_decimal(writer, logical, hint)
        return self._read_logical(writer, logical, hint)

    def read_enum(self, writer: EnumSchema, reader: EnumSchema, hint: str) -> str:
        """Read a symbol; what the reader does not know is its default."""
        seen = {
            2 * number: symbol if symbol in reader.symbols else reader.default
            for number, symbol in enumerate(writer.symbols)
        }
        known = Symbols((raw, each) for raw, each in seen.items() if each is not None)
        table = self._source.constant(f"{writer.name.simple}_symbols", known)
        name = self._source.name(hint)
        self._source.line(
            f"{name} = body[pos]",
            f"if {name} > 127:",
            f"    {name}, end = read_raw(body, pos)",
            "else:",
            "    end = pos + 1",
            f"{name} = {table}[{name}]",
            "pos = end",
        )
        return name

    def read_text(self, hint: str) -> str:
        """Read a string; return the name that stands for it."""
        return self._read_bytes(hint, ".decode()")

    def _read_plain(self, writer: _Simple, wanted: AvroType, hint: str) -> str:
        match writer.type:
            case AvroType.NULL:
                return "None"
            case AvroType.BOOLEAN | AvroType.FLOAT | AvroType.DOUBLE:
                return self._take(hint, *_TAKEN[writer.type])
            case AvroType.INT | AvroType.LONG:
                name = self._read_number(writer.type, hint)
                return f"float({name})" if wanted in _FLOATING else name
            case AvroType.STRING:
                as_bytes = ".encode()" if wanted is AvroType.BYTES else ""
                return self._read_bytes(hint, f".decode(){as_bytes}")
            case AvroType.BYTES:
                as_text = ".decode()" if wanted is AvroType.STRING else ""
                return self._read_bytes(hint, as_text)
        width = writer.size if isinstance(writer, FixedSchema) else 0
        return self._take(hint, f"body[pos:pos + {width}]", width)

    def _take(self, hint: str, value: str, width: int) -> str:
        name = self._source.name(hint)
        self._source.line(f"{name} = {value}", f"pos += {width}")
        return name

    def _read_number(self, kind: AvroType, hint: str) -> str:
        name = self._source.name(hint)
        self._source.line(
            f"{name} = body[pos]",
            f"if {name} < 128:",
            f"    {name} = SMALL[{name}]",
            "    pos += 1",
            "elif (step := body[pos + 1]) < 128:",
            f"    {name} += (step << 7) - 128",
            f"    {name} = ({name} >> 1) ^ -({name} & 1)",
            "    pos += 2",
            "else:",
            f"    {name}, pos = read_{kind}(body, pos)",
        )
        return name

    def _read_bytes(self, hint: str, then: str) -> str:
        name = self._source.name(hint)
        self._read_end()
        self._source.line(f"{name} = body[pos + 1:end]{then}", "pos = end")
        return name

    def _read_end(self) -> None:
        self._source.line(
            "end = pos + STEPS[body[pos]]",
            "if end == pos:",
            "    pos, end = read_end(body, pos)",
        )

    def _read_decimal(self, writer: _Simple, logical: Logical, hint: str) -> str:
        name = self._source.name(hint)
        decimals = Decimals(logical.precision, logical.scale)
        if isinstance(writer, FixedSchema):
            self._read_fixed_decimal(name, writer.size, decimals, hint)
        elif logical.precision in MOSTLY_ONE_BYTE:
            self._source.line("if body[pos] == 2:")
            table = self._source.constant(f"{hint}_of_byte", self._by_byte(decimals))
            self._source.line(f"    {name} = {table}[body[pos + 1]]", "    pos += 2")
            with self._source.block("else:"):
                self._read_sized_decimal(name, decimals, hint)
        else:
            self._read_sized_decimal(name, decimals, hint)
        return name

    def _by_byte(self, decimals: Decimals) -> tuple[object, ...]:
        every_byte = [bytes((each,)) for each in range(256)]
        if self._numbers is Numbers.SCALED:
            return tuple(
                int.from_bytes(each, "big", signed=True) for each in every_byte
            )
        return tuple(decimals[each] for each in every_byte)

    def _read_sized_decimal(self, name: str, decimals: Decimals, hint: str) -> None:
        if self._numbers is Numbers.EXACT:
            table = self._source.constant(f"{hint}_values", decimals)
            self._read_end()
            self._source.line(f"{name} = {table}[body[pos + 1:end]]", "pos = end")
            return
        # To the end of what is positive and cannot have too many digits.
        steps = (each if 1 < each <= 1 + decimals.safe_bytes else 0 for each in STEPS)
        table = self._source.constant(f"{hint}_steps", tuple(steps))
        self._source.line(
            f"step = {table}[body[pos]]",
            "if step and body[pos + 1] < 128:",
            "    end = pos + step",
            f"    {name} = from_bytes(body[pos + 1:end])",
            "    pos = end",
            "else:",
            f"    {name}, pos = read_scaled(body, pos, {decimals.precision})",
        )

    def _read_fixed_decimal(
        self, name: str, size: int, decimals: Decimals, hint: str
    ) -> None:
        raw = f"body[pos:pos + {size}]"
        if self._numbers is Numbers.EXACT:
            table = self._source.constant(f"{hint}_values", decimals)
            self._source.line(f"{name} = {table}[{raw}]")
        else:
            self._source.line(f"{name} = signed({raw}, {decimals.precision})")
        self._source.line(f"pos += {size}")

    def _read_logical(self, writer: _Simple, logical: Logical, hint: str) -> str:
        if writer.type is AvroType.STRING:
            name = self.read_text(hint)
        elif logical.word in INSTANTS:
            name = self._source.name(hint)
            self._source.line(f"{name}, pos = read_instant(body, pos)")
        else:
            name = self._read_number(writer.type, hint)
        if self._numbers is Numbers.SCALED and logical.is_number:
            return name
        if logical.word == "timestamp-millis":
            function = "timestamp_millis"
        else:
            hint = f"to_{logical.word.replace('-', '_')}"
            function = self._source.constant(hint, value_converter(writer, logical))
        self._source.line(f"{name} = {function}({name})")
        return name
