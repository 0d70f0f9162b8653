"""An order as a real e-mail: text and HTML, headers that nobody can inject into."""

import unicodedata
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from registry.errors import ConfigError
from registry.serdes import Event
from runtime.errors import RejectedRecord
from sinks.notification_service.currencies import format_total

TEMPLATE = "order-confirmation"

_FOLDER = Path(__file__).with_name("templates")
_SUBJECT_CHARACTERS = 200
_LOCAL_BYTES = 64
_ADDRESS_BYTES = 254
# Cc: control; Cf: invisible, turns text around; Cs: halves; Zl, Zp: line ends.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An e-mail that is ready to be sent.

    Attributes:
        key: Names order and template; the same order always has the same.
        message_id: Made from the key, angle brackets included.
        subject: One line.
        recipient: Bare address; its domain is ASCII.
        needs_utf8: True if only a server with SMTPUTF8 can take it.
        content: The whole message as bytes, lines ended by CR LF.
    """

    key: bytes
    message_id: str
    subject: str
    recipient: str
    needs_utf8: bool
    content: bytes


class Composer:
    """Turns orders into letters from one sender."""

    def __init__(self, sender: Address) -> None:
        self._sender = sender
        environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["oneline"] = to_one_line
        self._text = environment.get_template(f"{TEMPLATE}.txt")
        self._html = environment.get_template(f"{TEMPLATE}.html")

    def compose(self, order: Event) -> Letter:
        """Return the confirmation of an order.

        Raises:
            RejectedRecord: The customer's address can never receive mail.
        """
        key = letter_key(order["order_id"])
        message_id = f"<{key.hex()[:32]}.{TEMPLATE}@{self._sender.domain}>"
        recipient = _to_recipient(order["customer"])
        subject = _to_subject(order)
        needs_utf8 = not recipient.addr_spec.isascii()
        facts = _to_facts(order, subject)
        return Letter(
            key=key,
            message_id=message_id,
            subject=subject,
            recipient=recipient.addr_spec,
            needs_utf8=needs_utf8,
            content=b"".join(
                [
                    _plain_header("Message-ID", message_id),
                    _plain_header("Date", format_datetime(datetime.now(UTC))),
                    _fold(SMTP, "From", self._sender),
                    _fold(SMTPUTF8 if needs_utf8 else SMTP, "To", recipient),
                    _fold(SMTP, "Subject", subject),
                    _plain_header("Auto-Submitted", "auto-generated"),
                    _plain_header("MIME-Version", "1.0"),
                    _alternatives(
                        f"=_{key.hex()[:32]}",
                        text=self._text.render(facts),
                        html=self._html.render(facts),
                    ),
                ]
            ),
        )


def letter_key(order_id: str) -> bytes:
    """Return what names the order's confirmation among all letters."""
    return sha256(f"{TEMPLATE}\n{order_id}".encode()).digest()


def parse_sender(text: str) -> Address:
    """Return the sender's address.

    Raises:
        ConfigError: It is not an address of ASCII characters.
    """
    try:
        name, _, spec = text.rpartition("<")
        address = Address(name.strip(' "'), addr_spec=spec.rstrip("> "))
    except (MessageError, ValueError, IndexError):
        address = None
    if address is None or not (address.domain and address.addr_spec.isascii()):
        raise ConfigError(
            f"--from-address {text!r} is not an e-mail address",
            hint="give it as shop@example.com or 'The Shop <shop@example.com>'",
        )
    return address


def to_one_line(words: object) -> str:
    """Return the words on one line, without characters that cannot be seen."""
    visible = "".join(
        " " if unicodedata.category(each) in _UNPRINTABLE else each
        for each in str(words)
    )
    return " ".join(visible.split())


# An EmailMessage for the whole letter takes five times as long: it parses and folds
# sixteen headers. What comes from outside goes through its policies all the same.


def _fold(
    policy: "EmailPolicy[EmailMessage]", name: str, value: Address | str
) -> bytes:
    """Return a header line, encoded and folded by the standard library."""
    return policy.fold_binary(name, policy.header_factory(name, value))


def _plain_header(name: str, value: str) -> bytes:
    """Return a header line of our own making: short and ASCII."""
    return f"{name}: {value}\r\n".encode("ascii")


def _alternatives(boundary: str, *, text: str, html: str) -> bytes:
    """Return a multipart/alternative body with the header that announces it."""
    part = f"\r\n--{boundary}\r\n".encode("ascii")
    announcement = f'multipart/alternative;\r\n boundary="{boundary}"'
    return b"".join(
        [
            _plain_header("Content-Type", announcement),
            *(part, _part("text/plain", text)),
            *(part, _part("text/html", html)),
            f"\r\n--{boundary}--\r\n".encode("ascii"),
        ]
    )


def _part(content_type: str, words: str) -> bytes:
    lines = words.replace("\n", "\r\n").encode()
    return b"".join(
        [
            _plain_header("Content-Type", f'{content_type}; charset="utf-8"'),
            _plain_header("Content-Transfer-Encoding", "quoted-printable"),
            b"\r\n",
            b2a_qp(lines),
        ]
    )


def _to_subject(order: Event) -> str:
    order_id = to_one_line(order["order_id"])
    return f"Your order {order_id} is confirmed"[:_SUBJECT_CHARACTERS]


def _to_facts(order: Event, subject: str) -> dict[str, object]:
    return {
        "subject": subject,
        "order_id": order["order_id"],
        "customer_name": order["customer"]["name"],
        "line_count": order["item_count"],
        "total": format_total(order["total"], order["currency"]),
        "created_at": order["created_at"],
    }


def _to_recipient(customer: Event) -> Address:
    """Return the address; its text stays out of the sentence, and so of the logs."""
    try:
        recipient = _parse_address(customer["email"])
    except (MessageError, ValueError, IndexError) as exc:
        reason = f"the customer's e-mail address is malformed ({type(exc).__name__})"
        raise RejectedRecord(reason) from None
    if not (recipient.username and recipient.domain):
        raise RejectedRecord("the customer's e-mail address lacks a part")
    is_long = len(recipient.username.encode()) > _LOCAL_BYTES
    if is_long or len(recipient.addr_spec.encode()) > _ADDRESS_BYTES:
        raise RejectedRecord("the customer's e-mail address is longer than SMTP allows")
    name = to_one_line(customer["name"])
    return Address(name, recipient.username, recipient.domain)


def _parse_address(text: str) -> Address:
    """Return the address with its domain as DNS has it (IDNA)."""
    if any(unicodedata.category(each) in _UNPRINTABLE for each in text):
        reason = "a control character"
        raise ValueError(reason)
    local, _, domain = text.strip().rpartition("@")
    dns_domain = domain.encode("idna").decode("ascii")
    # The library knows the grammar of ASCII addresses alone (RFC 6531 adds letters).
    grammar = "".join(each if each.isascii() else "x" for each in local)
    parsed = Address(addr_spec=f"{grammar}@{dns_domain}")
    return parsed if local.isascii() else Address("", local, dns_domain)
