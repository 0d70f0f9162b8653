"""`--version` of every console script."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import click
import confluent_kafka
import pytest
from click.testing import CliRunner

from operations.cli import pipeline
from operations.dashboard import main as dashboard
from operations.stack.versions import get_kafka_version
from processors.transaction_service import main as transaction_service
from producers.order_service import main as order_service
from registry.cli import contracts as command_line
from sinks.analytics_service import main as analytics_service
from sinks.notification_service import main as notification_service

PROGRAMS = {
    "contracts": command_line,
    "pipeline": pipeline,
    "order-service": order_service,
    "transaction-service": transaction_service,
    "notification-service": notification_service,
    "analytics-service": analytics_service,
    "dashboard": dashboard,
}


def told(text: str) -> dict[str, str]:
    """Return what `--version` printed, by name."""
    rows = [line.rsplit("  ", 1) for line in text.splitlines()]
    return {name.strip(): value.strip() for name, value in rows}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_every_program_tells_what_a_report_of_a_fault_needs(
    program: click.Command,
) -> None:
    """Accord, Python, and the libraries that speak Avro and Kafka."""
    shown = CliRunner().invoke(program, ["--version"])

    facts = told(shown.output)
    assert shown.exit_code == 0
    assert facts["Accord"] == metadata.version("accord")
    assert facts["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["fastavro"] == metadata.version("fastavro")
    assert facts["confluent-kafka"] == metadata.version("confluent-kafka")
    assert facts["librdkafka"] == confluent_kafka.libversion()[0]


def test_pipeline_tells_its_kafka_and_its_java(tmp_path: Path) -> None:
    """The jars are named by their lock, Java by itself."""
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"23.0.1\"' >&2\n")
    java.chmod(0o755)

    shown = CliRunner().invoke(
        pipeline, ["--version"], env={"JAVA_HOME": str(tmp_path)}
    )

    facts = told(shown.output)
    assert facts["Apache Kafka"] == get_kafka_version()
    assert facts["Java"] == f"23 ({java})"


@pytest.mark.parametrize(
    "name", ["order-service", "transaction-service", "analytics-service", "dashboard"]
)
def test_variable_of_the_same_name_is_not_taken_for_the_flag(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """ACCORD_VERSION may be anybody's, such as an image's: the service starts."""
    monkeypatch.setenv("ACCORD_VERSION", "true")

    PROGRAMS[name].make_context(name, [])

    assert capsys.readouterr().out == ""


def test_gate_without_extras_says_so() -> None:
    """The base installation has no Kafka client; that is no error."""
    program = (
        "import sys; sys.modules['confluent_kafka'] = None; "
        "from importlib import metadata; real = metadata.version\n"
        "def without(name):\n"
        "    if name == 'confluent-kafka':\n"
        "        raise metadata.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "metadata.version = without\n"
        "import registry.cli; registry.cli.contracts(['--version'])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert told(done.stdout)["librdkafka"] == "not installed"
    assert told(done.stdout)["confluent-kafka"] == "not installed"


def test_help_stays_as_cheap_as_it_was() -> None:
    """`contracts` loads no Kafka client unless it is asked for its version."""
    program = (
        "import sys, registry.cli; "
        "sys.exit('confluent_kafka' in sys.modules or 'jgo' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 0
