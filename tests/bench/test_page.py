"""docs/performance.md says what its run showed, and nothing else."""

import json

from bench.loop.page import FIGURES, PAGE, PLOT, render
from bench.loop.plot import draw

STALE = "make it again: python -m bench.publish docs/performance.json"


def test_page_is_made_of_its_figures() -> None:
    """Nobody edits a figure by hand."""
    results = json.loads(FIGURES.read_text(encoding="utf-8"))

    assert PAGE.read_text(encoding="utf-8") == render(results), STALE
    assert PLOT.read_text(encoding="utf-8") == draw(results), STALE
