"""Fields of a JSON object, read one by one; what is wrong is named by its path."""

import difflib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from producers.order_service.errors import IllegalOrder
from producers.order_service.instants import parse_instant, to_millis

_LONGEST_QUOTE = 60
_SCALE = 2
_HUNDRED = 10**_SCALE
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys that an object must have, and those that it may have besides."""

    required: Collection[str]
    optional: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object that has all the keys it must have and no unknown one.

    Every method returns the field's value or raises IllegalOrder, which names the
    field by its path, such as ``items[0].unit_price``.
    """

    _values: Mapping[str, object]
    _path: str

    @classmethod
    def check(cls, value: object, keys: Keys, *, path: str = "") -> Self:
        """Return the value's fields, or raise IllegalOrder.

        A key that nobody asked for is refused: a misspelt `discount` would
        otherwise become an order at full price.
        """
        if not isinstance(value, dict):
            raise IllegalOrder(
                f"{path or 'the line'} must be an object, got {quote(value)}"
            )
        fields = cls(value, f"{path}." if path else "")
        fields._check_keys(keys)
        return fields

    def text(self, name: str) -> str:
        """Return a text that is not empty and that UTF-8 can hold."""
        value = self._values[name]
        if not isinstance(value, str):
            raise self._wrong(name, "must be a text")
        if not value:
            raise IllegalOrder(f"{self._path}{name} must not be empty")
        if not _is_encodable(value):
            raise self._wrong(name, "must not hold half of a surrogate pair")
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return a text that is one of `choices`."""
        value = self._values[name]
        if not isinstance(value, str) or value not in choices:
            raise self._wrong(name, f"must be one of {', '.join(choices)}")
        return value

    def integer(self, name: str, *, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        value = self._values[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "must be a whole number")
        if not least <= value <= most:
            raise self._wrong(name, f"must be {least} to {most}")
        return value

    def hundredths(self, name: str, *, most: str) -> int:
        """Return a decimal from 0.00 to `most`, in hundredths."""
        value = self._decimal(name)
        if not 0 <= value <= Decimal(most):
            raise self._wrong(name, f"must be 0.00 to {most}")
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -_SCALE:
            raise self._wrong(name, f"must have at most {_SCALE} decimals")
        return int(value * _HUNDRED) if value else 0

    def has(self, name: str) -> bool:
        """Tell whether an optional field is there."""
        return name in self._values

    def instant(self, name: str) -> int:
        """Return a point in time, in milliseconds since 1970-01-01 UTC."""
        text = self.text(name)
        try:
            return to_millis(parse_instant(text))
        except IllegalOrder as exc:
            raise self._wrong(name, exc.reason) from exc

    def fields(self, name: str, keys: Keys) -> Self:
        """Return the fields of the object below."""
        return self.check(self._values[name], keys, path=self._path + name)

    def list_fields(self, name: str, keys: Keys) -> list[Self]:
        """Return the fields of each object of a list that has at least one."""
        values = self._values[name]
        if not isinstance(values, list):
            raise self._wrong(name, "must be a list")
        if not values:
            raise IllegalOrder(f"{self._path}{name} must have at least one entry")
        return [
            self.check(value, keys, path=f"{self._path}{name}[{index}]")
            for index, value in enumerate(values)
        ]

    def refuse(self, name: str, reason: str) -> IllegalOrder:
        """Return the error for a field that is wrong for a reason of the caller's."""
        return IllegalOrder(f"{self._path}{name} {reason}")

    def _decimal(self, name: str) -> Decimal:
        value = self._values[name]
        if isinstance(value, Decimal):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            return Decimal(value)
        raise self._wrong(name, "must be a decimal such as 12.50, text or number")

    def _check_keys(self, keys: Keys) -> None:
        for name in keys.required:
            if name not in self._values:
                raise IllegalOrder(f"{self._path}{name} is missing")
        known = [*keys.required, *keys.optional]
        for name in self._values:
            if name not in known:
                raise IllegalOrder(self._unknown(name, known))

    def _unknown(self, name: str, known: Collection[str]) -> str:
        close = difflib.get_close_matches(name, known, n=1)
        advice = f"; did you mean {close[0]}?" if close else ""
        return f"{self._path}{quote(name)[1:-1]} is not a field of an order{advice}"

    def _wrong(self, name: str, rule: str) -> IllegalOrder:
        got = quote(self._values[name])
        return IllegalOrder(f"{self._path}{name} {rule}, got {got}")


def quote(value: object) -> str:
    """Return a JSON value for a sentence: on one line, printable, not too long."""
    if isinstance(value, Decimal):
        text = str(value)
    elif isinstance(value, dict | list):
        text = "an object" if isinstance(value, dict) else "a list"
    else:
        text = json.dumps(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
