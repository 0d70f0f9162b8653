"""Conventions of CONTRIBUTING.md that a test can hold."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from registry.errors import PipelineError

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "schemas",
    "registry",
    "runtime",
    "producers",
    "processors",
    "sinks",
    "operations",
)
SOURCES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "__pycache__" not in path.parts
)
MODULE_LINES = 400
READS_ENVIRONMENT = {
    "runtime/config.py",  # the settings of services and of `pipeline`
    "registry/cli/options.py",  # those of `contracts`, which may not import runtime
    "registry/loopback.py",  # what libraries read of proxies
    "operations/stack/java.py",  # JAVA_HOME says which Java the machine means
}


def name_of(path: Path) -> str:
    """Return a source file's path as tests and people name it."""
    return path.relative_to(ROOT).as_posix()


def calls_in(path: Path) -> Iterator[str]:
    """Yield the dotted names that a source file calls or reads."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("package", PACKAGES)
def test_package_says_what_lives_here(package: str) -> None:
    """Every root package opens with a docstring of more than its name."""
    text = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))

    assert text is not None
    assert len(text.splitlines()) > 1


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_module_is_one_subject(path: Path) -> None:
    """No module outgrows what a reader can hold."""
    assert len(path.read_text().splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_prints(path: Path) -> None:
    """Output goes through click or the logs."""
    assert "print" not in set(calls_in(path))


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if name_of(path) not in READS_ENVIRONMENT],
    ids=name_of,
)
def test_environment_is_read_in_one_place(path: Path) -> None:
    """Settings come from the configuration, not from the environment at large."""
    source = path.read_text()

    assert "os.getenv" not in source
    assert not re.search(r"os\.environ\b(?!, \*\*)", source)


def error_classes(module: ModuleType) -> list[type[PipelineError]]:
    """Return the error classes that a module defines."""
    return [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, PipelineError) and each.__module__ == module.__name__
    ]


ERROR_MODULES = [
    name_of(path).removesuffix(".py").replace("/", ".")
    for path in SOURCES
    if path.name == "errors.py"
]


@pytest.mark.parametrize("name", ERROR_MODULES)
def test_tree_of_errors_is_complete(name: str) -> None:
    """The drawing on top of an error module shows every class below it."""
    module = importlib.import_module(name)
    drawn = set(re.findall(r"\b[A-Z]\w+", module.__doc__ or ""))

    assert {each.__name__ for each in error_classes(module)} <= drawn


def test_errors_live_in_the_trees() -> None:
    """An error class that programs end with stands in a module named errors."""
    strays = [
        f"{info.name}.{each.__name__}"
        for package in PACKAGES
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if not info.name.endswith((".__main__", ".errors"))
        for each in error_classes(importlib.import_module(info.name))
        if not each.__name__.startswith("_")
    ]

    assert strays == []


def test_nobody_is_told_to_install_a_strangers_package() -> None:
    """No index has Accord: a package of that name there is somebody else's."""
    packages = ("registry", "runtime", "producers", "processors", "sinks", "operations")
    told = [
        path.relative_to(ROOT).as_posix()
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"accord\[\w+\]", path.read_text(encoding="utf-8"))
    ]

    assert told == []
