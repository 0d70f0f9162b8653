"""Every setting: its flag, its environment variable, its default, its check.

Nothing else in Accord reads the environment. A flag wins over its variable; flags
that name no variable of their own are read from ``ACCORD_<FLAG>``.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from registry.errors import ConfigError
from schemas import CONTRACTS

Command = TypeVar("Command", bound=Callable[..., Any])
Options = Mapping[str, Any]
"""What click hands to a command: flag name in snake case -> value."""

SETTINGS = {
    "auto_envvar_prefix": "ACCORD",
    "help_option_names": ["-h", "--help"],
}
"""Context of every command: a flag is also read from ACCORD_<FLAG>."""

_KAFKA_PREFIXES = ("KAFKA_SECURITY_", "KAFKA_SASL_", "KAFKA_SSL_")
_REGISTRY_PREFIXES = ("SCHEMA_REGISTRY_BASIC_AUTH_", "SCHEMA_REGISTRY_SSL_")


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """How to reach the broker.

    Attributes:
        bootstrap_servers: "host:port", comma separated.
        properties: Passed to librdkafka as they are; may hold secrets.
    """

    bootstrap_servers: str
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_options(cls, options: Options) -> "KafkaSettings":
        """Read the flags of `kafka_options` and the KAFKA_SECURITY_* family."""
        given = _properties("--kafka-property", options["kafka_property"])
        return cls(
            bootstrap_servers=options["bootstrap_servers"],
            properties={**prefixed(_KAFKA_PREFIXES, cut="KAFKA_"), **given},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """How to reach the schema registry.

    Attributes:
        url: Without credentials.
        properties: Passed to confluent-kafka's client; may hold secrets.
    """

    url: str
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_options(cls, options: Options) -> "RegistrySettings":
        """Read the flags of `registry_options` and the SCHEMA_REGISTRY_* family."""
        given = _properties("--registry-property", options["registry_property"])
        found = prefixed(_REGISTRY_PREFIXES, cut="SCHEMA_REGISTRY_")
        return cls(url=options["registry_url"], properties={**found, **given})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """How a service runs on its machine.

    Attributes:
        name: Also its default consumer group and its log field.
        host: Address that health, metrics and status listen on.
        port: 0 takes a free one.
        replica_id: Names this worker among its equals; None takes a free slot.
        state_dir: Where slots are locked.
        startup_timeout_s: Longest wait for broker and registry at start, >= 0.
        until_idle_s: Drain and end after so long without a record; None runs on.
        stall_after_s: A partition that waits so long without moving is stalled, > 0.
        log_format: "auto" (console on a terminal), "console" or "json".
    """

    name: str
    host: str = "127.0.0.1"
    port: int = 0
    replica_id: str | None = None
    state_dir: Path = Path.home() / ".local/state/accord"
    startup_timeout_s: float = 60.0
    until_idle_s: float | None = None
    stall_after_s: float = 60.0
    log_format: str = "auto"

    @classmethod
    def from_options(cls, name: str, options: Options) -> "ServiceSettings":
        """Read the flags of `service_options`."""
        host, port = options["listen"]
        return cls(
            name=name,
            host=host,
            port=port,
            replica_id=options["replica_id"],
            state_dir=options["state_dir"],
            startup_timeout_s=options["startup_timeout"],
            until_idle_s=options["until_idle"],
            # A flag of those services alone that have a loop.
            stall_after_s=options.get("stall_after", 60.0),
            log_format=options["log_format"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSettings:
    """How a loop takes batches and how long Kafka waits for it.

    A transaction that hangs must end before its partitions move:
    transaction timeout < session timeout <= max poll interval.

    Attributes:
        group: Consumer group.
        batch_records: Most records of a batch, >= 1.
        collect_s: How long a batch is collected after its first record, > 0.
        on_missing_offset: "fail", "earliest" or "latest".
        workers: Processes that share the work, >= 1.
    """

    group: str
    batch_records: int = 2000
    collect_s: float = 0.01
    transaction_timeout_s: float = 30.0
    session_timeout_s: float = 45.0
    max_poll_interval_s: float = 300.0
    on_missing_offset: str = "fail"
    workers: int = 1

    @classmethod
    def from_options(cls, options: Options) -> "LoopSettings":
        """Read the flags of `loop_options`.

        Raises:
            ConfigError: The timeouts are not in their order.
        """
        settings = cls(
            group=options["group"],
            batch_records=options["batch_records"],
            collect_s=options["collect_time"],
            transaction_timeout_s=options.get("transaction_timeout", 30.0),
            session_timeout_s=options["session_timeout"],
            max_poll_interval_s=options["max_poll_interval"],
            on_missing_offset=options["on_missing_offset"],
            workers=options["workers"],
        )
        if "transaction_timeout" in options and (
            settings.transaction_timeout_s >= settings.session_timeout_s
        ):
            raise ConfigError(
                f"--transaction-timeout ({settings.transaction_timeout_s:g} s) must be"
                f" less than --session-timeout ({settings.session_timeout_s:g} s)"
            )
        if settings.session_timeout_s > settings.max_poll_interval_s:
            raise ConfigError(
                f"--session-timeout ({settings.session_timeout_s:g} s) must not exceed"
                f" --max-poll-interval ({settings.max_poll_interval_s:g} s)"
            )
        return settings


class Address(click.ParamType[tuple[str, int]]):
    """A flag of the form HOST:PORT."""

    name = "host:port"

    def convert(
        self,
        value: str | tuple[str, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, int]:
        """Return host and port, or fail naming the accepted form."""
        if isinstance(value, tuple):
            return value
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - largest port
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8080", param, ctx)
        return host.strip("[]"), int(port)


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:  # noqa: ANN401 - click's own attributes
    """Return a click option that shows its default and its variable."""
    attributes.setdefault("show_default", True)
    return click.option(*names, show_envvar=True, **attributes)


def kafka_options(command: Command) -> Command:
    """Add the flags that `KafkaSettings` reads."""
    return _apply(
        command,
        option(
            "--bootstrap-servers",
            envvar="KAFKA_BOOTSTRAP_SERVERS",
            default="127.0.0.1:9092",
            help="Kafka broker, HOST:PORT, comma separated.",
        ),
        option(
            "--kafka-property",
            multiple=True,
            metavar="NAME=VALUE",
            help="Any librdkafka property, such as ssl.ca.location=ca.pem. Also"
            " read from KAFKA_SECURITY_*, KAFKA_SASL_* and KAFKA_SSL_*.",
        ),
    )


def registry_options(command: Command) -> Command:
    """Add the flags that `RegistrySettings` reads."""
    return _apply(
        command,
        option(
            "--registry-url",
            envvar="SCHEMA_REGISTRY_URL",
            default="http://127.0.0.1:8081",
            help="Confluent-compatible schema registry.",
        ),
        option(
            "--registry-property",
            multiple=True,
            metavar="NAME=VALUE",
            help="Any property of confluent-kafka's registry client. Also read"
            " from SCHEMA_REGISTRY_BASIC_AUTH_* and SCHEMA_REGISTRY_SSL_*.",
        ),
    )


state_dir_option = option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path.home() / ".local/state/accord",
    show_default="~/.local/state/accord",
    help="Folder in which workers of one machine tell their slots apart.",
)


def service_options(command: Command) -> Command:
    """Add the flags that `ServiceSettings` reads."""
    return _apply(
        command,
        option(
            "--listen",
            type=Address(),
            default="127.0.0.1:0",
            help="Where /livez, /readyz, /metrics and /status answer; port 0"
            " takes a free one and logs it.",
        ),
        option("--replica-id", help="Name of this worker.  [default: a free slot]"),
        state_dir_option,
        option(
            "--startup-timeout",
            type=click.FloatRange(min=0),
            default=60.0,
            help="Seconds to wait for broker and registry at start.",
        ),
        option(
            "--until-idle",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Drain, then exit 0 after so long without a record.",
        ),
        option(
            "--log-format",
            type=click.Choice(["auto", "console", "json"]),
            default="auto",
            help="auto: console on a terminal, else JSON lines.",
        ),
    )


def loop_options(
    *, group: str, batch_records: int = 2000
) -> Callable[[Command], Command]:
    """Return a decorator that adds the flags that `LoopSettings` reads.

    Args:
        group: Default consumer group.
        batch_records: Default of the most records of a batch.
    """

    def add(command: Command) -> Command:
        return _apply(
            command,
            option("--group", default=group, help="Consumer group."),
            option(
                "--workers",
                type=click.IntRange(min=1),
                default=1,
                help="Processes that share the partitions; one that dies is started"
                " again.",
            ),
            option(
                "--batch-records",
                type=click.IntRange(min=1),
                default=batch_records,
                help="Most records of a batch.",
            ),
            option(
                "--collect-time",
                type=click.FloatRange(min=0, min_open=True),
                default=0.01,
                help="Seconds to collect a batch after its first record.",
            ),
            option(
                "--session-timeout",
                type=click.FloatRange(min=6),
                default=45.0,
                help="Seconds until the group gives up a silent worker.",
            ),
            option(
                "--max-poll-interval",
                type=click.FloatRange(min=6),
                default=300.0,
                help="Seconds until the group gives up a worker that hangs.",
            ),
            option(
                "--stall-after",
                type=click.FloatRange(min=0, min_open=True),
                default=60.0,
                help="Seconds until a partition that does not move is reported.",
            ),
            option(
                "--on-missing-offset",
                type=click.Choice(["fail", "earliest", "latest"]),
                default="fail",
                help="What to do where the log no longer holds the next record.",
            ),
        )

    return add


transaction_option = option(
    "--transaction-timeout",
    type=click.FloatRange(min=1),
    default=30.0,
    help="Seconds until the broker aborts a transaction that hangs.",
)


schemas_option = option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False),
    default=str(CONTRACTS),
    show_default="the schemas installed with Accord",
    help="Folder of contracts.toml and the version files.",
)


def _apply(command: Command, *options: Callable[[Command], Command]) -> Command:
    # click lists options in the reverse order of their decorators.
    for add in reversed(options):
        command = add(command)
    return command


def _properties(flag: str, pairs: tuple[str, ...]) -> dict[str, str]:
    properties = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            # The text may hold a password: it is not repeated.
            raise ConfigError(f"{flag} must have the form NAME=VALUE")
        properties[name.strip()] = value
    return properties


def prefixed(prefixes: tuple[str, ...], *, cut: str) -> dict[str, str]:
    """Return variables of such names, as properties: KAFKA_SSL_X is ssl.x."""
    return {
        name.removeprefix(cut).lower().replace("_", "."): value
        for name, value in os.environ.items()
        if name.startswith(prefixes)
    }
