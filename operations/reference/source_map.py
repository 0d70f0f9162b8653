"""Every module and what it is about, by its own first line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import schemas
from operations.reference.tables import render_table

_PACKAGES = (
    *("schemas", "registry", "runtime", "producers", "processors"),
    *("sinks", "operations"),
)
_HEAD = """\
# Source map

Every module by the first line of its docstring, in the order in which packages may be
imported. Made by `make docs`. [Design](../DESIGN.md) says which of them decide what.
"""


def render_source_map() -> str:
    """Return the whole page."""
    root = Path(schemas.__file__).parents[1]
    return "".join([_HEAD, *(_section(root, package) for package in _PACKAGES)])


def _section(root: Path, package: str) -> str:
    rows = [
        (f"`{path.relative_to(root / package).as_posix()}`", says)
        for path, says in _modules(root / package)
    ]
    about = _first_line(root / package / "__init__.py")
    table = f"\n{render_table(('module', 'is about'), rows)}" if rows else ""
    return f"\n## {package}/\n\n{about}\n{table}"


def _modules(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the modules below a package; a package within it comes before its own."""
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").exists():
            yield path, _first_line(path / "__init__.py")
            yield from _modules(path)
        elif path.suffix == ".py" and not path.stem.startswith("__"):
            yield path, _first_line(path)


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]
