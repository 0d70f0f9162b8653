"""`pipeline dlq`: look at dead letters, replay them, or drop them."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import click

from operations.cli import dlq_options as where
from operations.cli import options
from operations.cli.dlq_output import Tally, line_of, stats_text, to_full_json, whole_of
from operations.dead_letters.box import Box, Settled
from operations.dead_letters.errors import NoSuchLetter
from operations.dead_letters.settling import (
    Decide,
    drop,
    find_open,
    preview,
    replay,
    settle,
)
from operations.dead_letters.stats import count_causes
from runtime.config import SETTINGS, option
from runtime.logs import configure_logs
from runtime.service import stop_on_signals

dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done.")
rate = option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="PER_SECOND",
    help="Most letters a second.  [default: no limit]",
)
limit = click.option(
    "--limit", type=click.IntRange(min=1), help="At most so many, the oldest first."
)


@click.group()
def dlq() -> None:
    """Look at dead letters, replay them once mended, or drop them.

    \b
    Example:
        pipeline dlq stats
        pipeline dlq replay --fingerprint 1f0c9a77be02 --dry-run
    """  # noqa: D301 - \b is click's mark, not a backslash


@dlq.command("list", context_settings=SETTINGS)
@where.box_options
@where.selection_options
@where.state
@limit
@options.output_format
@click.pass_context
def list_letters(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """List dead letters, without their content.

    \b
    Example:
        pipeline dlq list --since 2026-03-01T00:00:00Z --format json

    \b
    Exit codes:
        0 listed    2 usage    75 broker or database do not answer
        78 topic or database missing, or nothing runs on --data
    """  # noqa: D301 - \b is click's mark, not a backslash
    selection, state = where.read_selection(values), values["state"]
    with where.opened_box(options.Flags(ctx, values)) as box:
        chosen = (
            each
            for each in box.letters()
            if each in selection and state in ("all", each.state)
        )
        letters = islice(chosen, values["limit"])
        if values["output_format"] == "json":
            found = [each.to_json() for each in letters]
            click.echo(json.dumps({"dead_letters": found}))
        else:
            for each in letters:
                click.echo(line_of(each))


@dlq.command(context_settings=SETTINGS)
@click.argument("letter_id", metavar="ID")
@where.box_options
@options.output_format
@click.pass_context
def show(ctx: click.Context, /, letter_id: str, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Show one dead letter whole: reason, headers, content.

    \b
    Example:
        pipeline dlq show 3:17

    \b
    Exit codes:
        0 shown    1 there is none of that id    2 usage
        75 broker or database do not answer    78 topic or database missing
    """  # noqa: D301 - \b is click's mark, not a backslash
    with where.opened_box(options.Flags(ctx, values)) as box:
        found = next((each for each in box.letters() if each.id == letter_id), None)
    if found is None:
        raise NoSuchLetter(letter_id)
    if values["output_format"] == "json":
        click.echo(json.dumps(to_full_json(found)))
    else:
        click.echo(whole_of(found))


@dlq.command(context_settings=SETTINGS)
@where.box_options
@where.selection_options
@options.output_format
@click.pass_context
def stats(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Count dead letters by cause, the most frequent first.

    \b
    Example:
        pipeline dlq stats --service analytics-service

    \b
    Exit codes:
        0 counted    2 usage    75 broker or database do not answer
        78 topic or database missing, or nothing runs on --data
    """  # noqa: D301 - \b is click's mark, not a backslash
    selection = where.read_selection(values)
    with where.opened_box(options.Flags(ctx, values)) as box:
        causes = count_causes(each for each in box.letters() if each in selection)
    if values["output_format"] == "json":
        click.echo(json.dumps({"causes": [each.to_json() for each in causes]}))
    else:
        click.echo(stats_text(causes))


@dlq.command("replay", context_settings=SETTINGS)
@where.box_options
@where.processing_options
@where.selection_options
@limit
@rate
@option(
    "--max-replays",
    type=click.IntRange(min=1),
    default=3,
    help="Leave a letter whose record came back so many times.",
)
@dry_run
@options.output_format
@click.pass_context
def replay_letters(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Give dead letters back to the service that could not process them.

    Only those that would be processed now. Each is replayed once, also if this is run
    twice, by two at once, or killed on its way: run it again and it goes on.

    \b
    Example:
        pipeline dlq replay --fingerprint 1f0c9a77be02 --rate 50
        pipeline dlq replay --service notification-service --dry-run

    \b
    Exit codes:
        0 all chosen letters are replayed    1 some are kept: each with its reason
        2 usage    75 interrupted: run it again
        78 topic, contract or database missing
    """  # noqa: D301 - \b is click's mark, not a backslash
    most = values["max_replays"]
    _settle(ctx, values, lambda box: replay(box, max_replays=most))


@dlq.command("drop", context_settings=SETTINGS)
@where.box_options
@where.selection_options
@click.option("--all", "is_all", is_flag=True, help="Without any choice: all of them.")
@limit
@rate
@dry_run
@options.output_format
@click.pass_context
def drop_letters(ctx: click.Context, /, is_all: bool, **values: Any) -> None:  # noqa: ANN401, FBT001 - the flags, by name
    """Be done with dead letters that nobody will replay.

    They stay where they are and can still be shown, but are never replayed.

    \b
    Example:
        pipeline dlq drop --letter 3:17 --letter 3:18

    \b
    Exit codes:
        0 dropped    1 some were settled meanwhile    2 usage
        75 interrupted: run it again    78 topic or database missing
    """  # noqa: D301 - \b is click's mark, not a backslash
    if not is_all and where.read_selection(values).is_everything:
        raise click.UsageError("choose letters (see --help), or give --all")
    _settle(ctx, values, lambda _box: drop)


def _settle(
    ctx: click.Context, values: dict[str, Any], decide_for: Callable[[Box], Decide]
) -> None:
    """Settle what is chosen, tell of it, and end with 1 if something was kept."""
    configure_logs("pipeline")
    tally = Tally(is_dry=values["dry_run"], as_json=values["output_format"] == "json")
    with (
        stop_on_signals() as stop,
        where.opened_box(options.Flags(ctx, values), stop) as box,
    ):
        try:
            for each in _settled(box, decide_for(box), values, stop):
                tally.add(each)
        finally:
            tally.finish(is_stopped=stop.is_set())
    ctx.exit(1 if tally.kept_count else 0)


def _settled(
    box: Box, decide: Decide, values: dict[str, Any], stop: threading.Event
) -> Iterator[Settled]:
    selection = where.read_selection(values)
    if values["dry_run"]:
        letters = islice(find_open(box, selection), values["limit"])
        yield from preview(letters, decide)
        return
    box.hold()
    letters = islice(find_open(box, selection), values["limit"])
    yield from settle(box, letters, decide, rate=values["rate"], stop=stop)
