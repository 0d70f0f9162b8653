"""The broker's jars: locked, downloaded once, verified always."""

import gc
import hashlib
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest

from operations.stack.jars import LOCK_PATH, LockedJar, get_jars, read_lock
from registry.errors import ConfigError

_NAMES = [f"org.example:part-{number}:1.0" for number in range(5)]


class Mirror:
    """A Maven repository on this machine that counts what it is asked for.

    Attributes:
        folder: What it serves.
        asked: The path of every request for a jar, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(_Handler, mirror=self, directory=str(folder))
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05])

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, mirror: Mirror, directory: str) -> None:
        self._mirror = mirror
        super().__init__(*args, directory=directory)  # type: ignore[arg-type] # the server's three

    def do_GET(self) -> None:
        if self.path.endswith(".jar"):
            self._mirror.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Serve the jars of the lock, and have jgo take it for Maven Central."""
    for name in _NAMES:
        path = tmp_path / "mirror" / LockedJar(coordinate=name, sha256="").path
        path.parent.mkdir(parents=True)
        path.write_bytes(_content(name))
    with Mirror(tmp_path / "mirror") as running:
        settings = tmp_path / "jgo.conf"
        settings.write_text(f"[repositories]\ncentral = {running.url}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
        yield running
    # jgo leaves the connection of a refused download to the garbage collector.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Write a lock of five small jars."""
    path = tmp_path / "jars.lock"
    lines = [f"{name} {hashlib.sha256(_content(name)).hexdigest()}" for name in _NAMES]
    path.write_text("\n".join(["# a comment", *lines, ""]))
    return path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name an empty local Maven repository."""
    folder = tmp_path / "m2" / "repository"
    monkeypatch.setenv("M2_REPO", str(folder))
    return folder


def test_lock_names_every_jar_once_with_its_checksum() -> None:
    """The lock of the product pins the broker, by coordinate and sha256."""
    jars = read_lock(LOCK_PATH)

    assert "org.apache.kafka:kafka-clients:4.4.0" in {jar.coordinate for jar in jars}
    assert len({jar.path for jar in jars}) == len(jars)
    assert {len(bytes.fromhex(jar.sha256)) for jar in jars} == {32}


def test_missing_jars_are_downloaded(
    mirror: Mirror, lock: Path, repository: Path
) -> None:
    """An empty repository holds every locked jar afterwards, and no leftovers."""
    jars = get_jars(lock)

    assert [jar.read_bytes() for jar in jars] == [_content(name) for name in _NAMES]
    assert len(mirror.asked) == len(_NAMES)
    assert sorted(repository.rglob("*.jar")) == sorted(jars)
    assert not list(repository.glob(".accord-*"))


def test_second_start_asks_the_network_for_nothing(
    mirror: Mirror, lock: Path, repository: Path
) -> None:
    """What was downloaded once is used offline."""
    first = get_jars(lock)
    mirror.asked.clear()

    assert get_jars(lock) == first
    assert mirror.asked == []
    assert first[0].is_relative_to(repository)


def test_interrupted_download_is_completed(
    mirror: Mirror, lock: Path, repository: Path
) -> None:
    """Only the jars that are still missing are fetched."""
    get_jars(lock)[0].unlink()
    mirror.asked.clear()

    get_jars(lock)

    assert len(mirror.asked) == 1
    assert len(list(repository.rglob("*.jar"))) == len(_NAMES)


@pytest.mark.usefixtures("mirror")
def test_changed_jar_in_the_repository_is_refused(lock: Path, repository: Path) -> None:
    """A jar whose bytes are not the locked ones never reaches the class path."""
    changed = get_jars(lock)[2]
    changed.write_bytes(b"something else")

    with pytest.raises(
        ConfigError, match=r"part-2-1\.0\.jar is not the lock"
    ) as caught:
        get_jars(lock)

    assert caught.value.hint.startswith(f"delete {repository}")


@pytest.mark.usefixtures("repository")
def test_changed_download_is_refused_and_not_kept(
    mirror: Mirror, lock: Path, repository: Path
) -> None:
    """What the network hands out is verified before it enters the repository."""
    wrong = read_lock(lock)[0].path
    (mirror.folder / wrong).write_bytes(b"something else")

    with pytest.raises(ConfigError, match="its sha256 is"):
        get_jars(lock)

    assert not (repository / wrong).exists()


@pytest.mark.usefixtures("repository")
def test_jar_that_cannot_be_downloaded_is_named(mirror: Mirror, lock: Path) -> None:
    """Without network or mirror the error names the jar and says what is needed."""
    missing = read_lock(lock)[0]
    (mirror.folder / missing.path).unlink()

    with pytest.raises(ConfigError, match=r"part-0:1\.0 is not in .* cannot") as caught:
        get_jars(lock)

    assert "the first start needs Maven Central" in caught.value.hint


@pytest.mark.usefixtures("mirror")
def test_repository_that_cannot_be_written_is_named(
    tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository path that is a file is a sentence, not a traceback."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("M2_REPO", str(tmp_path / "file"))

    with pytest.raises(ConfigError, match="cannot be written"):
        get_jars(lock)


@pytest.mark.usefixtures("repository")
def test_several_processes_download_each_jar_once(mirror: Mirror, lock: Path) -> None:
    """Processes that start at once on an empty repository share one download."""
    code = (
        "import sys; from pathlib import Path; from operations.stack.jars import *;"
        "print(len(get_jars(Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, str(lock)]

    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]

    assert [process.communicate()[0].split() for process in started] == [[b"5"]] * 3
    assert len(mirror.asked) == len(_NAMES)


def _content(name: str) -> bytes:
    return f"the jar {name}".encode()
