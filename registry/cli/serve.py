"""`contracts serve`: the embedded registry."""

import os
import sys

import click


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
    type=click.Choice(["7.9", "8.x"]),
    default="8.x",
    show_default=True,
    help="Which generation of Confluent's registry to be.",
)
def serve(host: str, port: int, store: str, emulate: str) -> None:
    r"""Serve a Confluent-compatible schema registry until Ctrl-C.

    Prints one line of JSON with its address when it is ready.

    \b
    Example:
        contracts serve --port 8081 --store registry.db
    """
    options = ["--host", host, "--port", str(port), "--store", store]
    sys.stdout.flush()
    os.execv(  # noqa: S606 - our own module, so that signals reach the server itself
        sys.executable,
        [sys.executable, "-m", "registry.local", *options, "--emulate", emulate],
    )
