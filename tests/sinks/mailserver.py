"""A real SMTP server (aiosmtpd) that behaves as badly as a test asks for."""

import asyncio
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "shop", "secret-word"


@dataclass
class Inbox:
    """What the server does, and what it has got.

    Attributes:
        rcpt_answers: For each RCPT TO in turn; then "250 OK".
        mail_answers: For each MAIL FROM in turn; then "250 OK".
        data_answers: For each letter in turn; then "250 OK". "hang" keeps the client
            waiting, "drop" takes the letter and ends the connection, "drop before"
            does not take it.
        logins: Users that logged in.
        envelopes: Letters that were taken.
        connection_count: Connections made so far.
    """

    rcpt_answers: list[str] = field(default_factory=list)
    mail_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    connection_count: int = 0
    on_letter: Callable[[], None] = lambda: None

    @property
    def message_ids(self) -> list[str]:
        """Message-IDs of what was taken, in order."""
        return [
            message_from_bytes(each.original_content or b"")["Message-ID"]
            for each in self.envelopes
        ]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Answer MAIL FROM."""
        if self.mail_answers:
            return self.mail_answers.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Answer RCPT TO."""
        if self.rcpt_answers:
            answer = self.rcpt_answers.pop(0)
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a letter, or not."""
        self.on_letter()
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        match answer:
            case "hang":
                await asyncio.sleep(30)
            case "drop" | "drop before":
                assert isinstance(server.transport, asyncio.Transport)
                server.transport.abort()
        if answer in ("drop", "250 OK"):
            self.envelopes.append(envelope)
        return answer


@contextmanager
def serving(
    inbox: Inbox,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    requires_login: bool = False,
    takes_utf8: bool = True,
) -> Iterator[int]:
    """Serve on a port, a free one for 0, and yield it.

    With `tls`, STARTTLS is offered; a login is asked for after it only.
    """

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: object
    ) -> AuthResult:
        is_right = data == LoginPassword(USER.encode(), PASSWORD.encode())
        inbox.logins.append(USER if is_right else "?")
        return AuthResult(success=is_right, handled=False)

    def connect() -> SMTP:
        inbox.connection_count += 1
        with warnings.catch_warnings():
            # A login without TLS is what some tests are about.
            warnings.filterwarnings("ignore", message="Requiring AUTH")
            return build()

    def build() -> SMTP:
        return SMTP(
            inbox,
            hostname="mail.example",
            enable_SMTPUTF8=takes_utf8,
            decode_data=False,
            tls_context=tls,
            auth_required=requires_login,
            auth_require_tls=tls is not None,
            authenticator=authenticate if requires_login else None,
            loop=loop,
        )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail server")
    thread.start()
    try:
        listening = loop.create_server(connect, "127.0.0.1", port)
        server = asyncio.run_coroutine_threadsafe(listening, loop).result(10)
        yield int(server.sockets[0].getsockname()[1])
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Close the listener and whatever is still connected."""
    server.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
