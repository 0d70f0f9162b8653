"""Several processes run the tests of one suite without getting in each other's way."""

import pytest

from tests.parallel import find_scope


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        ("tests/a/test_x.py::test_a[b::c]", "tests/a/test_x.py::test_b", True),
        ("tests/a/test_x.py::test_a", "tests/a/test_y.py::test_a", False),
        ("tests/compose/test_x.py::test_a", "tests/compose/test_y.py::test_a", True),
    ],
)
def test_process_has_a_file_or_the_engine_to_itself(
    one: str, other: str, *, is_shared: bool
) -> None:
    """Fixtures of a file start once, and Docker engines never stand side by side."""
    assert (find_scope(one) == find_scope(other)) is is_shared
