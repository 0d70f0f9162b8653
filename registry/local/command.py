"""`contracts serve` and `python -m registry.local`: the registry as a process."""

import json
import sys
from pathlib import Path
from typing import TypedDict, Unpack

import click

from registry.errors import ConfigError
from registry.local import server
from registry.local.accounts import Accounts
from registry.local.app import Options
from registry.local.dispatch import Limits
from registry.local.emulation import Emulation
from registry.local.request_log import open_log
from registry.local.server import Address
from registry.local.store import SqliteStore

_FILE = click.Path(dir_okay=False, path_type=Path)
_ACCOUNTS_ENVVAR = "REGISTRY_BASIC_AUTH"


class _Flags(TypedDict):
    host: str
    port: int
    store: str
    emulate: str
    read_only: bool
    schemas: Path | None
    basic_auth_file: Path | None
    basic_auth: str | None
    tls_certificate: Path | None
    tls_key: Path | None
    log_requests: bool
    max_body_bytes: int
    head_timeout: float
    body_timeout: float


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8081,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@click.option(
    "--store",
    default="memory",
    show_default=True,
    metavar="memory|FILE",
    help="Where schemas are kept.",
)
@click.option(
    "--emulate",
    type=click.Choice([str(each) for each in Emulation]),
    default=str(Emulation.V8),
    show_default=True,
    help="Which generation of Confluent's registry to be.",
)
@click.option("--read-only", is_flag=True, help="Refuse every write.")
@click.option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder whose contracts.toml tells /ui who reads what.",
)
@click.option(
    "--basic-auth-file",
    type=_FILE,
    envvar=f"{_ACCOUNTS_ENVVAR}_FILE",
    show_envvar=True,
    help="Let in only its users: user:password or user:scrypt$... a line. Without "
    f"a file, the lines may stand in {_ACCOUNTS_ENVVAR}.",
)
@click.option(
    "--basic-auth",
    envvar=_ACCOUNTS_ENVVAR,
    hidden=True,  # a password on a command line is seen by everybody
)
@click.option("--tls-certificate", type=_FILE, help="PEM file; speak HTTPS with it.")
@click.option("--tls-key", type=_FILE, help="PEM file of the certificate's key.")
@click.option(
    "--log-requests/--no-log-requests",
    default=True,
    show_default=True,
    help="A line of JSON a request on standard error.",
)
@click.option(
    "--max-body-bytes",
    type=click.IntRange(min=1024),
    default=Limits().max_body_bytes,
    show_default=True,
    help="Refuse longer request bodies.",
)
@click.option(
    "--head-timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().head_timeout_s,
    show_default=True,
    metavar="SECONDS",
    help="Refuse requests whose line and headers take longer to arrive.",
)
@click.option(
    "--body-timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().body_timeout_s,
    show_default=True,
    metavar="SECONDS",
    help="Refuse requests whose body takes longer to arrive.",
)
def serve(**flags: Unpack[_Flags]) -> None:
    """Serve a Confluent-compatible schema registry until Ctrl-C.

    Prints one line of JSON with its address when it is ready. A page for people is
    below /ui.

    \b
    Example:
        contracts serve --port 8081 --store registry.db
    """  # noqa: D301 - \b is click's mark, not a backslash
    try:
        _serve(flags)
    except ConfigError as exc:
        click.echo(f"{exc}\nhint: {exc.hint}" if exc.hint else str(exc), err=True)
        sys.exit(exc.exit_code)


def _serve(flags: _Flags) -> None:
    options = _options(flags)
    path = None if flags["store"] == "memory" else Path(flags["store"])
    store = SqliteStore.open(path, is_read_only=flags["read_only"])
    address = Address(
        host=flags["host"],
        port=flags["port"],
        certificate=flags["tls_certificate"],
        key=flags["tls_key"],
    )
    try:
        server.serve(store, address, on_ready=_announce, options=options)
    finally:
        store.close()


def _options(flags: _Flags) -> Options:
    return Options(
        emulate=Emulation(flags["emulate"]),
        limits=Limits(
            max_body_bytes=flags["max_body_bytes"],
            head_timeout_s=flags["head_timeout"],
            body_timeout_s=flags["body_timeout"],
        ),
        accounts=_accounts(flags["basic_auth_file"], flags["basic_auth"] or ""),
        log=open_log() if flags["log_requests"] else None,
        schemas=flags["schemas"],
    )


def _accounts(path: Path | None, text: str) -> Accounts | None:
    if path is None:
        return Accounts.parse(text, source=_ACCOUNTS_ENVVAR) if text else None
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"cannot read the accounts in {path}: {exc}") from exc
    return Accounts.parse(text, source=str(path))


def _announce(url: str) -> None:
    click.echo(json.dumps({"url": url}))
