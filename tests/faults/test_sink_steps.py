"""kill -9 of both sinks at every step of what they do with a batch."""

import mailbox
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from operations.stack import Addresses
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.tables import open_store
from tests.faults import dying_sink
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, running_command, send_orders

Run = Callable[..., int]

ROOT = Path(__file__).parents[2]
ORDERS = 1500
DRAINED_S = 120.0
IN_DATABASE = (
    "before:begin",
    "after:begin",
    "before:commit",
    "during:commit",
    "after:commit",
)
NO_STEP = ""
IN_MAIL_FOLDER = ("before:send", "after:send")


@pytest.fixture
def run(pipeline: Addresses, topics: Topics, tmp_path: Path) -> Run:
    """Return what runs a sink until it dies at a step, or drains; its exit status."""
    flags = [
        *("--bootstrap-servers", pipeline.bootstrap_servers),
        *("--registry-url", pipeline.registry_url),
        *("--input-topic", topics.output, "--group", topics.output),
        *("--replica-id", "victim", "--batch-records", "50", "--log-format", "json"),
    ]
    path = {"PYTHONPATH": str(ROOT)}

    def run_sink(service: str, step: str, *more: str) -> int:
        command = [sys.executable, dying_sink.__file__, service, step, *flags, *more]
        with running_command("victim", command, folder=tmp_path, **path) as victim:
            return victim.wait(timeout_s=DRAINED_S)

    return run_sink


@pytest.fixture
def priced(pipeline: Addresses, topics: Topics, start: Start) -> None:
    """Have orders priced."""
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))
    assert start("--until-idle", "1").wait(timeout_s=DRAINED_S) == 0


@pytest.mark.usefixtures("priced")
def test_analytics_that_dies_at_every_step_counts_each_order_once(
    topics: Topics, run: Run, tmp_path: Path, verify: Verify
) -> None:
    """Five victims, and a successor; the figures are those of the topic."""
    url = f"sqlite:///{tmp_path / 'figures.db'}"
    flags = ("--database", url)

    statuses = {step: run("analytics-service", step, *flags) for step in IN_DATABASE}
    last = run("analytics-service", NO_STEP, *flags, "--until-idle", "2")

    assert (statuses, last) == (dict.fromkeys(IN_DATABASE, 137), 0)
    store = open_store(url, group=topics.output)
    with closing(store.database):
        totals = Figures(store).get_totals()
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert (totals["orders"], totals["repeated_order_ids"]) == (ORDERS, 0)
    assert totals["revenue"] == verdict.revenue_as_text()


@pytest.mark.usefixtures("priced")
def test_notification_that_dies_at_every_step_mails_each_order_once(
    run: Run, tmp_path: Path
) -> None:
    """Seven victims, and a successor; the folder holds one letter an order."""
    mail = tmp_path / "mail"
    database = f"sqlite:///{tmp_path / 'mails.db'}"
    flags = ("--mail", f"maildir:{mail}", "--database", database)
    steps = (*IN_DATABASE, *IN_MAIL_FOLDER)

    statuses = {step: run("notification-service", step, *flags) for step in steps}
    last = run("notification-service", NO_STEP, *flags, "--until-idle", "2")

    assert (statuses, last) == (dict.fromkeys(steps, 137), 0)
    letters = mailbox.Maildir(mail, create=False)
    ids = Counter(letter["Message-ID"] for letter in letters)
    assert len(ids) == sum(ids.values()) == ORDERS
