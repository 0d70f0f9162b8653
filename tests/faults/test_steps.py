"""kill -9 of transaction-service at every step of a transaction."""

import sys
from pathlib import Path

from operations.stack import Addresses
from tests.faults import dying_service
from tests.processors.conftest import Start, Verify
from tests.services import Topics, flags_for, order, running_command, send_orders

STEPS = (
    "before:begin_transaction",
    "after:begin_transaction",
    "after:produce",
    "after:send_offsets_to_transaction",
    "during:commit_transaction",
    "after:commit_transaction",
)
ORDERS = 6000
SMALL_BATCHES = ("--batch-records", "200", "--replica-id", "victim")


def test_death_at_every_step_loses_and_doubles_nothing(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify, tmp_path: Path
) -> None:
    """Six victims, one at each step, and a successor that ends their work."""
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))

    statuses = {step: _die_at(step, pipeline, topics, tmp_path) for step in STEPS}
    successor = start(*SMALL_BATCHES, "--until-idle", "1")

    assert statuses == dict.fromkeys(STEPS, 137)
    assert successor.wait(timeout_s=120) == 0
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == ORDERS


def _die_at(step: str, pipeline: Addresses, topics: Topics, folder: Path) -> int:
    """Run a victim until it dies; return its exit status."""
    program = [sys.executable, dying_service.__file__, step]
    flags = [*flags_for(pipeline, topics), *SMALL_BATCHES]
    with running_command("victim", [*program, *flags], folder=folder) as victim:
        return victim.wait(timeout_s=60)
