"""What every command of `pipeline` owes who types it."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from operations.addresses import FILE_NAME, PipelineAddresses
from operations.cli import pipeline
from operations.cli.options import Flags
from operations.dashboard import main as dashboard
from operations.services import NAMES, parse_services
from registry.errors import ConfigError
from tests.operations.conftest import run

COMMANDS = {**pipeline.commands, "pipeline": pipeline, "dashboard": dashboard}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_help_has_an_example_on_lines_of_its_own(command: click.Command) -> None:
    """`--help` of every command shows how it is typed."""
    shown = CliRunner().invoke(command, ["--help"])

    assert shown.exit_code == 0
    assert "\n  Example:\n      " in shown.output
    assert "\\b" not in shown.output


@pytest.mark.parametrize("command", ["env", "report", "verify", "wire"])
def test_command_without_a_pipeline_says_what_to_do(
    command: str, tmp_path: Path
) -> None:
    """Nothing runs on the folder: one sentence, a hint, exit 78."""
    refused = run("pipeline", command, "--data", tmp_path)

    assert refused.returncode == 78
    assert refused.stderr.startswith(f"pipeline: no pipeline runs on {tmp_path}\n")
    assert "pipeline up" in refused.stderr
    assert refused.stdout == ""


def test_broker_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """No broker at the address: its address is said, exit 75."""
    PipelineAddresses(
        bootstrap_servers="127.0.0.1:1", registry_url="http://127.0.0.1:1"
    ).write(tmp_path)

    refused = run("pipeline", "verify", "--data", tmp_path)

    assert refused.returncode == 75
    assert "no Kafka broker answers at 127.0.0.1:1" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_unknown_service_is_refused_with_those_there_are() -> None:
    """A misspelt name starts nothing."""
    refused = run("pipeline", "up", "--services", "transactions")

    assert refused.returncode == 78
    assert "there is no service 'transactions'; there are: order-service," in (
        refused.stderr
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("all", NAMES),
        ("none", ()),
        ("dashboard, order-service", ("order-service", "dashboard")),
    ],
)
def test_services_are_started_in_the_order_of_the_flow(
    text: str, names: tuple[str, ...]
) -> None:
    """Whatever order they are typed in."""
    assert parse_services(text) == names


def test_addresses_come_back_as_they_were_left(tmp_path: Path) -> None:
    """What `up` writes is what the other commands read."""
    left = PipelineAddresses(
        bootstrap_servers="127.0.0.1:9092",
        registry_url="http://127.0.0.1:8081",
        services={"dashboard": "http://127.0.0.1:8080"},
    )
    left.write(tmp_path)

    assert PipelineAddresses.get(tmp_path) == left

    PipelineAddresses.remove(tmp_path)

    assert PipelineAddresses.find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": 1}'])
def test_damaged_addresses_are_refused(tmp_path: Path, text: str) -> None:
    """A file that is not what `up` writes is named, with what to do."""
    (tmp_path / FILE_NAME).write_text(text)

    with pytest.raises(ConfigError, match="cannot be understood"):
        PipelineAddresses.find(tmp_path)


@pytest.mark.parametrize(
    ("typed", "environment", "chosen"),
    [
        ([], {}, "running"),
        (["--registry-url", "typed"], {}, "typed"),
        ([], {"SCHEMA_REGISTRY_URL": "environment"}, "environment"),
        (["--data", "."], {"SCHEMA_REGISTRY_URL": "environment"}, "running"),
        (["--data", ".", "--registry-url", "typed"], {}, "typed"),
    ],
)
def test_nearest_address_wins(
    typed: list[str], environment: dict[str, str], chosen: str
) -> None:
    """Typed, then the pipeline of a typed folder, then environment, then default."""
    values = _parse(typed, environment)

    assert values.choose("registry_url", "running") == chosen


def _parse(typed: list[str], environment: dict[str, str]) -> Flags:
    """Return the flags of `pipeline verify` as it would see them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SCHEMA_REGISTRY_URL", raising=False)
        patch.setenv("KAFKA_BOOTSTRAP_SERVERS", "")
        for name, value in environment.items():
            patch.setenv(name, value)
        context = pipeline.commands["verify"].make_context("verify", typed)
    return Flags(context, context.params)
