"""The command line of notification-service."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from registry.installed import version_option
from runtime.config import SETTINGS, Options, option
from runtime.service import exits
from runtime.topic_ids import find_topic_ids
from sinks.notification_service.api import api_routes
from sinks.notification_service.delivery import open_mailer
from sinks.notification_service.ledger import Ledger
from sinks.notification_service.letter import Composer, parse_sender
from sinks.notification_service.plan import InDoubt
from sinks.notification_service.sink import LetterSource, NotificationSink, Policy
from sinks.worker import WorkerSettings, run_worker, worker_options

NAME = "notification-service"

_BATCH_RECORDS = 500


@click.command(NAME, context_settings=SETTINGS)
@version_option()
@worker_options(NAME, batch_records=_BATCH_RECORDS)
@option(
    "--mail",
    default="maildir:mail",
    help="Where letters go: maildir:PATH, smtp://HOST:PORT[?starttls=required] or"
    " smtps://HOST:PORT.",
)
@option("--from-address", default="orders@localhost", help="Sender of every letter.")
@option(
    "--database",
    default="sqlite:///notification.db",
    help="What was sent is kept here: sqlite:///PATH or"
    " postgresql://USER:PASSWORD@HOST/NAME.",
)
@option(
    "--on-in-doubt",
    type=click.Choice([each.value for each in InDoubt]),
    default=InDoubt.RESEND.value,
    help="What to do with a letter that was under way when the service was cut off.",
)
@option(
    "--mail-rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="PER_SECOND",
    help="Most letters a second.  [default: no limit]",
)
@option(
    "--mail-timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    help="Seconds to wait for an answer of the mail server.",
)
@option(
    "--mail-ca-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Certificates to trust instead of the system's, PEM.",
)
@option("--smtp-user", help="Login name at the mail server.")
@option(
    "--smtp-password",
    show_default=False,
    help="Its password; better given by the variable, which other users cannot see.",
)
def main(**options: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Send one e-mail an order.

    Reads order-processed. A letter is claimed in the database before it is sent and
    marked after; in a mail folder it is there once whatever happens, over SMTP a crash
    between letter and answer leaves one in doubt. /api/mails tells what was sent.

    \b
    Example:
        notification-service --mail maildir:mail --from-address shop@example.com

    \b
    Exit codes:
        0 drained    2 usage    70 bug or too many dead letters
        75 try again (broker, registry or database absent, offsets taken)
        78 configuration (port taken, contract not registered, folder unwritable)
    """  # noqa: D301 - \b is click's mark, not a backslash
    with exits(NAME):
        _run(options)


def _run(options: Options) -> None:
    settings = WorkerSettings.from_options(NAME, options)
    sender = parse_sender(options["from_address"])
    mailer = open_mailer(options, sender)
    ledger = Ledger(
        options["database"],
        group=settings.loop.group,
        find_topic_ids=partial(find_topic_ids, settings.kafka),
    )
    composer = Composer(sender)
    policy = Policy(in_doubt=InDoubt(options["on_in_doubt"]), rate=options["mail_rate"])

    def open_storage() -> None:
        mailer.check()
        ledger.create_tables()

    run_worker(
        settings,
        open_storage=open_storage,
        build_sink=lambda deserialize, stop: NotificationSink(
            ledger, mailer, LetterSource(deserialize, composer), policy, stop
        ),
        routes=api_routes(ledger),
    )
