"""Make docs/performance.md of the newest run, or of the figures that are named.

python -m bench.publish [FIGURES]
"""

import json
import shutil
import sys
from pathlib import Path

from bench.loop.page import FIGURES, PAGE, PLOT, render
from bench.loop.plot import draw
from bench.loop.program import RESULTS


def publish(figures: Path) -> None:
    """Write page, plot and figures."""
    if figures.resolve() != FIGURES:
        shutil.copyfile(figures, FIGURES)
    results = json.loads(FIGURES.read_text(encoding="utf-8"))
    PLOT.write_text(draw(results), encoding="utf-8")
    PAGE.write_text(render(results), encoding="utf-8")


if __name__ == "__main__":
    publish(Path(sys.argv[1]) if sys.argv[1:] else RESULTS)
