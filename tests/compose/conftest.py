"""An engine for the files that users get: the machine's own, or a private one."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.compose.engine import Cache, Engine, find_missing_programs, private_engine
from tests.compose.images import COMPOSE, build_images
from tests.conftest import Refuse

_PULL_S = 600.0


@pytest.fixture(scope="session")
def cache(require_or_skip: Refuse) -> Cache:
    """Return what a private engine needs, or refuse with what is missing."""
    if os.geteuid() != 0:
        require_or_skip("only root can start a private Docker engine")
    found = Cache.of_user()
    missing = find_missing_programs()
    if missing or found.find_base() is None:
        what = ", ".join(missing) or "the tree of the stand-in images"
        require_or_skip(f"{what} is missing; `make system` brings it")
    return found


@pytest.fixture(scope="session")
def kustomize(require_or_skip: Refuse) -> str:
    """Return the program: the machine's, or the one that `make system` keeps."""
    folders = [os.environ["PATH"], str(Cache.of_user().programs)]
    found = shutil.which("kustomize", path=os.pathsep.join(folders))
    return found or require_or_skip("kustomize is missing; `make system` brings it")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give an engine that has every image of the compose file.

    With `--require all` the machine's own if it can pull the real ones, which is slow
    and takes the file's ports; else a private one with stand-ins.
    """
    machine = Engine(environ=dict(os.environ), pid=os.getpid())
    if request.config.getoption("--require") == "all" and _can_pull(machine):
        yield machine
        return
    cache: Cache = request.getfixturevalue("cache")
    base = cache.find_base()
    assert base is not None
    build_images(cache, base)
    with private_engine(cache) as running:
        yield running


def _can_pull(engine: Engine) -> bool:
    compose = ("compose", f"--file={COMPOSE}")
    return (
        engine.docker("info").returncode == 0
        and engine.docker(*compose, "version").returncode == 0
        and engine.docker(
            *compose, "pull", "--ignore-buildable", timeout_s=_PULL_S
        ).returncode
        == 0
        and engine.docker(*compose, "build", timeout_s=_PULL_S).returncode == 0
    )
