"""What contenders need: each its own environment, never the project's dependencies."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from confluent_kafka import libversion

from operations.stack.java import get_java

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "bench"
_INSTALL_S = 600


class Absent(Exception):
    """What the contender needs is not here and cannot be had."""


class Environment(Protocol):
    """Where a contender's program runs."""

    def prepare(self) -> None:
        """Install what is missing.

        Raises:
            Absent: It cannot be installed here.
        """
        ...

    def interpreter(self) -> list[str]:
        """Return what a command begins with."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Return what is installed."""
        ...


class OwnEnvironment:
    """The project's own: its locked dependencies."""

    def __init__(self, *packages: str) -> None:
        self._packages = packages

    def prepare(self) -> None:
        """Do nothing: this runs in it."""

    def interpreter(self) -> list[str]:
        """Return this Python, which finds the project."""
        return [sys.executable]

    def versions(self) -> Mapping[str, str]:
        """Return the versions that contenders use."""
        packages = {each: version(each) for each in self._packages}
        return {**packages, "librdkafka": libversion()[0]}


class PeerEnvironment:
    """A virtual environment of one contender, kept in the cache."""

    def __init__(self, *requirements: str) -> None:
        self._requirements = requirements
        name = requirements[0].partition("=")[0].partition("[")[0]
        digest = hashlib.sha256(" ".join(requirements).encode()).hexdigest()[:8]
        self._folder = CACHE / f"{name}-{digest}"

    @property
    def _python(self) -> Path:
        return self._folder / "bin" / "python"

    def prepare(self) -> None:
        """Make the environment unless it is there."""
        done = self._folder / "installed"
        if done.exists():
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(self._folder))
        _run(str(self._python), "-m", "pip", "install", "-q", *self._requirements)
        done.touch()

    def interpreter(self) -> list[str]:
        """Return its Python."""
        return [str(self._python)]

    def versions(self) -> Mapping[str, str]:
        """Return what is installed, as far as it matters."""
        listed = _run(str(self._python), "-m", "pip", "list", "--format", "freeze")
        pairs = dict(line.split("==") for line in listed.split() if "==" in line)
        wanted = ("quixstreams", "faststream", "confluent-kafka", "fastavro")
        return {name: pairs[name] for name in wanted if name in pairs}


class Java:
    """A Maven project, built into the cache."""

    def __init__(self, project: Path) -> None:
        self._project = project
        sources = sorted(each for each in project.rglob("*") if each.is_file())
        text = b"".join(each.read_bytes() for each in sources)
        digest = hashlib.sha256(text).hexdigest()[:8]
        self._target = CACHE / f"{project.name}-{digest}"

    def prepare(self) -> None:
        """Build unless it is built."""
        if not shutil.which("mvn"):
            raise Absent("there is no mvn to build it with")
        if (self._target / "bench-streams.jar").exists():
            return
        target = f"-Dbench.target={self._target}"
        _run("mvn", "-q", "-B", "-f", str(self._project), target, "package")

    def interpreter(self) -> list[str]:
        """Return Java with the class path."""
        jars = f"{self._target}/bench-streams.jar:{self._target}/dependency/*"
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [str(get_java()), quiet, "-cp", jars]

    def versions(self) -> Mapping[str, str]:
        """Return the versions of the jars that matter, and of Java."""
        found = {
            name: each.stem.removeprefix(f"{name}-")
            for name in ("kafka-streams", "kafka-clients", "avro")
            for each in (self._target / "dependency").glob(f"{name}-[0-9]*.jar")
        }
        java = subprocess.run(  # noqa: S603 - the Java that we found
            [get_java(), "-version"], capture_output=True, text=True, check=True
        )
        return {**found, "Java": java.stderr.split('"')[1]}


def _run(*command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - commands of this module
            command,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
            check=True,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
    except (OSError, subprocess.SubprocessError) as exc:
        said = getattr(exc, "stderr", "") or str(exc)
        raise Absent(f"{command[0]}: {said.strip().splitlines()[-1]}") from exc
    return done.stdout
