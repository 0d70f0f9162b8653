"""Proxies of the environment, and this machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from registry.loopback import spare_loopback

_SPARED = "127.0.0.1,localhost,::1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, _SPARED),
        ({"NO_PROXY": "corp.example"}, f"corp.example,{_SPARED}"),
        ({"no_proxy": "a, b", "NO_PROXY": "c"}, f"a,b,{_SPARED}"),
        ({"no_proxy": "localhost"}, "localhost,127.0.0.1,::1"),
    ],
)
def test_loopback_is_added_to_what_is_spared(
    given: dict[str, str], expected: str
) -> None:
    """In both spellings; what was spared before still is."""
    environ = dict(given)

    spare_loopback(environ)

    assert environ == {"no_proxy": expected, "NO_PROXY": expected}


def test_registry_of_this_machine_is_reached_without_the_proxy(
    registry_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that the network has, and that does not know us, changes nothing."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    contracts = Path(sys.executable).with_name("contracts")

    done = subprocess.run(
        [contracts, "history", "--from", f"registry:{registry_url}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
