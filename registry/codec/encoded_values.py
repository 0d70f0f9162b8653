"""Generated lines that write values without parts: numbers, text, bytes, enums."""

from collections.abc import Callable
from typing import Any

from fastavro.write import LOGICAL_WRITERS

from registry.codec.logical import MOSTLY_ONE_BYTE, Logical, Numbers, logical_of
from registry.codec.source import Source
from registry.codec.writing import Codes, decimal_writer, number_bytes, scaled_writer
from registry.compatibility.model import (
    AvroType,
    EnumSchema,
    FixedSchema,
    PrimitiveSchema,
    Schema,
)

_INSTANTS = {"timestamp-millis", "timestamp-micros"}


class EncodedValues:
    """Adds lines that prepare a value, and hands over what its bytes are."""

    def __init__(
        self, source: Source, numbers: Numbers, put: Callable[[str], None]
    ) -> None:
        """Work on the source.

        Args:
            source: Gets the lines.
            numbers: How numbers are carried.
            put: Takes the expressions whose bytes are written, in order.
        """
        self._source = source
        self._numbers = numbers
        self._put = put

    def write(self, schema: Schema, value: str) -> None:
        """Write a value without parts, which the name stands for."""
        match schema:
            case EnumSchema():
                self._write_enum(schema, value)
            case PrimitiveSchema() | FixedSchema():
                logical = logical_of(schema)
                if logical is None:
                    self._write_plain(schema, value)
                else:
                    self._write_logical(schema, logical, value)

    def write_text(self, name: str, value: str) -> None:
        """Write text, which must be a str, calling its bytes by the name."""
        self._source.line(f"{name} = {value}.encode()")
        self._write_sized(name)

    def write_count(self, count: str) -> None:
        """Write a count of items that is not 0."""
        self._put(
            f"SHORT[count] if (count := {count}) < SHORT_COUNT else number_bytes(count)"
        )

    def _write_sized(self, value: str) -> None:
        self.write_count(f"len({value})")
        self._put(value)

    def _write_enum(self, schema: EnumSchema, value: str) -> None:
        codes = Codes(
            (symbol, number_bytes(number))
            for number, symbol in enumerate(schema.symbols)
        )
        table = self._source.constant(f"{schema.name.simple}_codes", codes)
        self.put_now(value, f"{table}[{value}]")

    def put_now(self, value: str, expression: str) -> None:
        """Work the bytes out here, where an error knows what it is about."""
        self._source.line(f"{value} = {expression}")
        self._put(value)

    def _write_plain(self, schema: PrimitiveSchema | FixedSchema, value: str) -> None:
        match schema.type:
            case AvroType.STRING:
                self.write_text(value, value)
            case AvroType.BYTES:
                self._prepare(value, "bytes", "raw_bytes")
                self._write_sized(value)
            case AvroType.INT | AvroType.LONG:
                self._write_number(schema.type, value)
            case AvroType.FLOAT | AvroType.DOUBLE:
                self._prepare(value, "float", "real")
                self.put_now(value, f"{schema.type.shout}({value})")
            case AvroType.BOOLEAN | AvroType.NULL:
                self.put_now(value, f"write_{schema.type}({value})")
            case AvroType.FIXED if isinstance(schema, FixedSchema):
                self.put_now(value, f"fixed({value}, {schema.size})")

    def _prepare(self, value: str, kind: str, call: str) -> None:
        self._source.line(
            f"if type({value}) is not {kind}:", f"    {value} = {call}({value})"
        )

    def _write_number(self, kind: AvroType, value: str) -> None:
        self._source.line(
            f"if type({value}) is int and 0 <= {value} < SHORT_COUNT:",
            f"    {value} = SHORT[{value}]",
            "else:",
            f"    {value} = write_{kind}({value})",
        )
        self._put(value)

    def _write_logical(
        self, schema: PrimitiveSchema | FixedSchema, logical: Logical, value: str
    ) -> None:
        if logical.word == "decimal":
            self._write_decimal(schema, logical, value)
        elif logical.word in _INSTANTS and self._is_exact:
            self.put_now(value, f"{logical.word.replace('-', '_')}({value})")
        elif logical.word == "timestamp-millis":
            self.put_now(value, f"scaled_instant({value})")
        else:
            if self._is_exact or not logical.is_number:
                self._prepare_logical(schema, logical, value)
            self._write_plain(schema, value)

    def _prepare_logical(
        self, schema: PrimitiveSchema | FixedSchema, logical: Logical, value: str
    ) -> None:
        prepare = LOGICAL_WRITERS[f"{schema.type}-{logical.word}"]
        hint = f"from_{logical.word.replace('-', '_')}"
        name = self._source.constant(hint, prepare)
        self._source.line(f"{value} = {name}({value}, None)")

    @property
    def _is_exact(self) -> bool:
        return self._numbers is Numbers.EXACT

    def _write_decimal(
        self, schema: PrimitiveSchema | FixedSchema, logical: Logical, value: str
    ) -> None:
        size = schema.size if isinstance(schema, FixedSchema) else None
        hint = f"{value}_bytes"
        if self._is_exact:
            write: Any = decimal_writer(logical.precision, logical.scale, size)
        else:
            self._prepare(value, "int", "integer")
            write = scaled_writer(logical.precision, size)
            if size is None and logical.precision in MOSTLY_ONE_BYTE:
                self._write_fraction(write, value)
                return
        self.put_now(value, f"{self._source.constant(hint, write)}({value})")

    def _write_fraction(self, write: Callable[[int], bytes], value: str) -> None:
        small = tuple(write(each) for each in range(128))
        table = self._source.constant(f"{value}_of_byte", small)
        function = self._source.constant(f"{value}_bytes", write)
        self._source.line(
            f"if 0 <= {value} < 128:",
            f"    {value} = {table}[{value}]",
            "else:",
            f"    {value} = {function}({value})",
        )
        self._put(value)


def is_text(schema: Schema) -> bool:
    """Tell whether values are plain text."""
    return (
        isinstance(schema, PrimitiveSchema)
        and schema.type is AvroType.STRING
        and logical_of(schema) is None
    )
