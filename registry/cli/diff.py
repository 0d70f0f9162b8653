"""`contracts diff`: what is different between two schemas."""

import json
from dataclasses import dataclass

import click

from registry.batch import judge
from registry.cli import options
from registry.cli.output import say
from registry.compatibility import AvroSchema
from registry.diff import Change, find_changes
from registry.gate.versions import SchemaVersion
from registry.sources import Source, find_version, parse_version

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """What the command found.

    Attributes:
        is_backward: True if B reads what A wrote.
        is_forward: True if A reads what B wrote.
    """

    before: SchemaVersion
    after: SchemaVersion
    changes: list[Change]
    is_backward: bool
    is_forward: bool


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@options.source
@options.output_format
def diff(before: str, after: str, source: str, output_format: str) -> None:
    r"""Tell what changes from schema A to schema B, whatever the texts look like.

    A and B are files, or SUBJECT@VERSION (or SUBJECT@latest) of --from.

    \b
    Example:
        contracts diff order-details-value@1 order-details-value@2
        contracts diff order-details-value@latest draft.avsc
    """
    versions = Source(lambda: options.open_source(source))
    found = _compare(find_version(before, versions), find_version(after, versions))
    if output_format == "json":
        click.echo(json.dumps(_as_json(found)))
        return
    for change in found.changes:
        say(f"{change.mark} {change}", colour=_COLOURS[change.mark])
    if not found.changes:
        click.echo("no difference")
    click.echo(f"B reads A: {_word(found.is_backward)}")
    click.echo(f"A reads B: {_word(found.is_forward)}")


def _compare(before: SchemaVersion, after: SchemaVersion) -> _Difference:
    was, is_now = parse_version(before), parse_version(after)
    return _Difference(
        before=before,
        after=after,
        changes=find_changes(before=was, after=is_now),
        is_backward=_reads(reader=is_now, writer=was),
        is_forward=_reads(reader=was, writer=is_now),
    )


def _reads(*, reader: AvroSchema, writer: AvroSchema) -> bool:
    return bool(judge(reader=reader, writer=writer)["compatible"])


def _as_json(found: _Difference) -> dict[str, object]:
    return {
        "before": found.before.origin,
        "after": found.after.origin,
        "changes": [each.as_json() for each in found.changes],
        "backward": found.is_backward,
        "forward": found.is_forward,
    }


def _word(is_so: bool) -> str:  # noqa: FBT001 - a value, not a switch
    return "yes" if is_so else "no"
