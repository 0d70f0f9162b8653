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


def test_text_that_is_no_schema_is_a_finding(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """Lint says where it stops being one, and looks at the other subjects too."""
    write("schemas/a/v1.avsc", '{"type":\n}')
    write("schemas/b/v1.avsc", {"type": "enum", "name": "e", "symbols": ["A"]})

    outcome = contracts("lint", "--dir", tmp_path / "schemas")

    assert outcome.status == 1
    assert "a/v1.avsc:2:1\n  error SCHEMA_INVALID" in outcome.out
    assert "LINT_TYPE_NAME" in outcome.out


def test_subject_that_is_not_there_is_wrong_usage(
    contracts: Contracts, write: Write, tmp_path: Path
) -> None:
    """A misspelt subject is not taken for one without findings."""
    write("schemas/s/v1.avsc", '"int"')

    outcome = contracts("lint", "x", "--dir", tmp_path / "schemas")

    assert outcome.status == 2
    assert "has no subject x; there are: s" in outcome.err
