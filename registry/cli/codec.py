"""`contracts codec`: the code that a contract compiles itself to."""

import json

import click

from registry.cli import options
from registry.codec import Numbers, compile_decoder, compile_encoder
from registry.compatibility import parse_schema, resolved_text
from registry.gate.versions import SchemaVersion
from registry.sources import get_versions, pick_version


@click.command()
@options.subject
@click.option(
    "--version", "number", type=click.IntRange(1), help="The writer; else the newest."
)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="PATH",
    help="Read only this, such as items[].sku; may be repeated.",
)
@click.option(
    "--passed-on",
    multiple=True,
    metavar="FIELD",
    help="Leave this field's value as bytes; may be repeated.",
)
@click.option("--encoder", is_flag=True, help="Show what writes, not what reads.")
@click.option("--scaled", is_flag=True, help="Numbers as the integers on the wire.")
@options.source
@options.output_format
def codec(  # noqa: PLR0913 - one parameter a flag
    subject: str,
    *,
    number: int | None,
    fields: tuple[str, ...],
    passed_on: tuple[str, ...],
    encoder: bool,
    scaled: bool,
    source: str,
    output_format: str,
) -> None:
    r"""Print the Python that reads or writes a subject's records.

    It is generated from the schemas: a version's records are read as the newest
    version says. Services run exactly this.

    \b
    Example:
        contracts codec order-details-value --version 1 --field order_id
    """
    versions = get_versions(options.open_source(source), subject)
    writer, newest = pick_version(versions, number), pick_version(versions, None)
    numbers = Numbers.SCALED if scaled else Numbers.EXACT
    text = (
        compile_encoder(_text(writer), numbers=numbers, passed_on=passed_on).source
        if encoder
        else compile_decoder(
            writer=_text(writer),
            reader=_text(newest),
            fields=fields or None,
            numbers=numbers,
            passed_on=passed_on,
        ).source
    )
    if output_format == "json":
        row = {"subject": subject, "version": writer.version, "source": text}
        text = json.dumps(row) + "\n"
    click.echo(text, nl=False)


def _text(version: SchemaVersion) -> str:
    """Return the schema with the types of its references in it."""
    schema = parse_schema(
        version.text, references=version.reference_texts, is_new=False
    )
    return resolved_text(schema)
