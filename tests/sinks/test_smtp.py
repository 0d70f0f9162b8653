"""Each answer of a real mail server, and what it means for the letter."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from runtime.errors import (
    MailInDoubt,
    MailRefused,
    MailUnavailable,
    RejectedRecord,
)
from sinks.notification_service.letter import Composer, Letter, parse_sender
from sinks.notification_service.smtp import SmtpMailer, SmtpSettings
from tests.sinks.mailserver import PASSWORD, USER, Inbox, serving
from tests.sinks.orders import order

compose = Composer(parse_sender("shop@example.com")).compose


@pytest.fixture
def inbox() -> Inbox:
    """Return an inbox whose server takes everything."""
    return Inbox()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with a certificate for localhost and its key."""
    path = tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-batch"),
            *("-keyout", path, "-out", tmp_path / "public.pem", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("a") as file:
        file.write((tmp_path / "public.pem").read_text())
    return path


@contextmanager
def mailer_to(port: int, **settings: object) -> Iterator[SmtpMailer]:
    """Give a mailer until the end of the block."""
    given = {"host": "localhost", "sender": "shop@example.com", "timeout_s": 5.0}
    mailer = SmtpMailer(SmtpSettings(port=port, **{**given, **settings}))  # type: ignore[arg-type] # the test's own
    with closing(mailer):
        yield mailer


@pytest.fixture
def mailer(inbox: Inbox) -> Iterator[SmtpMailer]:
    """Return a mailer to the inbox's server, which has no TLS and no login."""
    with serving(inbox) as port, mailer_to(port) as mailer:
        yield mailer


@pytest.fixture
def letter() -> Letter:
    """Return the letter of an order."""
    return compose(order(1))


def test_letters_go_out_over_one_connection(mailer: SmtpMailer, inbox: Inbox) -> None:
    """Sender and recipients are right, and the bytes are those of the letter."""
    letters = [compose(order(each)) for each in range(3)]

    for letter in letters:
        mailer.send(letter)

    assert inbox.connection_count == 1
    assert inbox.message_ids == [each.message_id for each in letters]
    assert inbox.envelopes[1].original_content == letters[1].content
    assert inbox.envelopes[1].mail_from == "shop@example.com"
    assert inbox.envelopes[1].rcpt_tos == ["zoe1@shop.example"]


def test_a_line_that_is_a_dot_does_not_end_a_letter(
    mailer: SmtpMailer, inbox: Inbox
) -> None:
    """Dots at the start of a line are doubled on the wire and nowhere else."""
    letter = compose(order(1))
    dotted = Letter(
        key=letter.key,
        message_id=letter.message_id,
        subject=letter.subject,
        recipient=letter.recipient,
        needs_utf8=False,
        content=letter.content + b".\r\n..\r\n.end\r\n",
    )

    mailer.send(dotted)

    assert inbox.envelopes[0].original_content == dotted.content


@pytest.mark.parametrize("where", ["rcpt_answers", "data_answers"])
def test_a_letter_refused_for_ever_is_one_letter(
    where: str, mailer: SmtpMailer, inbox: Inbox, letter: Letter
) -> None:
    """The next one goes out over the same connection."""
    setattr(inbox, where, ["550 <zoe1@shop.example> is unknown"])

    with pytest.raises(MailRefused, match="550") as caught:
        mailer.send(letter)
    mailer.send(compose(order(2)))

    assert "zoe1@shop.example" not in str(caught.value)
    assert (len(inbox.envelopes), inbox.connection_count) == (1, 1)


@pytest.mark.parametrize("where", ["rcpt_answers", "data_answers", "mail_answers"])
def test_a_letter_refused_for_now_is_tried_again(
    where: str, mailer: SmtpMailer, inbox: Inbox, letter: Letter
) -> None:
    """There is no doubt: it was not sent, and it goes out later."""
    setattr(inbox, where, ["451 come back later"])

    with pytest.raises(MailUnavailable, match="451") as caught:
        mailer.send(letter)
    mailer.send(letter)

    assert not isinstance(caught.value, MailInDoubt)
    assert len(inbox.envelopes) == 1


def test_a_sender_refused_for_ever_is_not_the_letters_fault(
    mailer: SmtpMailer, inbox: Inbox, letter: Letter
) -> None:
    """Every letter would be refused so: it is waited for until somebody mends it."""
    inbox.mail_answers = ["553 not your address"]

    with pytest.raises(MailUnavailable, match="553"):
        mailer.send(letter)


@pytest.mark.parametrize("behaviour", ["drop", "drop before", "hang"])
def test_no_answer_after_the_letter_leaves_doubt(
    behaviour: str, inbox: Inbox, letter: Letter
) -> None:
    """Whether it was taken cannot be known from here."""
    inbox.data_answers = [behaviour]

    with serving(inbox) as port, mailer_to(port, timeout_s=0.5) as mailer:
        with pytest.raises(MailInDoubt):
            mailer.send(letter)
        mailer.send_again(letter)

    assert set(inbox.message_ids) == {letter.message_id}


def test_a_server_that_is_down_is_waited_for(letter: Letter) -> None:
    """The sentence names its address."""
    with (
        mailer_to(9) as mailer,
        pytest.raises(MailUnavailable, match="smtp://localhost:9 takes no mail"),
    ):
        mailer.send(letter)


def test_an_idle_connection_that_was_closed_is_made_anew(
    inbox: Inbox, letter: Letter
) -> None:
    """A server may end a connection between two letters; nobody notices."""
    with serving(inbox) as port, mailer_to(port) as mailer:
        mailer.send(letter)
        inbox.mail_answers = ["421 too long idle"]

        mailer.send(compose(order(2)))

    assert (len(inbox.envelopes), inbox.connection_count) == (2, 2)


def test_an_address_outside_ascii_goes_to_a_server_with_smtputf8(
    mailer: SmtpMailer, inbox: Inbox
) -> None:
    """As it is, in the envelope and in the header."""
    event = order(1, customer={"id": "1", "name": "S", "email": "søren@shop.example"})

    mailer.send(compose(event))

    assert inbox.envelopes[0].rcpt_tos == ["søren@shop.example"]
    assert inbox.envelopes[0].smtp_utf8


def test_an_address_outside_ascii_is_a_dead_letter_elsewhere(inbox: Inbox) -> None:
    """The server can never take it, and the next letter is none the worse."""
    event = order(1, customer={"id": "1", "name": "S", "email": "søren@shop.example"})

    with serving(inbox, takes_utf8=False) as port, mailer_to(port) as mailer:
        with pytest.raises(RejectedRecord, match="SMTPUTF8"):
            mailer.send(compose(event))
        mailer.send(compose(order(2)))

    assert len(inbox.envelopes) == 1


def test_a_login_goes_over_starttls(
    inbox: Inbox, letter: Letter, certificate: Path
) -> None:
    """The certificate is checked, and the letter goes out after both."""
    with (
        serving(inbox, tls=_server_tls(certificate), requires_login=True) as port,
        mailer_to(
            port,
            requires_starttls=True,
            ca_file=certificate,
            user=USER,
            password=PASSWORD,
        ) as mailer,
    ):
        mailer.send(letter)

    assert inbox.logins == [USER]
    assert inbox.envelopes[0].rcpt_tos == ["zoe1@shop.example"]


def test_a_certificate_nobody_vouches_for_is_not_accepted(
    inbox: Inbox, letter: Letter, certificate: Path
) -> None:
    """The password does not reach such a server."""
    with (
        serving(inbox, tls=_server_tls(certificate), requires_login=True) as port,
        mailer_to(port, requires_starttls=True, user=USER, password=PASSWORD) as mailer,
        pytest.raises(MailUnavailable, match="certificate"),
    ):
        mailer.send(letter)

    assert inbox.logins == []


def test_starttls_that_is_not_offered_is_not_done_without(
    inbox: Inbox, letter: Letter
) -> None:
    """No letter travels in the clear when that was forbidden."""
    with (
        serving(inbox) as port,
        mailer_to(port, requires_starttls=True) as mailer,
        pytest.raises(MailUnavailable, match="STARTTLS"),
    ):
        mailer.send(letter)

    assert inbox.envelopes == []


def test_a_wrong_password_is_waited_for(
    inbox: Inbox, letter: Letter, certificate: Path
) -> None:
    """It is no fault of the letter, and the password is not repeated."""
    with (
        serving(inbox, tls=_server_tls(certificate), requires_login=True) as port,
        mailer_to(
            port,
            requires_starttls=True,
            ca_file=certificate,
            user=USER,
            password="wrong-word",  # noqa: S106 - the server's own is another
        ) as mailer,
        pytest.raises(MailUnavailable, match="535") as caught,
    ):
        mailer.send(letter)

    assert "wrong-word" not in str(caught.value)
    assert "wrong-word" not in repr(mailer._settings)  # noqa: SLF001 - what a log would show
    assert inbox.envelopes == []


def _server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
