"""Fields that a service hands on: their bytes, checked, and never looked into."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalog import load_catalog
from registry.codec import Numbers, compile_decoder, compile_encoder, find_copyable
from registry.errors import MalformedBody, UnfitEvent
from schemas import CONTRACTS
from tests.codec.reference import encode
from tests.codec.schemas import records

ORDERS = load_catalog(CONTRACTS).get_contract("order-details-value")
PROCESSED = load_catalog(CONTRACTS).get_contract("order-processed-value")
PASSED_ON = ("customer", "created_at")
CUSTOMER = {"id": "V", "name": "Zoë", "email": "z@shop.example"}
ORDER: dict[str, Any] = {
    "order_id": "10248",
    "customer": CUSTOMER,
    "items": [{"sku": "1", "name": "Tofu", "quantity": 2, "unit_price": 1400}],
    "currency": "EUR",
    "created_at": 1_767_225_600_000,
}
CUSTOMER_BYTES = b"\x02V\x08Zo\xc3\xab\x1cz@shop.example"
INSTANT_BYTES = b"\x80\xa0\xd5\xed\xee\x66"


def _write(version: int = 1) -> bytes:
    text = ORDERS.versions[version - 1].text
    return bytes(compile_encoder(text, numbers=Numbers.SCALED).function(ORDER))


def _decode(body: bytes, version: int = 1) -> Any:  # noqa: ANN401 - the event
    codec = compile_decoder(
        writer=ORDERS.versions[version - 1].text,
        reader=ORDERS.newest.text,
        numbers=Numbers.SCALED,
        passed_on=PASSED_ON,
    )
    return codec.function(body, 0)


@pytest.mark.parametrize("version", [1, 2])
def test_passed_on_fields_are_the_bytes_of_their_writer(version: int) -> None:
    """Whichever version wrote them; every other field is its value."""
    event = _decode(_write(version), version)

    assert event["customer"] == CUSTOMER_BYTES
    assert event["created_at"] == INSTANT_BYTES
    assert event["order_id"] == "10248"


def test_what_was_passed_on_is_written_as_if_it_had_been_read() -> None:
    """Record out of bytes, record out of values: the same."""
    priced = {**ORDER, "item_count": 1, "total": 280_000, "processed_at": 1}
    taken = {**priced, "customer": CUSTOMER_BYTES, "created_at": INSTANT_BYTES}
    text = PROCESSED.newest.text
    copy = compile_encoder(text, numbers=Numbers.SCALED, passed_on=PASSED_ON)

    written = copy.function(taken)

    assert written == compile_encoder(text, numbers=Numbers.SCALED).function(priced)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_all_fields_of_any_schema_come_out_as_they_went_in(data: st.DataObject) -> None:
    """A field that cannot be copied is read and written: the bytes are the same."""
    typed = data.draw(records(with_unions=False))
    body = encode(data.draw(typed.values), typed.schema)
    text = json.dumps(typed.schema)
    names = tuple(each["name"] for each in typed.schema["fields"])

    event = compile_decoder(writer=text, passed_on=names).function(body, 0)

    assert compile_encoder(text, passed_on=names).function(event) == body


def test_field_of_another_shape_is_written_as_its_reader_has_it() -> None:
    """A writer's customer with more in it becomes the reader's customer."""
    schema = json.loads(ORDERS.newest.text)
    schema["fields"][1]["type"]["fields"].insert(0, {"name": "age", "type": "int"})
    order = {**ORDER, "customer": {**CUSTOMER, "age": 7}}
    body = compile_encoder(json.dumps(schema), numbers=Numbers.SCALED).function(order)
    codec = compile_decoder(
        writer=json.dumps(schema),
        reader=ORDERS.newest.text,
        numbers=Numbers.SCALED,
        passed_on=PASSED_ON,
    )

    event = codec.function(body, 0)

    assert event["customer"] == CUSTOMER_BYTES


def test_field_that_the_writer_did_not_know_is_its_default_in_bytes() -> None:
    """An older record, a newer reader."""
    field = {"name": "note", "type": "string", "default": "none"}
    reader = {"type": "record", "name": "R", "fields": [field]}
    writer = json.dumps({**reader, "fields": []})
    codec = compile_decoder(
        writer=writer, reader=json.dumps(reader), passed_on=("note",)
    )

    assert codec.function(b"", 0) == {"note": b"\x08none"}


@pytest.mark.parametrize(
    ("whole", "broken", "reason"),
    [
        (b"Zo\xc3\xab", b"Zo\xc3\xff", r"customer.*not UTF-8"),
        (INSTANT_BYTES, b"\xff" * 10 + b"\x01", r"created_at.*more than 10 bytes"),
        (INSTANT_BYTES, INSTANT_BYTES[:-1], "ends inside"),
        (INSTANT_BYTES, INSTANT_BYTES + b"\x00", "1 bytes follow its end"),
        (b"\x02V\x08", b"\x02V\x07", "a length of -4"),
    ],
)
def test_damage_is_seen_in_what_is_passed_on(
    whole: bytes, broken: bytes, reason: str
) -> None:
    """A record that could not be read is not handed on either."""
    body = _write()
    assert whole in body

    with pytest.raises(MalformedBody, match=reason):
        _decode(body.replace(whole, broken))


@pytest.mark.parametrize("size", range(len(_write())))
def test_no_beginning_of_a_body_is_one(size: int) -> None:
    """However much of it is missing."""
    with pytest.raises(MalformedBody):
        _decode(_write()[:size])


def test_what_could_hide_an_error_is_not_copied() -> None:
    """Symbols, ints and decimals are looked at; exact instants have a range."""
    names = ("order_id", "customer", "currency", "items", "created_at", "nothing")
    text = ORDERS.newest.text

    exact = find_copyable(names, source=text, target=text, numbers=Numbers.EXACT)
    scaled = find_copyable(names, source=text, target=text, numbers=Numbers.SCALED)

    assert exact == ("order_id", "customer")
    assert scaled == ("order_id", "customer", "created_at")


def test_contracts_that_part_ways_are_not_copied() -> None:
    """The service goes on, as it does with any other field."""
    target = PROCESSED.newest.text.replace('"name": "email"', '"name": "address"')

    names = find_copyable(
        PASSED_ON, source=ORDERS.newest.text, target=target, numbers=Numbers.SCALED
    )

    assert names == ("created_at",)


def test_anything_but_bytes_is_refused_where_bytes_are_due() -> None:
    """A value that was not passed on does not slip in."""
    text = json.dumps(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}
    )

    with pytest.raises(UnfitEvent, match="a: a str where bytes is expected"):
        compile_encoder(text, passed_on=("a",)).function({"a": "text"})
