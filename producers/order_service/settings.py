"""Everything that order-service can be told."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from producers.order_service.options import resumes
from producers.order_service.run import OnBadLine, RunSettings
from registry.catalog import Contract, load_catalog
from registry.errors import ConfigError, InvalidContract
from registry.names import Subject, Version
from runtime.config import (
    KafkaSettings,
    Options,
    RegistrySettings,
    ServiceSettings,
)

NAME = "order-service"
WRITES = Subject("order-details-value")

_ENDLESS_RATE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeSettings:
    """How a source goes on where an earlier run has stopped.

    Attributes:
        source_name: What its position is kept under.
        positions_topic: Where it is kept.
        is_restart: True writes everything again.
        transaction_timeout_s: After so long the broker aborts a transaction that
            hangs.
    """

    source_name: str
    positions_topic: str
    is_restart: bool
    transaction_timeout_s: float

    @classmethod
    def from_options(cls, options: Options) -> Self:
        """Read the flags."""
        topic = options["topic"]
        return cls(
            source_name=options["source_name"] or _name_source(options),
            positions_topic=options["positions_topic"] or f"{topic}.positions",
            is_restart=options["restart"],
            transaction_timeout_s=options["transaction_timeout"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that order-service can be told.

    Attributes:
        version: Contract version that orders are written with.
        file: Where orders come from: a path, "-", or None for Faker.
        seed: Of Faker; None draws one.
        start: `created_at` of the first Faker order; None is the time of writing.
        resume: None if the source gives its orders only once.
    """

    service: ServiceSettings
    kafka: KafkaSettings
    registry: RegistrySettings
    run: RunSettings
    contract: Contract
    version: Version
    topic: str
    file: str | None
    seed: int | None
    start: datetime | None
    resume: ResumeSettings | None

    @classmethod
    def from_options(cls, options: Options) -> Self:
        """Read the flags.

        Raises:
            ConfigError: The contract has no such version, or is not there.
        """
        service = ServiceSettings.from_options(NAME, options)
        contract, version = _load(options["schemas"], options["contract_version"])
        return cls(
            service=service,
            kafka=KafkaSettings.from_options(options),
            registry=RegistrySettings.from_options(options),
            run=_run_settings(service, options),
            contract=contract,
            version=version,
            topic=options["topic"],
            file=options["file"],
            seed=options["seed"],
            start=options["start_time"],
            resume=ResumeSettings.from_options(options) if resumes(options) else None,
        )


def _name_source(options: Options) -> str:
    """Return the default name: the same orders to the same topic, the same name."""
    topic, start = options["topic"], options["start_time"]
    if options["file"] is None:
        since = f" from {start.isoformat()}" if start else ""
        return f"Faker with seed {options['seed']}{since} to {topic}"
    # A path may hold bytes that are no text.
    path = bytes(Path(options["file"]).resolve()).decode(errors="backslashreplace")
    return f"{path} to {topic}"


def _load(folder: str, version: int | None) -> tuple[Contract, Version]:
    try:
        contract = load_catalog(Path(folder)).get_contract(WRITES)
        wanted = contract.newest.version if version is None else version
        return contract, contract.get_version(wanted).version
    except InvalidContract as exc:
        raise ConfigError(str(exc)) from exc


def _run_settings(service: ServiceSettings, options: Options) -> RunSettings:
    is_endless = options["file"] is None and options["count"] is None
    return RunSettings(
        count=options["count"],
        rate=options["rate"] or (_ENDLESS_RATE if is_endless else None),
        on_bad_line=OnBadLine(options["on_bad_line"]),
        until_idle_s=service.until_idle_s,
        stop_timeout_s=options["stop_timeout"],
    )
