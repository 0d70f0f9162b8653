"""What the gate needs: contracts, baselines, a registry, a port for its own."""

import socket
from collections.abc import Callable, Iterable
from functools import partial
from importlib import util
from pathlib import Path

from registry.client import RegistryClient
from registry.doctor.needs import Need
from registry.errors import ConfigError
from registry.gate.baselines import open_baseline
from registry.gate.judge import Settings, judge
from registry.gate.references import load_folder
from registry.gate.report import Verdict
from registry.installed import to_install

Connect = Callable[[str], RegistryClient]

_HOST = "127.0.0.1"
_SERVE = "contracts serve"
_SERVER_PACKAGES = ("h11", "jinja2", "starlette", "structlog", "uvicorn")


def contract_need(folder: Path) -> Need:
    """Return the need of contracts that stand by themselves."""
    return Need(name="contracts", look=partial(_look_at_contracts, folder))


def baseline_needs(specs: Iterable[str], folder: Path, connect: Connect) -> list[Need]:
    """Return the need of each baseline, such as "git:origin/main"."""
    return [
        Need(name="baseline", look=partial(_look_at_baseline, each, folder, connect))
        for each in specs
    ]


def registry_need(url: str, connect: Connect) -> Need:
    """Return the need of a registry that answers."""
    return Need(name="registry", look=partial(_look_at_registry, url, connect))


def serve_needs(port: int) -> list[Need]:
    """Return what `contracts serve` wants besides."""
    return [
        Need(name="server packages", look=_look_at_server_packages, serves=_SERVE),
        Need(name=f"port {port}", look=partial(look_at_port, port), serves=_SERVE),
    ]


def look_at_port(port: int) -> str:
    """Return that the port of this machine is free, or raise ConfigError."""
    try:
        with socket.create_server((_HOST, port)):
            return f"free on {_HOST}"
    except OSError as exc:
        reason = f"{_HOST}:{port} cannot be listened on: {exc.strerror}"
        raise ConfigError(
            reason, hint="stop what listens there, or name another port"
        ) from exc


def _look_at_contracts(path: Path) -> str:
    if not path.is_dir():
        hint = "name the folder with --schemas"
        raise ConfigError(f"there is no folder {path}", hint=hint)
    folder = load_folder(path)
    if not folder.versions:
        reason = f"{path} has no version files: <subject>/v<number>.avsc"
        raise ConfigError(reason, hint="name the folder with --schemas")
    if judge(folder, [], settings=Settings()).verdict is not Verdict.ACCEPTED:
        hint = f"see why: contracts check --schemas {path}"
        raise ConfigError(f"the gate refuses what is in {path}", hint=hint)
    count = sum(map(len, folder.versions.values()))
    return f"{count} versions of {len(folder.versions)} subjects in {path}"


def _look_at_baseline(spec: str, folder: Path, connect: Connect) -> str:
    baseline = open_baseline(spec, folder=folder, connect=connect)
    return f"{spec} has {len(baseline.get_subjects())} subjects"


def _look_at_registry(url: str, connect: Connect) -> str:
    with connect(url) as client:
        return f"{client.url} has {len(client.get_subjects())} subjects"


def _look_at_server_packages() -> str:
    missing = [each for each in _SERVER_PACKAGES if util.find_spec(each) is None]
    if missing:
        hint = to_install("pipeline")
        raise ConfigError(f"not installed: {', '.join(missing)}", hint=hint)
    return "installed"
