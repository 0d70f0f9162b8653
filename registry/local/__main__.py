"""`python -m registry.local`: the registry as a process of its own."""

import json
import sys
from pathlib import Path

import click

from registry.errors import ConfigError
from registry.local import Emulation, Limits, SqliteStore, serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen here.")
@click.option("--port", default=8081, show_default=True, help="0 takes a free one.")
@click.option(
    "--store",
    "store_name",
    default="memory",
    show_default=True,
    metavar="memory|FILE",
    help="Where schemas are kept.",
)
@click.option(
    "--emulate",
    type=click.Choice(list(Emulation)),
    default=Emulation.V8,
    show_default=True,
    help="Answer as this release line does.",
)
@click.option(
    "--max-body-bytes",
    type=click.IntRange(min=1024),
    default=Limits().max_body_bytes,
    show_default=True,
    help="Refuse longer request bodies.",
)
def main(
    host: str, port: int, store_name: str, emulate: Emulation, max_body_bytes: int
) -> None:
    r"""Serve a Confluent-compatible schema registry for Avro.

    Prints one line of JSON with its URL as soon as it answers; stops on SIGTERM.

    \b
    Example:
        python -m registry.local --port 0 --store registry.sqlite
    """
    try:
        store = SqliteStore.open(None if store_name == "memory" else Path(store_name))
        try:
            serve(
                host,
                port,
                store,
                on_ready=_announce,
                emulate=Emulation(emulate),
                limits=Limits(max_body_bytes=max_body_bytes),
            )
        finally:
            store.close()
    except ConfigError as exc:
        click.echo(f"{exc}\nhint: {exc.hint}" if exc.hint else str(exc), err=True)
        sys.exit(exc.exit_code)


def _announce(url: str) -> None:
    click.echo(json.dumps({"url": url}))


if __name__ == "__main__":
    main()
