"""The flags that order-service alone has."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from producers.order_service.errors import IllegalOrder
from producers.order_service.instants import parse_instant
from producers.order_service.json_lines import STANDARD_INPUT
from runtime.config import Command, Options, option, transaction_option

_LATEST_START_YEAR = 9000
_FAKER_ALONE = ("seed", "start_time")
_RESUMABLE_ALONE = ("source_name", "restart")


class Instant(click.ParamType[datetime]):
    """A flag that is a point in time: ISO 8601 with an offset, to milliseconds."""

    name = "time"

    def convert(
        self,
        value: str | datetime,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return the instant in UTC, or fail naming the accepted form."""
        if isinstance(value, datetime):
            return value
        try:
            instant = parse_instant(value)
        except IllegalOrder as exc:
            self.fail(f"{exc.reason}, got {value!r}", param, ctx)
        if instant.year > _LATEST_START_YEAR:
            # An endless run must not get beyond the last year there is.
            self.fail(f"must be before the year {_LATEST_START_YEAR + 1}", param, ctx)
        return instant


_OPTIONS = (
    option(
        "--from",
        "file",
        envvar="ACCORD_FROM",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE|-",
        help="JSON Lines file of orders, which a later run goes on with; - is"
        " standard input, which none can.  [default: Faker]",
    ),
    option(
        "--count",
        type=click.IntRange(min=0),
        help="Most orders; of a file or with --seed, all runs together."
        "  [default: until stopped, or the end of the file]",
    ),
    option(
        "--rate",
        type=click.FloatRange(min=0, min_open=True),
        metavar="ORDERS_PER_SECOND",
        help="Orders a second.  [default: as fast as Kafka takes them; 10 if the"
        " orders are endless]",
    ),
    option(
        "--seed",
        type=click.IntRange(min=0),
        help="Decides what Faker draws; a later run with the same seed goes on."
        "  [default: another each time, logged]",
    ),
    option(
        "--start-time",
        type=Instant(),
        metavar="TIME",
        help="created_at of the first Faker order, such as 2026-01-31T00:00:00Z;"
        " each next one comes up to 2 s later. With --seed: the same orders again."
        "  [default: the time of writing]",
    ),
    option(
        "--contract-version",
        type=click.IntRange(min=1),
        metavar="N",
        help="Version of order-details-value to write; 1 has no discount."
        "  [default: the newest]",
    ),
    option("--topic", default="order-details", help="Topic of orders."),
    option(
        "--source-name",
        help="Name under which the position in the file, or in the orders of a seed,"
        " is kept.  [default: the file's full path, or the seed, and the topic]",
    ),
    option(
        "--positions-topic",
        help="Compacted topic of positions.  [default: <topic>.positions]",
    ),
    option(
        "--restart",
        is_flag=True,
        help="Write the source from its beginning, whatever was written of it.",
    ),
    transaction_option,
    option(
        "--on-bad-line",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        help="Whether a line that is no legal order ends the run (exit code 65) or"
        " is said on standard error and passed over.",
    ),
    option(
        "--stop-timeout",
        type=click.FloatRange(min=0),
        default=8.0,
        help="Seconds to wait for acknowledgements after a signal.",
    ),
)


def order_options(command: Command) -> Command:
    """Add the flags of order-service."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def resumes(options: Options) -> bool:
    """Tell whether a later run can go on where this one stops.

    A pipe gives its lines only once, and so does Faker without a seed.
    """
    if options["file"] is None:
        return options["seed"] is not None
    return options["file"] != STANDARD_INPUT and Path(options["file"]).is_file()


def refuse_mixed_sources(context: click.Context) -> None:
    """Raise a usage error if a flag is given that the source has no use for."""
    given = context.params
    if given["file"] is not None and (name := _find_given(given, _FAKER_ALONE)):
        raise click.UsageError(f"{name} is of Faker and has no meaning with --from")
    if not resumes(given) and (name := _find_given(given, _RESUMABLE_ALONE)):
        raise click.UsageError(
            f"{name} needs a source that can be gone on with: --from a file, or --seed"
        )


def _find_given(options: Options, names: Iterable[str]) -> str | None:
    """Return the first of the flags that is given, as it is written."""
    for name in names:
        if options[name] not in {None, False}:
            return f"--{name.replace('_', '-')}"
    return None
