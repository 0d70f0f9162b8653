"""`contracts compat`: Avro's own verdict on a reader and a writer."""

import json
import sys
from pathlib import Path

import click

from registry.batch import answer_lines, judge
from registry.cli import failures, options
from registry.compatibility import AvroVersion
from registry.sources import parse_version, read_file

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_GENERATIONS = {"7.9": AvroVersion.V1_11, "8.x": AvroVersion.V1_12}


@click.command()
@click.option("--reader", type=_FILE, help="Schema that decodes; held to be new.")
@click.option("--writer", type=_FILE, help="Schema that encoded.")
@click.option(
    "--batch",
    is_flag=True,
    help="Judge pairs from standard input, JSON Lines in and out.",
)
@click.option(
    "--emulate",
    type=click.Choice(list(_GENERATIONS)),
    default="8.x",
    show_default=True,
    help="Judge as this generation of Confluent's registry.",
)
@options.output_format
def compat(
    reader: Path | None,
    writer: Path | None,
    *,
    batch: bool,
    emulate: str,
    output_format: str,
) -> int:
    r"""Tell whether READER can read what WRITER wrote; levels do not matter here.

    Exit status 0: it can; 1: it cannot, or one of them is no schema. With --batch 0
    once every line is answered: {"id", "reader", "writer"}, both schemas as strings.

    \b
    Example:
        contracts compat --reader v2.avsc --writer v1.avsc
        contracts compat --batch < pairs.jsonl
    """
    avro = _GENERATIONS[emulate]
    if batch:
        _refuse_files(reader, writer)
        for line in answer_lines(sys.stdin.buffer, avro=avro):
            click.echo(line)
        return failures.ACCEPTED
    if reader is None or writer is None:
        raise click.UsageError("name --reader and --writer, or use --batch")
    verdict = judge(
        reader=parse_version(read_file(reader), is_new=True, avro=avro),
        writer=parse_version(read_file(writer), avro=avro),
    )
    _show(verdict, output_format)
    return failures.ACCEPTED if verdict["compatible"] else failures.REFUSED


def _refuse_files(reader: Path | None, writer: Path | None) -> None:
    if reader is not None or writer is not None:
        raise click.UsageError("--batch takes its pairs from standard input alone")


def _show(verdict: dict[str, object], output_format: str) -> None:
    if output_format == "json":
        click.echo(json.dumps(verdict))
        return
    click.echo("compatible" if verdict["compatible"] else "not compatible")
    for line in _reasons(verdict):
        click.echo(f"  {line}")


def _reasons(verdict: dict[str, object]) -> list[str]:
    if "exception" in verdict:
        return [str(verdict["exception"])]
    reasons = verdict["incompatibilities"]
    return [
        f"{each['type']} at {each['location']}: {each['message']}"
        for each in (reasons if isinstance(reasons, list) else [])
    ]
