"""The images that docker-compose.yml names, built from packages under the same tags."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from operations.stack.jars import get_jars
from tests.compose.engine import Cache, Engine, building_engine

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
STAND_INS = Path(__file__).with_name("stand_ins")
ACCORD = "accord:local"
_PYTHON = "python:3.11-slim-bookworm"
_BASE = "accord-stand-in/base"
_BUILD_S = 900.0
_SHOWN_CHARACTERS = 4000
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP = Path("/etc/pip.conf")
_FOLDERS = {
    "apache/kafka": "kafka",
    "confluentinc/cp-schema-registry": "schema-registry",
    "postgres": "postgres",
    "axllent/mailpit": "mailpit",
    "prom/prometheus": "prometheus",
    "grafana/grafana": "grafana",
}


def stand_ins(services: Mapping[str, Any]) -> dict[str, Path]:
    """Return the folder of the stand-in of every image that is not ours.

    Raises:
        KeyError: An image has none.
    """
    images = {each["image"] for each in services.values()} - {ACCORD}
    return {image: STAND_INS / _FOLDERS[image.partition(":")[0]] for image in images}


def build_images(cache: Cache, base: Path) -> None:
    """Build all of them; what has not changed comes from the engine's own cache."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    with building_engine(cache) as engine, tempfile.TemporaryDirectory() as folder:
        _import_base(engine, base)
        _build(engine, _PYTHON, _with_machine_files(Path(folder)))
        _build(engine, ACCORD, ROOT)
        for image, context in stand_ins(services).items():
            _build(engine, image, _with_jars(context, Path(folder)))


def _import_base(engine: Engine, base: Path) -> None:
    """Import the tree unless that very tree was imported before."""
    tag = f"{_BASE}:{base.stem}"
    if engine.docker("image", "inspect", tag).returncode != 0:
        path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        changes = ["--change", path, "--change", "ENV LANG=C.UTF-8"]
        _check(engine, "import", *changes, str(base), tag)
    _check(engine, "tag", tag, f"{_BASE}:latest")


def _with_machine_files(folder: Path) -> Path:
    """Add what pip needs here: the machine's certificates and its settings."""
    context = folder / "python"
    shutil.copytree(STAND_INS / "python", context)
    shutil.copy(_CERTIFICATES, context)
    (context / "pip.conf").write_text(_PIP.read_text() if _PIP.exists() else "")
    return context


def _with_jars(stand_in: Path, folder: Path) -> Path:
    if stand_in.name != "kafka":
        return stand_in
    context = folder / "kafka"
    shutil.copytree(stand_in, context)
    (context / "jars").mkdir()
    for jar in get_jars():
        shutil.copy2(jar, context / "jars")
    shutil.copy(ROOT / "operations/stack/log4j2.properties", context)
    return context


def _build(engine: Engine, tag: str, context: Path) -> None:
    _check(engine, "build", "--network=host", f"--tag={tag}", str(context))


def _check(engine: Engine, *arguments: str) -> None:
    done = engine.docker(*arguments, timeout_s=_BUILD_S)
    if done.returncode != 0:
        output = f"{done.stdout}\n{done.stderr}"[-_SHOWN_CHARACTERS:]
        message = f"docker {' '.join(arguments)} failed:\n{output}"
        raise RuntimeError(message)
