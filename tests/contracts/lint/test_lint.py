"""`contracts lint`: the newest versions by themselves."""

from pathlib import Path

from tests.contracts.conftest import Contracts, Write


def test_only_the_newest_version_is_looked_at(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """What is released cannot be changed any more."""
    write("schemas/s/v1.avsc", {"type": "enum", "name": "lower", "symbols": ["A"]})
    write("schemas/s/v2.avsc", '"int"')

    outcome = contracts("lint", "--dir", tmp_path / "schemas", "--format", "json")

    assert (outcome.status, outcome.json) == (0, [])


def test_threshold_makes_a_finding_a_refusal(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """Lint informs, unless it is told to fail."""
    write("schemas/s/v1.avsc", {"type": "enum", "name": "Colour", "symbols": ["A"]})

    mild = contracts("lint", "--dir", tmp_path / "schemas")
    strict = contracts("lint", "--dir", tmp_path / "schemas", "--fail-on", "warning")

    assert (mild.status, strict.status) == (0, 1)
    assert "LINT_ENUM_WITHOUT_DEFAULT" in mild.out
