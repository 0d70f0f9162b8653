"""The broker's jars: locked by name and checksum, fetched from Maven Central once.

The lock names every jar, so nothing is resolved at run time: what is missing from
the local Maven repository is downloaded, verified, and only then put there.
"""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from rich.console import Console
from rich.progress import track

from operations.stack.locks import waiting_lock
from registry.errors import ConfigError

LOCK_PATH = Path(__file__).with_name("kafka-jars.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedJar:
    """One line of the lock.

    Attributes:
        coordinate: ``group:artifact:version`` as Maven writes it.
        sha256: Checksum of the jar, in hexadecimal.
    """

    coordinate: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where a Maven repository keeps it, relative to its root."""
        group, artifact, version = self.coordinate.split(":")
        folder = Path(*group.split("."), artifact, version)
        return folder / f"{artifact}-{version}.jar"


def get_jars(
    lock_path: Path = LOCK_PATH, *, repository: Path | None = None
) -> list[Path]:
    """Return the verified jars of the lock; download those that are missing.

    Touches the network only for jars that the repository lacks. Safe in several
    processes at once, and after an interrupted download.

    Args:
        lock_path: Lines of ``group:artifact:version sha256``.
        repository: Local Maven repository; default is M2_REPO or ~/.m2/repository.

    Raises:
        ConfigError: A jar is not the locked one, or cannot be downloaded.
    """
    root = repository or GlobalSettings.load().repo_cache
    jars = read_lock(lock_path)
    if any(not (root / jar.path).exists() for jar in jars):
        with waiting_lock(root / "accord-download.lock"):
            _download(jars, root)
    for jar in jars:
        verify_jar(root / jar.path, jar)
    return [root / jar.path for jar in jars]


def read_lock(lock_path: Path) -> list[LockedJar]:
    """Parse the lock; lines that start with # are comments."""
    lines = lock_path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line and not line.startswith("#")]
    return [LockedJar(coordinate=name, sha256=sha256) for name, sha256 in pairs]


def verify_jar(path: Path, jar: LockedJar) -> None:
    """Raise ConfigError unless the file at `path` is the locked jar."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise ConfigError(
            f"{path} is not the locked {jar.coordinate}:"
            f" its sha256 is {found}, expected {jar.sha256}",
            hint="delete the file and start again; it is then downloaded anew",
        )


def _download(jars: Sequence[LockedJar], root: Path) -> None:
    # Another process may have fetched them while we waited for the lock.
    missing = [jar for jar in jars if not (root / jar.path).exists()]
    console = Console(stderr=True)
    # In the repository itself, so that a verified jar moves in as one rename.
    with tempfile.TemporaryDirectory(prefix=".accord-", dir=root) as staging:
        context = MavenContext(repo_cache=Path(staging))
        for jar in track(
            missing,
            description="Downloading Apache Kafka",
            console=console,
            disable=not (missing and console.is_terminal),
        ):
            _download_one(context, jar, root)


def _download_one(context: MavenContext, jar: LockedJar, root: Path) -> None:
    group, artifact, version = jar.coordinate.split(":")
    try:
        staged = (
            context.project(group, artifact).at_version(version).artifact().resolve()
        )
    except (OSError, RuntimeError) as exc:
        raise ConfigError(
            f"{jar.coordinate} is not in {root} and cannot be downloaded: {exc}",
            hint="the first start needs Maven Central; later ones need no network",
        ) from exc
    verify_jar(staged, jar)
    (root / jar.path).parent.mkdir(parents=True, exist_ok=True)
    staged.replace(root / jar.path)
