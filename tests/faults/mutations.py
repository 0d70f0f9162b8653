"""Ways to break the loop, each in a copy of the sources, where named tests are run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
NOT_SOURCES = shutil.ignore_patterns(".*", "__pycache__", "bench", "fidelity")
SOURCES = ("runtime", "registry", "schemas", "producers", "processors", "sinks")
TESTS_S = 300.0

LOOP, TRANSACTIONS = "runtime/loop.py", "runtime/transactions.py"
INTAKE, KAFKA = "runtime/intake.py", "runtime/kafka.py"
IN_LOOP = "tests/runtime/test_loop.py::"
IN_TRANSACTIONS = "tests/runtime/test_transactions.py::"


class Mutation(NamedTuple):
    """One way to break the loop, and the test that notices."""

    file: str
    text: str
    broken: str
    noticed_by: str


MUTATIONS = {
    "commits offsets before outputs": Mutation(
        LOOP,
        "            self._transactor.commit(records, offsets, group)\n",
        "            self.intake.advance(offsets)\n"
        "            self.intake.commit_hint()\n"
        "            self._transactor.commit(records, offsets, group)\n",
        "tests/faults/test_steps.py",
    ),
    "ignores a fatal error": Mutation(
        TRANSACTIONS,
        "    if error.fatal() or _is_late(error):\n        return Answer.REBUILD\n",
        "    if _is_late(error):\n        return Answer.REBUILD\n",
        IN_TRANSACTIONS + "test_every_error_has_one_answer",
    ),
    "goes on with a producer that met a fatal error": Mutation(
        TRANSACTIONS,
        "        self._producer = None\n        log.warning",
        "        log.warning",
        IN_TRANSACTIONS + "test_fatal_error_discards_the_producer",
    ),
    "polls inside the transaction": Mutation(
        LOOP,
        "commit(records, offsets",
        "commit((o for o in records if self.intake.touch()), offsets",
        IN_LOOP + "test_group_is_not_polled_in_a_transaction",
    ),
    "forgets to mark how far it came": Mutation(
        LOOP,
        "[*outcome.outputs, *self._to_marks(offsets)]",
        "[*outcome.outputs]",
        IN_LOOP + "test_marks_are_written_with_the_outputs",
    ),
    "believes a coordinator that forgot": Mutation(
        "runtime/start_offsets.py",
        "                found[partition] = marked\n",
        "",
        "tests/runtime/test_start_offsets.py"
        "::test_coordinator_that_answers_with_old_offsets_is_not_believed",
    ),
    "swallows an abort": Mutation(
        LOOP,
        "            self._after_abort(batch, exc)\n            return 0\n",
        "            log.warning('transaction.aborted', reason=exc.reason)\n",
        IN_LOOP + "test_aborted_batch_is_taken_again",
    ),
    "does not rewind after an abort": Mutation(
        LOOP,
        "        self.intake.rewind()\n",
        "",
        IN_LOOP + "test_aborted_batch_is_taken_again",
    ),
    "takes any abort for a record's fault": Mutation(
        LOOP,
        "        if abort.is_record_fault:\n",
        "        if abort:\n",
        IN_LOOP + "test_sick_coordinator_drains_nothing",
    ),
    "commits before the guard has looked": Mutation(
        LOOP,
        "        self._guard.check(outcome.errors)\n"
        "        return self._commit(batch, outcome)\n",
        "        count = self._commit(batch, outcome)\n"
        "        self._guard.check(outcome.errors)\n"
        "        return count\n",
        IN_LOOP + "test_guard_trips_before_the_commit",
    ),
    "does not abort what must be aborted": Mutation(
        TRANSACTIONS,
        "        if decide(error) is Answer.ABORT:\n",
        "        if decide(error) is Answer.RETRY:\n",
        IN_TRANSACTIONS + "test_abortable_error_aborts_and_keeps_the_producer",
    ),
    "waits for a call that never ends": Mutation(
        TRANSACTIONS,
        "        call_within(\n            self._limits.batch_s,\n",
        "        call_within(\n            3600,\n",
        IN_TRANSACTIONS + "test_call_that_never_ends_is_left_behind",
    ),
    "waits for what can no longer be sent": Mutation(
        TRANSACTIONS,
        "            self._await_delivery(producer)\n",
        "",
        IN_TRANSACTIONS + "test_refusal_ends_the_wait_for_what_cannot_be_sent_any_more",
    ),
    "takes a silent broker for a rival": Mutation(
        TRANSACTIONS,
        "        if _is_late(error):\n            return\n",
        "",
        IN_TRANSACTIONS + "test_broker_that_does_not_answer_is_no_rival",
    ),
    "hands out what was fetched before a rewind": Mutation(
        INTAKE,
        "        self._positions.rewind()\n        self._early.clear()\n",
        "        self._early.clear()\n",
        "tests/runtime/test_intake.py::test_rewound_batch_comes_again_whole",
    ),
}


def run_on_broken_copy(
    mutation: Mutation, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Copy the sources to an empty folder, break the copy, and run the test there."""
    for name in (*SOURCES, "operations", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_SOURCES)
    for name in ("pyproject.toml", "docs", "Makefile"):
        source = ROOT / name
        copy_one = shutil.copytree if source.is_dir() else shutil.copy
        copy_one(source, folder / name)
    _break(folder / mutation.file, mutation)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", mutation.noticed_by],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=TESTS_S,
        check=False,
    )


def _break(file: Path, mutation: Mutation) -> None:
    text = file.read_text()
    assert text.count(mutation.text) == 1, f"{mutation.file} has changed: adapt this"
    file.write_text(text.replace(mutation.text, mutation.broken))
