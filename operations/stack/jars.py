"""The broker's jars: locked by name and checksum, fetched from Maven Central once.

The lock names every jar, so nothing is resolved at run time: what is missing from
the local Maven repository is downloaded, verified, and only then put there.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
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
    settings = GlobalSettings.load()
    root = repository or settings.repo_cache
    jars = read_lock(lock_path)
    if _find_missing(jars, root):
        remotes = {"central": MAVEN_CENTRAL_URL, **settings.repositories}
        _download_missing(jars, root, remotes)
    for jar in jars:
        _verify(root / jar.path, jar, hint=f"delete {root / jar.path} and start again")
    return [root / jar.path for jar in jars]


def read_lock(lock_path: Path = LOCK_PATH) -> list[LockedJar]:
    """Parse the lock; lines that start with # are comments."""
    lines = lock_path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line and not line.startswith("#")]
    return [LockedJar(coordinate=name, sha256=sha256) for name, sha256 in pairs]


def find_missing_jars() -> list[LockedJar]:
    """Return those of the lock that the local Maven repository lacks."""
    return _find_missing(read_lock(), find_repository())


def find_repository() -> Path:
    """Return the local Maven repository: M2_REPO, or ~/.m2/repository."""
    return Path(GlobalSettings.load().repo_cache)


def _verify(path: Path, jar: LockedJar, *, hint: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise ConfigError(
            f"{path.name} is not the locked {jar.coordinate}:"
            f" its sha256 is {found}, expected {jar.sha256}",
            hint=hint,
        )


def _find_missing(jars: Sequence[LockedJar], root: Path) -> list[LockedJar]:
    return [jar for jar in jars if not (root / jar.path).exists()]


def _download_missing(
    jars: Sequence[LockedJar], root: Path, remotes: Mapping[str, str]
) -> None:
    try:
        with (
            waiting_lock(root / "accord-download.lock"),
            # In the repository itself, so that a verified jar moves in by a rename.
            tempfile.TemporaryDirectory(prefix=".accord-", dir=root) as staging,
        ):
            context = MavenContext(repo_cache=Path(staging), remote_repos=dict(remotes))
            # Anew: another process may have fetched them while we waited.
            _download(_find_missing(jars, root), context, root)
    except OSError as exc:
        raise ConfigError(
            f"the local Maven repository {root} cannot be written: {exc}",
            hint="name another with M2_REPO",
        ) from exc


def _download(jars: Sequence[LockedJar], context: MavenContext, root: Path) -> None:
    console = Console(stderr=True)
    for jar in track(
        jars,
        description="Downloading Apache Kafka",
        console=console,
        disable=not (jars and console.is_terminal),
    ):
        _download_one(jar, context, root)


def _download_one(jar: LockedJar, context: MavenContext, root: Path) -> None:
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
    _verify(staged, jar, hint="whatever serves Maven Central here changes its files")
    (root / jar.path).parent.mkdir(parents=True, exist_ok=True)
    staged.replace(root / jar.path)
