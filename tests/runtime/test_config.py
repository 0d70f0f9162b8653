"""Settings: named in errors, never printed if secret."""

from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

from registry.errors import ConfigError
from runtime.config import (
    KafkaSettings,
    LoopSettings,
    RegistrySettings,
    ServiceSettings,
    kafka_options,
    loop_options,
    registry_options,
    service_options,
    transaction_option,
)


@pytest.fixture
def read() -> Callable[..., dict[str, Any]]:
    """Return what parses flags and variables as a service does."""

    def parse(*flags: str, **environ: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        @click.command(context_settings={"auto_envvar_prefix": "ACCORD"})
        @kafka_options
        @registry_options
        @loop_options(group="worker")
        @transaction_option
        @service_options
        def command(**options: Any) -> None:  # noqa: ANN401 - the flags, by name
            found.update(options)

        result = CliRunner().invoke(command, flags, env=environ)
        assert result.exit_code == 0, result.output
        return found

    return parse


def test_flag_wins_over_its_variable(read: Callable[..., dict[str, Any]]) -> None:
    """KAFKA_BOOTSTRAP_SERVERS is read unless the flag is given."""
    variable = {"KAFKA_BOOTSTRAP_SERVERS": "a:1"}

    assert read(**variable)["bootstrap_servers"] == "a:1"
    assert read("--bootstrap-servers", "b:2", **variable)["bootstrap_servers"] == "b:2"


def test_every_flag_has_a_variable(read: Callable[..., dict[str, Any]]) -> None:
    """ACCORD_<FLAG> sets a flag that names no variable of its own."""
    options = read(ACCORD_LISTEN="0.0.0.0:8080", ACCORD_REPLICA_ID="7")

    settings = ServiceSettings.from_options("worker", options)

    assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104 - only parsed
    assert settings.replica_id == "7"


def test_security_settings_pass_through(
    read: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """KAFKA_SASL_* and its like reach librdkafka under its own names."""
    monkeypatch.setenv("KAFKA_SASL_MECHANISM", "PLAIN")
    monkeypatch.setenv("SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", "me:secret")
    options = read("--kafka-property", "ssl.ca.location=ca.pem")

    assert KafkaSettings.from_options(options).properties == {
        "sasl.mechanism": "PLAIN",
        "ssl.ca.location": "ca.pem",
    }
    assert RegistrySettings.from_options(options).properties == {
        "basic.auth.user.info": "me:secret"
    }


def test_secrets_are_not_shown() -> None:
    """The text of the settings holds no property."""
    kafka = KafkaSettings(
        bootstrap_servers="a:1", properties={"sasl.password": "secret"}
    )
    registry = RegistrySettings(
        url="http://a", properties={"basic.auth.user.info": "me:secret"}
    )

    assert "secret" not in f"{kafka} {registry!r}"


def test_property_without_equals_sign_is_refused_unseen(
    read: Callable[..., dict[str, Any]],
) -> None:
    """The error names the flag and the form, and does not repeat the value."""
    options = read("--kafka-property", "sasl.password:secret")

    with pytest.raises(ConfigError, match="NAME=VALUE") as refused:
        KafkaSettings.from_options(options)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--transaction-timeout", "45"], "--transaction-timeout"),
        (["--session-timeout", "400"], "--session-timeout"),
    ],
)
def test_timeouts_out_of_order_are_refused(
    read: Callable[..., dict[str, Any]], flags: list[str], reason: str
) -> None:
    """A transaction must die before its partitions move."""
    with pytest.raises(ConfigError, match=f"^{reason} "):
        LoopSettings.from_options(read(*flags))


@pytest.mark.parametrize("value", ["8080", "host:", ":80", "host:http", "host:65536"])
def test_bad_address_names_the_form(value: str) -> None:
    """--listen says what it accepts."""

    @click.command()
    @service_options
    def command(**_options: Any) -> None:  # noqa: ANN401 - the flags, by name
        """Do nothing."""

    result = CliRunner().invoke(command, ["--listen", value])

    assert result.exit_code == 2
    assert "is not HOST:PORT, such as 127.0.0.1:8080" in result.output
