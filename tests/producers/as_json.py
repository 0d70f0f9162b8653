"""Events of orders as the JSON that a shop would write."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_json(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event, whose numbers are scaled, with amounts and time as text."""
    created_at = _EPOCH + timedelta(milliseconds=event["created_at"])
    return {
        **event,
        "items": [_item_as_json(item) for item in event["items"]],
        "created_at": created_at.isoformat(timespec="milliseconds"),
    }


def _item_as_json(item: dict[str, Any]) -> dict[str, Any]:
    amounts = ("unit_price", "discount")
    return {**item, **{each: str(Decimal(item[each]).scaleb(-2)) for each in amounts}}
