"""Legal events of the contracts, drawn at random."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
_CURRENCIES = [
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CHF",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "INR",
    "CNY",
    "BRL",
]
# The wire carries milliseconds.
_TIMES = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(2200, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=st.just(UTC),
).map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
_CUSTOMER = st.fixed_dictionaries({"id": _TEXT, "name": _TEXT, "email": _TEXT})


def _lines(version: int) -> st.SearchStrategy[dict[str, Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        "sku": _TEXT,
        "name": _TEXT,
        "quantity": st.integers(1, 2**31 - 1),
        "unit_price": st.decimals(0, Decimal("9999999999.99"), places=2),
    }
    if version > 1:
        fields["discount"] = st.decimals(0, 1, places=2)
    return st.fixed_dictionaries(fields)


def order_details(version: int) -> st.SearchStrategy[dict[str, Any]]:
    """Return legal OrderDetails events of a version."""
    return st.fixed_dictionaries(
        {
            "order_id": _TEXT,
            "customer": _CUSTOMER,
            "items": st.lists(_lines(version), min_size=1, max_size=4),
            "currency": st.sampled_from(_CURRENCIES),
            "created_at": _TIMES,
        }
    )


def order_processed() -> st.SearchStrategy[dict[str, Any]]:
    """Return legal OrderProcessed events."""
    return st.fixed_dictionaries(
        {
            "order_id": _TEXT,
            "customer": _CUSTOMER,
            "item_count": st.integers(1, 1000),
            "total": st.decimals(0, Decimal("99999999999999.9999"), places=4),
            "currency": st.sampled_from(_CURRENCIES),
            "created_at": _TIMES,
            "processed_at": _TIMES,
        }
    )
