"""JSON as the standard says it, nothing guessed: no duplicates, no NaN, no floats."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from producers.order_service.errors import IllegalOrder


def parse_json(content: bytes) -> object:
    """Return the JSON value; numbers with a point or an exponent are Decimals.

    Raises:
        IllegalOrder: The bytes are not UTF-8, not JSON, repeat a key, hold NaN or
            Infinity, or are nested or numbered beyond what can be read.
    """
    try:
        return json.loads(
            content.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_to_object,
        )
    except UnicodeDecodeError as exc:
        raise IllegalOrder(
            f"not UTF-8: byte 0x{content[exc.start]:02x} at byte {exc.start + 1}"
        ) from exc
    except json.JSONDecodeError as exc:
        raise IllegalOrder(f"not JSON: {exc.msg} at column {exc.colno}") from exc
    except RecursionError as exc:
        raise IllegalOrder("not an order: it is nested too deeply") from exc
    except (InvalidOperation, ValueError) as exc:
        # Python reads no integer of more than 4300 digits.
        raise IllegalOrder("not an order: a number has too many digits") from exc


def _refuse_constant(name: str) -> NoReturn:
    raise IllegalOrder(f"not JSON: {name} is no number of JSON")


def _to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise IllegalOrder(f"the key {json.dumps(repeated)} appears twice")
    return values
