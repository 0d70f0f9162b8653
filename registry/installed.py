"""What is installed here, for `--version` and `doctor`.

Nothing of it is loaded before it is asked for: the gate starts in a pre-commit hook.
"""

import platform
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module, metadata
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Facts = Mapping[str, str]
"""Name -> what is there, as people read it."""

NOT_INSTALLED = "not installed"
_WIDTH = 17


def find_version(distribution: str) -> str | None:
    """Return the version of an installed distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def to_install(extra: str) -> str:
    """Return how an extra is installed: from the repository, for no index has Accord.

    The "accord" of a public index is somebody else's.
    """
    return f"in a copy of Accord's repository: pip install '.[{extra}]'"


def find_librdkafka() -> str | None:
    """Return the version of librdkafka that confluent-kafka runs, or None."""
    try:
        client = import_module("confluent_kafka")
    except ImportError:
        return None
    text, _number = client.libversion()
    return str(text)


def find_facts() -> dict[str, str]:
    """Return the versions that a report of a fault needs, by name."""
    found = {
        "Accord": find_version("accord"),
        "Python": platform.python_version(),
        "fastavro": find_version("fastavro"),
        "confluent-kafka": find_version("confluent-kafka"),
        "librdkafka": find_librdkafka(),
    }
    return {name: version or NOT_INSTALLED for name, version in found.items()}


def version_option(
    *sources: Callable[[], Facts],
) -> Callable[[Command], Command]:
    """Return a decorator that adds `--version`.

    Args:
        sources: Say what a program runs on besides; asked by `--version` alone.
    """

    def show(context: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's own signature
        if value and not context.resilient_parsing:
            click.echo(render_facts([find_facts(), *(each() for each in sources)]))
            context.exit()

    return click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        allow_from_autoenv=False,  # ACCORD_VERSION may be whose it likes
        callback=show,
        help="Show what is installed and exit.",
    )


def render_facts(parts: Iterable[Facts]) -> str:
    """Return a line a fact."""
    return "\n".join(
        f"{name:<{_WIDTH}}{found}" for part in parts for name, found in part.items()
    )
