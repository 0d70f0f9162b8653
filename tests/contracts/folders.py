"""A small folder of contracts whose subjects refer to each other."""

import json
from pathlib import Path
from typing import Any

MONEY = {
    "type": "record",
    "name": "Money",
    "namespace": "shop",
    "doc": "An amount.",
    "fields": [{"name": "amount", "type": "long", "doc": "In cents."}],
}
CURRENCY = {"name": "currency", "type": "string", "default": "EUR", "doc": "ISO 4217."}
MONEY_2 = {**MONEY, "fields": [*MONEY["fields"], CURRENCY]}
ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "doc": "An order.",
    "fields": [{"name": "total", "type": "shop.Money", "doc": "To pay."}],
}
CART = {
    "type": "record",
    "name": "Cart",
    "namespace": "shop",
    "doc": "A cart.",
    "fields": [{"name": "order", "type": "shop.Order", "doc": "What it becomes."}],
}


def write_schema(folder: Path, subject: str, version: int, schema: object) -> Path:
    """Write a version file and return it."""
    path = folder / subject / f"v{version}.avsc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, indent=2) + "\n")
    return path


def write_manifest(folder: Path, **levels: str) -> None:
    """Write a manifest that demands levels; ``_`` in a name stands for ``-``."""
    tables = [
        f'[{subject.replace("_", "-")}]\nlevel = "{level}"\n'
        for subject, level in levels.items()
    ]
    (folder / "contracts.toml").write_text("\n".join(tables))


def write_shop(folder: Path) -> Path:
    """Write three subjects, each but the last in need of the next."""
    write_schema(folder, "a-cart-value", 1, CART)
    write_schema(folder, "b-order-value", 1, ORDER)
    write_schema(folder, "c-money-value", 1, MONEY)
    write_schema(folder, "c-money-value", 2, MONEY_2)
    write_manifest(folder, c_money_value="FULL_TRANSITIVE", a_cart_value="FULL")
    return folder


def with_field(schema: dict[str, Any], **field: object) -> dict[str, Any]:
    """Return the record with one more field."""
    return {**schema, "fields": [*schema["fields"], {"doc": "More.", **field}]}


def _record(name: str, *fields: object) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "namespace": "depot",
        "doc": f"{name}.",
        "fields": list(fields),
    }


def _field(name: str, schema: object) -> dict[str, Any]:
    return {"name": name, "type": schema, "doc": f"Its {name}."}


DEPOT = {
    "depot-address": _record("Address", _field("street", "string")),
    "depot-parcel": _record("Parcel", _field("to", "depot.Address")),
    "depot-shipment": _record(
        "Shipment",
        _field("home", "depot.Address"),
        _field("parcels", {"type": "array", "items": "depot.Parcel"}),
    ),
    "depot-bill": _record("Bill", _field("of", ["depot.Shipment", "depot.Parcel"])),
}
"""Four subjects, each but the first in need of those before."""


def write_depot(folder: Path) -> str:
    """Write the subjects of the depot and a manifest of them; return its text."""
    for subject, schema in DEPOT.items():
        write_schema(folder, subject, 1, schema)
    text = "\n".join(f'[{subject}]\nlevel = "FULL"' for subject in DEPOT) + "\n"
    (folder / "contracts.toml").write_text(text)
    return text
