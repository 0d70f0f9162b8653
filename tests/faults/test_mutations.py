"""The loop, broken on purpose: named tests must fail, or they prove nothing.

What the named tests say about the sources as they are is seen in the rest of the run.
"""

from pathlib import Path

import pytest

from tests.faults.mutations import MUTATIONS, run_on_broken_copy


@pytest.mark.parametrize("what", MUTATIONS)
def test_broken_loop_is_noticed(what: str, tmp_path: Path) -> None:
    """The named test fails, as a test does that saw the promise broken."""
    tests = run_on_broken_copy(MUTATIONS[what], tmp_path / "broken")

    assert tests.returncode == pytest.ExitCode.TESTS_FAILED, tests.stdout
    assert "1 failed" in tests.stdout
