"""What the pipeline needs of a machine, in the order in which it needs it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from operations.doctor import machine, programs
from registry.catalog import load_catalog
from registry.client import RegistryClient
from registry.doctor import Need
from registry.doctor.gate import registry_need
from registry.doctor.packages import package_needs
from runtime.config import KafkaSettings

_TESTS = "tests"
_CONTAINERS = "containers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be run.

    Attributes:
        data: Folder of the stack.
        state_dir: Where services of one machine tell their slots apart.
        schemas: Folder of the contracts.
        kafka: A broker that must answer, or None: the pipeline starts its own.
        registry_url: A registry that must answer, or None, likewise.
    """

    data: Path
    state_dir: Path
    schemas: Path
    kafka: KafkaSettings | None = None
    registry_url: str | None = None


def pipeline_needs(wanted: Wanted) -> list[Need]:
    """Return all needs: first what nothing runs without."""
    return [
        *package_needs(),
        Need(name="librdkafka", look=machine.look_at_librdkafka),
        Need(name="Java", look=machine.look_at_java),
        Need(name="Apache Kafka", look=machine.look_at_jars),
        Need(name="free ports", look=machine.look_at_ports),
        Need(name="data folder", look=partial(machine.look_at_folder, wanted.data)),
        Need(
            name="state folder",
            look=partial(
                machine.look_at_folder,
                wanted.state_dir,
                hint="name another with --state-dir",
            ),
            serves="services started one by one",
        ),
        Need(name="contracts", look=partial(_look_at_contracts, wanted.schemas)),
        *_addressed(wanted),
        *programs.program_needs(tests=_TESTS, containers=_CONTAINERS),
    ]


def _addressed(wanted: Wanted) -> list[Need]:
    """Return the needs of those whose addresses are given."""
    needs = []
    if wanted.kafka is not None:
        look = partial(machine.look_at_broker, wanted.kafka)
        needs.append(Need(name="broker", look=look))
    if wanted.registry_url is not None:
        needs.append(registry_need(wanted.registry_url, RegistryClient))
    return needs


def _look_at_contracts(folder: Path) -> str:
    contracts = load_catalog(folder).contracts.values()
    count = sum(len(each.versions) for each in contracts)
    return f"{count} versions of {len(contracts)} subjects in {folder}"
