"""The loop, broken on purpose: named tests must fail, or they prove nothing.

What the named tests say about the sources as they are is seen in the rest of the run.
"""

import pytest

from tests.faults.conftest import MutatedRuns
from tests.faults.mutations import MUTATIONS


@pytest.mark.parametrize("what", MUTATIONS)
def test_broken_loop_is_noticed(what: str, mutated_runs: MutatedRuns) -> None:
    """The named test fails, as a test does that saw the promise broken."""
    tests = mutated_runs[what].result()

    assert tests.returncode == pytest.ExitCode.TESTS_FAILED, tests.stdout
    assert "1 failed" in tests.stdout
