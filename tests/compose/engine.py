"""A Docker engine: the machine's, or one of our own that leaves the machine alone.

Our own touches no port, link or rule of the machine. It has process ids, mounts and,
unless it builds images, a network to itself, so that all of it ends with one process.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from operations.stack.locks import waiting_lock

NEEDED = ("dockerd", "unshare", "nsenter", "setpriv")
_CGROUPS = Path("/sys/fs/cgroup")
_READY_S = 60.0
_STOP_S = 20.0
_LOOK_AGAIN_S = 0.1
_ALONE = ["--net"]
_IN_THE_MACHINES_NETWORK = [
    *("--bridge=none", "--iptables=false", "--ip6tables=false"),
    *("--ip-forward=false", "--ip-masq=false"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """What is kept between runs.

    Attributes:
        folder: `prepare.sh` fills it; the engine keeps its images there.
    """

    folder: Path

    @classmethod
    def of_user(cls) -> "Cache":
        """Return the one below XDG_CACHE_HOME."""
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return cls(folder=Path(home) / "accord" / "compose")

    @property
    def config(self) -> Path:
        """Folder of the client's plugins."""
        return self.folder / "config"

    @property
    def programs(self) -> Path:
        """Folder of programs that Debian bookworm lacks."""
        return self.folder / "bin"

    def find_base(self) -> Path | None:
        """Return the tree that images are made of, if `prepare.sh` has run."""
        return next(self.folder.glob("base-*.tar"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A running engine.

    Attributes:
        environ: What makes `docker` talk to it.
        pid: A process of its network.
    """

    environ: dict[str, str]
    pid: int

    def docker(
        self, *arguments: str, timeout_s: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """Run `docker`; its answer, whatever the exit code."""
        return subprocess.run(
            ["docker", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )

    def compose(
        self, project: str, *arguments: str, timeout_s: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` on a project; its answer, whatever the exit code."""
        return self.docker(
            "compose", f"--project-name={project}", *arguments, timeout_s=timeout_s
        )

    def in_network(self, *command: str) -> list[str]:
        """Return the command that runs `command` where ports are published."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *command]


@contextmanager
def private_engine(cache: Cache) -> Iterator[Engine]:
    """Give an engine that reaches nothing outside; its ports are in its network."""
    with _engine(cache, unshare=_ALONE, flags=[]) as engine:
        yield engine


@contextmanager
def building_engine(cache: Cache) -> Iterator[Engine]:
    """Give an engine whose build steps see the machine's network; it has none itself.

    Build with `--network host`.
    """
    with _engine(cache, unshare=[], flags=_IN_THE_MACHINES_NETWORK) as engine:
        yield engine


@contextmanager
def _engine(
    cache: Cache, *, unshare: Sequence[str], flags: Sequence[str]
) -> Iterator[Engine]:
    # A socket's path is short, so it is not below the cache.
    with (
        waiting_lock(cache.folder / "engine.lock"),
        tempfile.TemporaryDirectory(prefix="accord-engine-") as folder,
    ):
        run = Path(folder)
        group = run.name
        log = (cache.folder / "engine.log").open("wb")
        command = [*_isolated(unshare), *_dockerd(cache, run, group), *flags]
        with (
            log,
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            ) as process,
        ):
            environ = {
                **os.environ,
                "DOCKER_HOST": f"unix://{run}/docker.sock",
                "DOCKER_CONFIG": str(cache.config),
            }
            engine = Engine(environ=environ, pid=process.pid)
            try:
                _wait_until_ready(engine, process)
                yield engine
            finally:
                _stop(process)
                _remove_groups(group)


def _isolated(unshare: Sequence[str]) -> list[str]:
    # However the tests end, the kernel ends the engine, and with it all that it runs.
    own = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *unshare]
    up = 'ip link set lo up; exec "$@"' if unshare else 'exec "$@"'
    return ["setpriv", "--pdeathsig=KILL", "unshare", *own, "sh", "-c", up, "sh"]


def _dockerd(cache: Cache, run: Path, group: str) -> list[str]:
    return [
        "dockerd",
        f"--host=unix://{run}/docker.sock",
        f"--data-root={cache.folder / 'engine'}",
        f"--exec-root={run / 'exec'}",
        f"--pidfile={run / 'pid'}",
        f"--cgroup-parent=/{group}",
    ]


def _wait_until_ready(engine: Engine, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_S
    while engine.docker("info").returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            message = "the private Docker engine did not start; see engine.log"
            raise RuntimeError(message)
        time.sleep(_LOOK_AGAIN_S)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End in order, so that no image is left half; by force if that takes too long."""
    for pid in _children(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in path.read_text(encoding="ascii").split()]


def _remove_groups(name: str) -> None:
    for group in _CGROUPS.glob(f"*/{name}"):
        below = sorted(group.rglob("*"), reverse=True)
        for folder in [*(each for each in below if each.is_dir()), group]:
            with suppress(OSError):
                folder.rmdir()


def find_missing_programs() -> list[str]:
    """Return which programs the private engine lacks on this machine."""
    return [name for name in NEEDED if shutil.which(name) is None]
