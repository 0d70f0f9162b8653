"""Looks at what only tests and containers need: browser, database, engine."""

import shutil
import subprocess
from collections.abc import Iterable
from functools import partial
from importlib import util
from pathlib import Path

from registry.doctor import Need
from registry.errors import ConfigError
from registry.installed import to_install

_SYSTEM = "as root on Debian: make system"
_ENGINE_S = 10.0
_POSTGRESQL = Path("/usr/lib/postgresql")


def program_needs(*, tests: str, containers: str) -> list[Need]:
    """Return the needs of programs that the pipeline itself does without."""
    return [
        _package("dashboard", "nicegui", serves="the dashboard", extra="dashboard"),
        _package("psycopg", "psycopg", serves="PostgreSQL", extra="postgres"),
        _package("pyarrow", "pyarrow", serves="Parquet", extra="parquet"),
        _package("OpenTelemetry", "opentelemetry.sdk", serves="traces", extra="otel"),
        Need(name="Chromium", look=look_at_chromium, serves=tests),
        Need(name="PostgreSQL", look=look_at_postgresql, serves=tests),
        Need(name="Docker", look=look_at_docker, serves=f"{containers} and {tests}"),
    ]


def look_at_chromium() -> str:
    """Return which browser draws the pages, or raise ConfigError."""
    return _find_program(["chromium", "chromium-browser"])


def look_at_postgresql() -> str:
    """Return which server keeps the figures, or raise ConfigError."""
    found = sorted(_POSTGRESQL.glob("*/bin/postgres"))
    return str(found[-1]) if found else _find_program(["postgres"])


def look_at_docker() -> str:
    """Return which engine answers, or raise ConfigError."""
    program = _find_program(["docker"])
    command = [program, "info", "--format", "{{.ServerVersion}}"]
    try:
        answer = subprocess.run(  # noqa: S603 - a path we looked up, no shell
            command, capture_output=True, text=True, timeout=_ENGINE_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as exc:
        reason = f"{program} is here, but no engine answers"
        raise ConfigError(reason, hint="start the Docker engine") from exc
    return f"engine {answer.stdout.strip()}"


def _package(name: str, module: str, *, serves: str, extra: str) -> Need:
    return Need(name=name, look=partial(_look_at_package, module, extra), serves=serves)


def _look_at_package(module: str, extra: str) -> str:
    try:
        is_here = util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package above it
        is_here = False
    if not is_here:
        hint = to_install(extra)
        raise ConfigError(f"{module} is not installed", hint=hint)
    return "installed"


def _find_program(names: Iterable[str]) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    listed = " or ".join(f"`{name}`" for name in names)
    raise ConfigError(f"no {listed} on PATH", hint=_SYSTEM)
