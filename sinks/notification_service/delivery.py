"""Which mailer `--mail` and the flags around it ask for."""

from collections.abc import Mapping
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from registry.errors import ConfigError
from runtime.config import Options
from sinks.notification_service.maildir import Maildir
from sinks.notification_service.mailer import Mailer
from sinks.notification_service.smtp import SmtpMailer, SmtpSettings

_FORM = "maildir:PATH, smtp://HOST:PORT or smtps://HOST:PORT"
_PORTS = {"smtp": 25, "smtps": 465}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def open_mailer(options: Options, sender: Address) -> Mailer:
    """Return the mailer that the flags describe; nothing is connected yet.

    Raises:
        ConfigError: `--mail` is malformed, or a password would travel in the clear.
    """
    address = options["mail"]
    scheme, _, rest = address.partition(":")
    if scheme == "maildir" and rest:
        return Maildir(Path(rest))
    if scheme in _PORTS:
        return SmtpMailer(_read_smtp(address, options, sender))
    raise ConfigError(f"--mail must have the form {_FORM}")


def _read_smtp(address: str, options: Options, sender: Address) -> SmtpSettings:
    url = _split(address)
    user: str | None = options["smtp_user"]
    settings = SmtpSettings(
        host=url.hostname or "",
        port=url.port or _PORTS[url.scheme],
        sender=sender.addr_spec,
        is_tls=url.scheme == "smtps",
        requires_starttls=_requires_starttls(url),
        user=user,
        password=options["smtp_password"] or "",
        ca_file=options["mail_ca_file"],
        timeout_s=options["mail_timeout"],
    )
    is_private = settings.is_tls or settings.requires_starttls
    if user is not None and not is_private and settings.host not in _LOOPBACK:
        raise ConfigError(
            f"the password for {settings.name} would travel in the clear",
            hint="use smtps://, or smtp://HOST:PORT?starttls=required",
        )
    return settings


def _split(address: str) -> SplitResult:
    """Return the URL's parts; its text may hold a password and is not repeated."""
    try:
        url = urlsplit(address)
        is_complete = bool(url.hostname) and url.port != 0 and url.path in ("", "/")
    except ValueError:
        raise ConfigError(f"--mail must have the form {_FORM}") from None
    if not is_complete:
        raise ConfigError(f"--mail must have the form {_FORM}")
    if "@" in url.netloc:
        raise ConfigError(
            "--mail must not hold a login: other users could see it",
            hint="set ACCORD_SMTP_USER and ACCORD_SMTP_PASSWORD",
        )
    return url


def _requires_starttls(url: SplitResult) -> bool:
    query: Mapping[str, Any] = parse_qs(url.query, keep_blank_values=True)
    match query:
        case {"starttls": [("required" | "off") as value]} if len(query) == 1:
            return bool(value == "required") and url.scheme == "smtp"
        case {} if not query:
            return False
    raise ConfigError("--mail knows one parameter: ?starttls=required or off")
