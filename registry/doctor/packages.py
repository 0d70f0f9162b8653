"""The packages that are installed, beside those that Accord was tested with."""

import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from registry.doctor.needs import Need
from registry.errors import ConfigError

_LOCK = Path(__file__).parents[2] / "requirements.lock"
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_SHOWN = 3
OLDEST_PYTHON = (3, 11)


def package_needs(lock: Path = _LOCK) -> list[Need]:
    """Return what is needed of Python and, in a checkout, of its packages."""
    python = Need(name="Python", look=_look_at_python)
    if not lock.exists():
        return [python]
    locked = Need(
        name="locked packages",
        look=lambda: _look_at_locked(lock),
        serves="figures and faults that others can repeat",
    )
    return [python, locked]


def _look_at_python() -> str:
    found = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        reason = f"{found} is older than {wanted}"
        raise ConfigError(reason, hint=f"install Python {wanted} or newer")
    return f"{found} ({sys.executable})"


def _look_at_locked(lock: Path) -> str:
    wanted = read_lock(lock)
    installed = _find_installed(wanted)
    differing = [
        f"{name} is {found}, locked {' or '.join(sorted(wanted[name]))}"
        for name, found in installed.items()
        if found not in wanted[name]
    ]
    if differing:
        more = len(differing) - _SHOWN
        listed = ", ".join(differing[:_SHOWN]) + (f", {more} more" if more > 0 else "")
        python = sys.executable
        install = f"{python} -m pip install --no-deps --require-hashes -r {lock}"
        raise ConfigError(listed, hint=install)
    return f"{len(installed)} installed, each as {lock.name} has it"


def _find_installed(names: dict[str, set[str]]) -> dict[str, str]:
    """Return those of the names that are installed, with their versions."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # of an extra that nobody asked for
            continue
    return found


def read_lock(lock: Path) -> dict[str, set[str]]:
    """Return name -> versions; more than one where it depends on the machine."""
    versions: dict[str, set[str]] = {}
    for name, version in _LOCKED.findall(lock.read_text(encoding="utf-8")):
        versions.setdefault(name, set()).add(version)
    return versions
