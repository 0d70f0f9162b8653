"""What a legal order is: a line of JSON in, an event of the contract out."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

from producers.order_service.json_fields import Fields, Keys
from producers.order_service.strict_json import parse_json
from registry.catalog import ContractVersion
from registry.names import Version
from registry.serdes import Event

_ORDER = Keys(required=("order_id", "customer", "items", "currency", "created_at"))
_CUSTOMER = Keys(required=("id", "name", "email"))
_ITEM = Keys(required=("sku", "name", "quantity", "unit_price"), optional=("discount",))

MOST_PIECES = 2**31 - 1
_HIGHEST_PRICE = "9999999999.99"
_WHOLE_PRICE = "1.00"


class SourcedOrder(NamedTuple):
    """An order and where it comes from.

    Attributes:
        place: "file:line" of a file, "Faker:number" of an invented order.
        event: With scaled numbers, as `read_order` gives it.
    """

    place: str
    event: Event


class OrderSource(Protocol):
    """Where orders come from, one at a time, in an order that never changes."""

    @property
    def is_exhausted(self) -> bool:
        """True once no further order can come."""
        ...

    @property
    def share_done(self) -> float | None:
        """How much was given, 0 to 1; None if the end is not known."""
        ...

    def find_order(self, *, wait_s: float) -> SourcedOrder | None:
        """Return the next order, or None if none is there after `wait_s`.

        Raises:
            BadInput: What comes next is no legal order. Calling again goes on
                after it.
            ConfigError: It cannot be read any further.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """What the contract version in use leaves room for.

    Attributes:
        currencies: Codes of ISO 4217; not XXX, which only readers ever see.
        has_discount: False if its line items know no discount.
    """

    version: Version
    currencies: tuple[str, ...]
    has_discount: bool

    @classmethod
    def from_version(cls, released: ContractVersion) -> Self:
        """Read the rules off a version of the contract of orders."""
        order = _types_by_field(released.schema)
        currency = order["currency"]
        return cls(
            version=released.version,
            currencies=tuple(
                symbol
                for symbol in currency["symbols"]
                if symbol != currency.get("default")
            ),
            has_discount="discount" in _types_by_field(order["items"]["items"]),
        )


def read_order(content: bytes, rules: OrderRules) -> Event:
    """Return the event that a line of JSON stands for, exactly.

    Numbers are scaled: amounts are in hundredths, `created_at` is in milliseconds
    since 1970-01-01 UTC. An absent discount is 0.

    Raises:
        IllegalOrder: The line breaks a rule; the reason names the field by its path.
    """
    order = Fields.check(parse_json(content), _ORDER)
    customer = order.fields("customer", _CUSTOMER)
    return {
        "order_id": order.text("order_id"),
        "customer": {name: customer.text(name) for name in _CUSTOMER.required},
        "items": [
            _read_item(item, rules) for item in order.list_fields("items", _ITEM)
        ],
        "currency": order.choice("currency", rules.currencies),
        "created_at": order.instant("created_at"),
    }


def _read_item(item: Fields, rules: OrderRules) -> Event:
    return {
        "sku": item.text("sku"),
        "name": item.text("name"),
        "quantity": item.integer("quantity", least=1, most=MOST_PIECES),
        "unit_price": item.hundredths("unit_price", most=_HIGHEST_PRICE),
        "discount": _read_discount(item, rules),
    }


def _read_discount(item: Fields, rules: OrderRules) -> int:
    if not item.has("discount"):
        return 0
    discount = item.hundredths("discount", most=_WHOLE_PRICE)
    if discount and not rules.has_discount:
        raise item.refuse(
            "discount",
            f"is {discount / 100:.2f}, but contract version {rules.version}"
            " has no discount",
        )
    return discount


def _types_by_field(record: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field["type"] for field in record["fields"]}
