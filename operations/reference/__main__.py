"""`python -m operations.reference FOLDER` writes the pages into docs/reference."""

import sys
from pathlib import Path

from operations.reference import PAGES


def main(folder: Path) -> None:
    """Write every page anew."""
    for name, render in PAGES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
