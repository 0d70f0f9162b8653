"""Letters over SMTP, on one connection that is used again.

Which answer means what (RFC 5321): a 5xx to RCPT TO or to the letter itself concerns
this letter; every other refusal concerns the server, and any 4xx is for later. Between
the last byte of a letter and its answer lies the one moment of doubt.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from registry.errors import ConfigError
from runtime.errors import (
    MailInDoubt,
    MailRefused,
    MailUnavailable,
    RejectedRecord,
)
from sinks.notification_service.letter import Letter

log = structlog.get_logger()

_OK = 250
_WILL_FORWARD = 251
_GO_AHEAD = 354
_FOR_EVER = 500
_REPLY_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How to reach a mail server.

    Attributes:
        sender: Envelope sender, a bare address.
        is_tls: TLS from the first byte (smtps).
        requires_starttls: No letter goes out before STARTTLS.
        user: Login name, or None: no login.
        ca_file: Certificates to trust instead of the system's.
        timeout_s: Longest wait for one answer, > 0.
    """

    host: str
    port: int
    sender: str
    is_tls: bool = False
    requires_starttls: bool = False
    user: str | None = None
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout_s: float = 20.0

    @property
    def name(self) -> str:
        """The server's address, for people."""
        return f"{'smtps' if self.is_tls else 'smtp'}://{self.host}:{self.port}"


class SmtpMailer:
    """Sends letters to one server."""

    leaves_doubt = True

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._connection: smtplib.SMTP | None = None
        self._is_fresh = False

    def check(self) -> None:
        """Show that the certificates can be read; the server may be down for now.

        Raises:
            ConfigError: They cannot.
        """
        self._build_tls()

    def send(self, letter: Letter) -> None:
        """Send a letter; on return the server has taken it.

        Raises:
            RejectedRecord: Its address is one that this server can never take.
            MailRefused: The server refuses the letter for ever.
            MailUnavailable: The server takes no mail now. Retryable.
            MailInDoubt: The server may have taken it. Retryable.
        """
        connection = self._begin(letter)
        with self._environment("RCPT TO"):
            answer = connection.rcpt(letter.recipient)
        self._heed(answer, letter, fine=(_OK, _WILL_FORWARD))
        with self._environment("DATA"):
            answer = connection.docmd("DATA")
            if answer[0] != _GO_AHEAD:
                raise smtplib.SMTPDataError(*answer)
        self._heed(self._transmit(connection, letter), letter, fine=(_OK,))

    def send_again(self, letter: Letter) -> None:
        """Send a letter that may have arrived: under the same Message-ID."""
        log.warning("letter.sent_again", message_id=letter.message_id)
        self.send(letter)

    def settle(self) -> None:
        """What a server has taken is in its care."""

    def close(self) -> None:
        """Say good-bye to the server; safe to call again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()

    def _begin(self, letter: Letter) -> smtplib.SMTP:
        """Return a connection on which the letter's sender is accepted."""
        self._is_fresh = self._connection is None
        try:
            return self._say_sender(letter)
        except MailUnavailable:
            if self._is_fresh:
                raise
        # A server may close a connection that was idle: that is no refusal.
        return self._say_sender(letter)

    def _say_sender(self, letter: Letter) -> smtplib.SMTP:
        with self._environment("connecting"):
            connection = self._connection or self._connect()
        self._connection = connection
        options = []
        if letter.needs_utf8:
            if not connection.has_extn("smtputf8"):
                raise RejectedRecord(
                    "the customer's e-mail address is not ASCII and the mail server"
                    " does not take such addresses (SMTPUTF8)"
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        with self._environment("MAIL FROM"):
            answer = connection.mail(self._settings.sender, options)
            if answer[0] != _OK:
                raise smtplib.SMTPResponseException(*answer)
        return connection

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.is_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                timeout=settings.timeout_s,
                context=self._build_tls(),
            )
        else:
            connection = smtplib.SMTP(
                settings.host, settings.port, timeout=settings.timeout_s
            )
        try:
            self._introduce(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _introduce(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._settings.requires_starttls:
            connection.starttls(context=self._build_tls())
            connection.ehlo()
        if self._settings.user is not None:
            connection.login(self._settings.user, self._settings.password)

    def _transmit(self, connection: smtplib.SMTP, letter: Letter) -> tuple[int, bytes]:
        """Send the letter's bytes and return the answer."""
        body = _to_wire(letter.content)
        try:
            connection.send(body)
            return connection.getreply()
        except (OSError, smtplib.SMTPException) as exc:
            self._drop()
            reason = f"no answer to a letter ({_describe(exc)})"
            raise MailInDoubt(self._settings.name, reason) from exc

    def _heed(
        self, answer: tuple[int, bytes], letter: Letter, *, fine: tuple[int, ...]
    ) -> None:
        """Raise what the answer to RCPT TO or to the letter means."""
        code, text = answer
        if code in fine:
            return
        self._reset()
        reply = f"{code} {_to_text(text)}".replace(letter.recipient, "(recipient)")
        if code >= _FOR_EVER:
            raise MailRefused(reply)
        raise MailUnavailable(self._settings.name, reply)

    def _reset(self) -> None:
        """Forget the letter under way; a connection that cannot is given up."""
        try:
            if self._connection is not None:
                self._connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _environment(self, doing: str) -> Iterator[None]:
        """Map what goes wrong before a letter is under way: the server is to blame."""
        try:
            yield
        except (OSError, smtplib.SMTPException) as exc:
            self._drop()
            reason = f"{doing}: {_describe(exc)}"
            raise MailUnavailable(self._settings.name, reason) from exc

    def _build_tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._settings.ca_file)
        except OSError as exc:
            raise ConfigError(
                f"the certificates in {self._settings.ca_file} cannot be read:"
                f" {exc.strerror}",
                hint="name a PEM file with --mail-ca-file",
            ) from exc


def _to_wire(content: bytes) -> bytes:
    """Return the content with its dots doubled and its end marked (RFC 5321, 4.5.2)."""
    stuffed = b"\r\n".join(
        b"." + line if line.startswith(b".") else line
        for line in content.split(b"\r\n")
    )
    return stuffed.removesuffix(b"\r\n") + b"\r\n.\r\n"


def _describe(exc: OSError | smtplib.SMTPException) -> str:
    if isinstance(exc, smtplib.SMTPResponseException):
        error = exc.smtp_error
        text = error if isinstance(error, str) else _to_text(error)
        return f"{exc.smtp_code} {text}"
    return str(exc) or type(exc).__name__


def _to_text(reply: bytes) -> str:
    return " ".join(reply.decode("utf-8", "replace").split())[:_REPLY_CHARACTERS]
