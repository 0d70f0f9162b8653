"""docs/rules.md is what the table of rules says."""

from pathlib import Path

from registry.gate.rules_page import render_page

_PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_page_is_up_to_date() -> None:
    """If not: python -m registry.gate.rules_page > docs/rules.md."""
    assert _PAGE.read_text(encoding="utf-8") == render_page()
