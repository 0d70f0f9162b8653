"""Every option that several commands share, defined once."""

import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from registry.cli.completing import complete_baselines, complete_subjects
from registry.client import Credentials, RegistryClient, TlsFiles
from registry.errors import ConfigError, NoSuchSubject
from registry.gate.baselines import open_baseline
from registry.gate.versions import Baseline, Folder
from registry.names import CompatibilityLevel, Subject

Command = TypeVar("Command", bound=Callable[..., Any])

URL_ENVVAR = "SCHEMA_REGISTRY_URL"
_BASIC_ENVVARS = (
    "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO",
    "SCHEMA_REGISTRY_BASIC_AUTH",
)
_TOKEN_ENVVAR = "SCHEMA_REGISTRY_BEARER_TOKEN"  # noqa: S105 - a variable's name
_TIMEOUT_ENVVAR = "SCHEMA_REGISTRY_TIMEOUT_S"
_LONGEST_TIMEOUT_S = 3600.0
_TLS_ENVVARS = {
    "ca": "SCHEMA_REGISTRY_CA_FILE",
    "certificate": "SCHEMA_REGISTRY_CERTIFICATE_FILE",
    "key": "SCHEMA_REGISTRY_KEY_FILE",
}


subject = click.argument("subject", shell_complete=complete_subjects)

subjects = click.argument(
    "subjects",
    metavar="[SUBJECT]...",
    nargs=-1,
    shell_complete=complete_subjects,
)


def _schemas_dir(*, must_exist: bool) -> Callable[[Command], Command]:
    return click.option(
        "--schemas",
        "--dir",
        "folder",
        type=click.Path(exists=must_exist, file_okay=False, path_type=Path),
        default=Path("schemas"),
        show_default=True,
        envvar="CONTRACTS_DIR",
        show_envvar=True,
        help="Folder with one folder of version files a subject.",
    )


schemas_dir = _schemas_dir(must_exist=True)
schemas_dir_that_may_lack = _schemas_dir(must_exist=False)

registry_url = click.option(
    "--registry-url",
    envvar=URL_ENVVAR,
    show_envvar=True,
    required=True,
    metavar="URL",
    help="Address of the registry. Passwords, tokens and certificate files come from "
    "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO (user:password), "
    "SCHEMA_REGISTRY_BEARER_TOKEN, SCHEMA_REGISTRY_CA_FILE, "
    "SCHEMA_REGISTRY_CERTIFICATE_FILE and SCHEMA_REGISTRY_KEY_FILE; the longest wait "
    "for an answer from SCHEMA_REGISTRY_TIMEOUT_S.",
)

output_format = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for machines.",
)

level_value = click.Choice(
    [str(each) for each in CompatibilityLevel], case_sensitive=False
)

level = click.option(
    "--level",
    type=level_value,
    metavar="LEVEL",
    help="Instead of the manifest's: BACKWARD, FULL_TRANSITIVE, ...",
)

fail_on = click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    show_default=True,
    help="The mildest finding that refuses.",
)

dry_run = click.option(
    "--dry-run", is_flag=True, help="Say what would be done; change nothing."
)

keep_ids = click.option(
    "--keep-ids",
    is_flag=True,
    help="Register under the ids that `contracts pull` noted; the subjects must be in "
    "mode IMPORT.",
)


def configured_baselines() -> list[str]:
    """Return `against` of [tool.contracts] in the current folder's pyproject.toml.

    Raises:
        ConfigError: It is no list of texts.
    """
    try:
        table = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return []
    tool = table.get("tool")
    contracts = tool.get("contracts") if isinstance(tool, dict) else None
    against = contracts.get("against", []) if isinstance(contracts, dict) else []
    if isinstance(against, list) and all(isinstance(each, str) for each in against):
        return against
    reason = "[tool.contracts] against in pyproject.toml must be a list of texts"
    raise ConfigError(reason, hint='for example: against = ["git:origin/main"]')


baselines = click.option(
    "--against",
    "baselines",
    multiple=True,
    envvar="CONTRACTS_AGAINST",
    show_envvar=True,
    shell_complete=complete_baselines,
    metavar="registry:URL|dir:PATH|git:REF",
    default=configured_baselines,
    help="What is released; repeatable. Else what `against` lists in the table "
    "[tool.contracts] of pyproject.toml; else each subject's versions are compared "
    "with each other.",
)


def connect(url: str) -> RegistryClient:
    """Return a client for the address, with the environment's credentials.

    It is closed when the command that runs has ended, if not before.
    """
    client = RegistryClient(
        url,
        credentials=_credentials(),
        tls=_tls_files(),
        timeout_s=_timeout_s(),
    )
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(client.close)
    return client


def _credentials() -> Credentials | None:
    token = os.environ.get(_TOKEN_ENVVAR, "")
    if token:
        return Credentials(token=token)
    for name in _BASIC_ENVVARS:
        user, _, password = os.environ.get(name, "").partition(":")
        if user:
            return Credentials(user=user, password=password)
    return None


def _tls_files() -> TlsFiles | None:
    files = {key: os.environ.get(name, "") for key, name in _TLS_ENVVARS.items()}
    return TlsFiles(**files) if any(files.values()) else None


def _timeout_s() -> float:
    given = os.environ.get(_TIMEOUT_ENVVAR, "10")
    try:
        timeout_s = float(given)
    except ValueError:
        timeout_s = 0.0
    if not 0 < timeout_s <= _LONGEST_TIMEOUT_S:
        reason = f"{_TIMEOUT_ENVVAR} is {given!r}, not a number of seconds above 0"
        raise ConfigError(reason, hint=f"for example: {_TIMEOUT_ENVVAR}=10")
    return timeout_s


source = click.option(
    "--from",
    "source",
    default="dir:schemas",
    shell_complete=complete_baselines,
    show_default=True,
    metavar="registry:URL|dir:PATH|git:REF",
    help="Where to read versions.",
)


def open_source(spec: str) -> Baseline:
    """Return the versions that the option --from names."""
    return open_baseline(spec, folder=Path("schemas"), connect=connect)


def choose_subjects(folder: Folder, names: Sequence[str]) -> list[Subject]:
    """Return the subjects so named; a usage error if the folder lacks one.

    So is a folder without any version file: it is not the one that was meant.
    """
    if not folder.versions:
        reason = f"{folder.name} has no version files: <subject>/v<number>.avsc"
        raise click.UsageError(reason)
    for each in names:
        if Subject(each) not in folder.versions:
            raise click.UsageError(
                str(NoSuchSubject(folder.name, each, folder.versions))
            )
    return [Subject(each) for each in names]
