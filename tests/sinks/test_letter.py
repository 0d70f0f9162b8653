"""A letter is a real e-mail whatever the order holds: nothing can be injected."""

from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.serdes import Event
from runtime.errors import RejectedRecord
from sinks.notification_service.currencies import format_total
from sinks.notification_service.letter import Composer, Letter, parse_sender
from tests.sinks.orders import order

HEADERS = [
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]
compose = Composer(parse_sender("The Shop <shop@example.com>")).compose


def parse(letter: Letter) -> EmailMessage:
    """Return the letter as a mail reader sees it."""
    return message_from_bytes(letter.content, policy=default)


def text_of(letter: Letter) -> str:
    """Return the plain text."""
    body = parse(letter).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(letter: Letter) -> str:
    """Return the HTML."""
    body = parse(letter).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def from_customer(name: str = "Zoë", email: str = "zoe@shop.example") -> Event:
    """Return an order of a customer with that name and address."""
    return order(1, customer={"id": "C1", "name": name, "email": email})


def test_a_letter_has_text_and_html_with_the_order_in_both() -> None:
    """Order id, number of lines and exact total are in either form."""
    letter = compose(order(4, total=Decimal("1265793.0395"), currency="USD"))

    message = parse(letter)
    assert message.get_content_type() == "multipart/alternative"
    for body in (text_of(letter), html_of(letter)):
        assert "order-4" in body
        assert "$1,265,793.0395 (USD)" in body
    assert "Lines    5" in text_of(letter)
    assert message["Subject"] == "Your order order-4 is confirmed"
    assert message["From"] == "The Shop <shop@example.com>"
    assert message["To"] == "Zoë O'Neill <zoe4@shop.example>"


def test_the_same_order_always_has_the_same_message_id() -> None:
    """Two orders never share one."""
    first, again, other = (compose(order(each)) for each in (1, 1, 2))

    assert first.message_id == again.message_id == parse(first)["Message-ID"]
    assert first.message_id != other.message_id
    assert first.key == again.key


def test_markup_in_a_name_stays_text() -> None:
    """A customer called <script> is greeted by that name."""
    letter = compose(from_customer('<script>alert("x")</script> & Sons'))

    assert "<script>" not in html_of(letter)
    assert "&lt;script&gt;" in html_of(letter)
    assert '<script>alert("x")</script> & Sons' in text_of(letter)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_line_break_in_a_name_or_order_id_adds_no_header(end: str) -> None:
    """Neither in the letter's own headers nor in its text."""
    event = from_customer(f"Zoë{end}Bcc: all@example.com")
    event["order_id"] = f"1{end}Bcc: all@example.com"

    message = parse(compose(event))

    assert message.keys() == HEADERS
    assert message["Bcc"] is None
    assert message["Subject"] == "Your order 1 Bcc: all@example.com is confirmed"
    assert message["To"].addresses[0].display_name == "Zoë Bcc: all@example.com"


@settings(max_examples=150, deadline=None)
@given(name=st.text(min_size=1), order_id=st.text(min_size=1, max_size=300))
def test_any_name_and_order_id_make_a_sound_letter(name: str, order_id: str) -> None:
    """No text whatever damages headers, parts or line lengths."""
    event = from_customer(name.encode("utf-8", "replace").decode())
    event["order_id"] = order_id.encode("utf-8", "replace").decode()

    letter = compose(event)

    message = parse(letter)
    assert message.keys() == HEADERS
    assert [part.defects for part in message.walk()] == [[], [], []]
    assert letter.content.isascii()
    assert max(map(len, letter.content.split(b"\r\n"))) <= 998
    assert b"\n" not in letter.content.replace(b"\r\n", b"")
    assert message["To"].addresses[0].addr_spec == "zoe@shop.example"


def test_a_domain_outside_ascii_is_written_as_dns_has_it() -> None:
    """Any server can take such a letter."""
    letter = compose(from_customer(email="info@bücher.example"))

    assert letter.recipient == "info@xn--bcher-kva.example"
    assert not letter.needs_utf8


def test_a_local_part_outside_ascii_needs_a_server_with_smtputf8() -> None:
    """The letter says so, and its header holds the address as it is."""
    letter = compose(from_customer(email="søren@bücher.example"))

    assert letter.needs_utf8
    assert letter.recipient == "søren@xn--bcher-kva.example"
    assert "\r\nTo: Zoë <søren@xn--bcher-kva.example>\r\n".encode() in letter.content


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "@example.com",
        "nobody@",
        "a b@example.com",
        "a@b@example.com",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@example.com\r\n",
        "<a@example.com>",
        "a\u202e@example.com",
        "a@exa mple.com",
        "a@" + "x" * 64 + ".com",
        "x" * 65 + "@example.com",
        "a@" + "x.com." * 50 + "com",
        "a@example..com",
    ],
)
def test_an_address_that_cannot_receive_mail_is_a_dead_letter(email: str) -> None:
    """The sentence does not repeat the address, for it goes to the logs."""
    with pytest.raises(RejectedRecord, match="customer's e-mail address") as caught:
        compose(from_customer(email=email))

    assert not email or email not in str(caught.value)


@pytest.mark.parametrize(
    ("total", "currency", "text"),
    [
        ("0.0000", "USD", "$0.00 (USD)"),
        ("999.9900", "CAD", "$999.99 (CAD)"),
        ("1234567.8950", "EUR", "1.234.567,895\xa0€ (EUR)"),
        ("1234.0000", "JPY", "¥1,234 (JPY)"),
        ("1234.5600", "JPY", "¥1,234.56 (JPY)"),
        ("0.0001", "GBP", "£0.0001 (GBP)"),
        ("12345678.9000", "INR", "₹1,23,45,678.90 (INR)"),
        ("1234.5000", "CHF", "CHF\xa01\u2019234.50 (CHF)"),
        ("1234.5000", "SEK", "1\xa0234,50\xa0kr (SEK)"),
        ("1234.5000", "BRL", "R$\xa01.234,50 (BRL)"),
        ("-1.5000", "USD", "\u2212$1.50 (USD)"),
        (
            "99999999999999.9999",
            "PLN",
            "99\xa0999\xa0999\xa0999\xa0999,9999\xa0zł (PLN)",
        ),
        ("1.0000", "XYZ", "1.00 (XYZ)"),
    ],
)
def test_a_total_is_written_as_its_currency_is(
    total: str, currency: str, text: str
) -> None:
    """At least the currency's own decimals, and never fewer than the amount has."""
    assert format_total(Decimal(total), currency) == text
