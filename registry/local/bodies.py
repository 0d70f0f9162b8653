"""Request bodies: read as leniently and refused in the same words as the reference.

Scalars are converted (`5` to `"5"`, `"12"` to 12); unknown members are ignored.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.compatibility import InvalidSchema, read_json
from registry.errors import RegistryRefused
from registry.local.refusals import refuse

_Converter = Callable[[Any], Any]

_INT_LIMIT = 1 << 31
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,10}\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKENS: dict[type, tuple[str, str]] = {
    dict: ("Object", "START_OBJECT"),
    list: ("Array", "START_ARRAY"),
    bool: ("Boolean", "VALUE_TRUE"),
    int: ("Integer", "VALUE_NUMBER_INT"),
    Decimal: ("Floating-point", "VALUE_NUMBER_FLOAT"),
    str: ("String", "VALUE_STRING"),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body looks like.

    Attributes:
        name: Of the class that the reference reads it into.
        members: Name of each known member -> how it is read.
    """

    name: str
    members: Mapping[str, _Converter]

    def __call__(self, value: object) -> dict[str, Any]:
        """Return the known members that are there, converted; null stays None."""
        if not isinstance(value, dict):
            raise _no_object(self.name, value)
        return {
            name: None if value[name] is None else convert(value[name])
            for name, convert in self.members.items()
            if name in value
        }


def read_body(raw: bytes, shape: Shape, *, missing: str) -> dict[str, Any]:
    """Return the body's known members.

    Args:
        raw: The body as received.
        shape: What it should look like.
        missing: The name of the argument that must not be null, as the reference
            prints it for an empty or null body.

    Raises:
        RegistryRefused: 400 or 422; the body is absent, no JSON or of another shape.
    """
    text = raw.decode("utf-8", "replace")
    if not text.strip():
        raise refuse(422, f"{missing} must not be null (was null)")
    value = _parse(text)
    if value is None:
        raise refuse(422, f"{missing} must not be null (was null)")
    return shape(value)


def text_of(value: object) -> str:
    """Read a string; numbers and booleans are converted."""
    if isinstance(value, str):
        return _SURROGATE.sub("?", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise _wrong_type("String", value)


def integer_of(value: object) -> int | None:
    """Read a 32-bit integer; strings are converted, fractions cut off."""
    if isinstance(value, str):
        return _integer_of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong_type("Integer", value)
    # Compared first: the whole number that 1e999999999 is would take for ever.
    if not -_INT_LIMIT - 1 < value < _INT_LIMIT:
        limits = f"-{_INT_LIMIT} - {_INT_LIMIT - 1}"
        raise refuse(400, f"Numeric value ({value}) out of range of `int` ({limits})")
    return int(value)


def boolean_of(value: object) -> bool | None:
    """Read a boolean; numbers and the words true and false are converted."""
    if isinstance(value, str):
        return _boolean_of_text(value)
    if isinstance(value, bool | int):
        return bool(value)
    raise _wrong_type("Boolean", value)


def list_of(name: str, convert: _Converter) -> _Converter:
    """Return a converter of lists whose items `convert` reads; nulls are dropped."""

    def read(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(name, value)
        return [convert(item) for item in value if item is not None]

    return read


def map_of(name: str, convert: _Converter) -> _Converter:
    """Return a converter of objects whose members `convert` reads."""

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(name, value)
        pairs = ((text_of(key), item) for key, item in value.items())
        return {key: convert(item) for key, item in pairs if item is not None}

    return read


def anything(value: object) -> object:
    """Read what is accepted and dropped."""
    return value


def _parse(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        decoder = json.JSONDecoder(parse_float=_fraction, parse_constant=_no_constant)
        value, _ = decoder.raw_decode(text, len(text) - len(text.lstrip(" \t\r\n")))
    except (ValueError, RecursionError):
        raise refuse(400, _explain(text)) from None
    return value


def _fraction(text: str) -> Decimal:
    """Read a number that is no integer; what is beyond a decimal is endless or 0."""
    try:
        return Decimal(text)
    except InvalidOperation:
        is_tiny = text.lower().partition("e")[2].startswith("-")
        return (
            Decimal(0)
            if is_tiny
            else Decimal("Infinity").copy_sign(
                Decimal(-1 if text.startswith("-") else 1)
            )
        )


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _explain(text: str) -> str:
    try:
        read_json(text)
    except InvalidSchema as exc:
        sentence = exc.reason.partition("\n")[0]
        return sentence.partition("Exception: ")[2] or sentence
    return "Unexpected content: expected a JSON object without comments"


def _integer_of_text(text: str) -> int | None:
    if not text.strip():
        return None
    number = int(text) if _INTEGER.fullmatch(text) else None
    if number is None or not -_INT_LIMIT <= number < _INT_LIMIT:
        reason = "not a valid `java.lang.Integer` value"
        raise _weird_text("Integer", text, reason)
    return number


def _boolean_of_text(text: str) -> bool | None:
    word = text.strip()
    if not word:
        return None
    if word in {"true", "True", "TRUE"}:
        return True
    if word in {"false", "False", "FALSE"}:
        return False
    raise _weird_text("Boolean", text, 'only "true" or "false" recognized')


def _weird_text(name: str, text: str, reason: str) -> RegistryRefused:
    sentence = (
        f'Cannot deserialize value of type `{name}` from String "{text}": {reason}'
    )
    return refuse(400, sentence)


def _wrong_type(name: str, value: object) -> RegistryRefused:
    kind, token = _TOKENS[type(value)]
    if value is False:
        token = "VALUE_FALSE"  # noqa: S105 - a JSON token
    sentence = (
        f"Cannot deserialize value of type `{name}` from {kind} value "
        f"(token `JsonToken.{token}`)"
    )
    return refuse(400, sentence)


def _no_object(name: str, value: object) -> RegistryRefused:
    if isinstance(value, list):
        return _wrong_type(name, value)
    kind, shown = _argument(value)
    sentence = (
        f"Cannot construct instance of `{name}` (although at least one Creator exists)"
        f": no {kind}-argument constructor/factory method to deserialize from {shown}"
    )
    return refuse(400, sentence)


def _argument(value: object) -> tuple[str, str]:
    match value:
        case bool():
            return "boolean/Boolean", f"boolean value ({str(value).lower()})"
        case int():
            return "int/Int", f"Number value ({value})"
        case Decimal():
            return "double/Double", f"Number value ({value})"
        case _:
            return "String", f"String value ('{value}')"
