"""Looks at what the stack itself stands on: clients, Java, Kafka, ports, folders."""

import shutil
import tempfile
from pathlib import Path

import confluent_kafka
import httpx
from confluent_kafka.admin import AdminClient
from jgo.constants import MAVEN_CENTRAL_URL

from operations.stack.broker_config import HOST, find_free_ports
from operations.stack.jars import find_missing_jars, find_repository, get_jars
from operations.stack.java import find_java_version, get_java
from operations.stack.versions import get_kafka_version
from registry.errors import ConfigError
from runtime.config import KafkaSettings
from runtime.kafka import Properties, broker_errors, client_properties

OLDEST_LIBRDKAFKA = (2, 13, 2)
"""The oldest whose transactional producer the loop relies on."""

_PORTS = 12
_MIN_FREE_BYTES = 2**30
_ANSWER_S = 5.0


def look_at_librdkafka() -> str:
    """Return its version, or raise ConfigError if it is too old."""
    text, number = confluent_kafka.libversion()
    found = (number >> 24, number >> 16 & 0xFF, number >> 8 & 0xFF)
    if found < OLDEST_LIBRDKAFKA:
        wanted = ".".join(map(str, OLDEST_LIBRDKAFKA))
        raise ConfigError(
            f"{text} is older than {wanted}",
            hint="install the locked packages again: make setup",
        )
    return f"{text}, confluent-kafka {confluent_kafka.__version__}"


def look_at_java() -> str:
    """Return which Java starts Kafka, or raise ConfigError."""
    java = get_java()
    return f"version {find_java_version(java)}, {java}"


def look_at_jars() -> str:
    """Return that Kafka's jars are here or can be fetched, or raise ConfigError."""
    version = get_kafka_version()
    missing = find_missing_jars()
    if not missing:
        return f"{version}, {len(get_jars())} verified jars"
    look_at_folder(find_repository(), hint="name another with M2_REPO")
    _reach_maven_central(len(missing))
    return f"{version}; the first start fetches {len(missing)} jars"


def _reach_maven_central(missing_count: int) -> None:
    try:
        httpx.head(MAVEN_CENTRAL_URL, timeout=_ANSWER_S, follow_redirects=True)
    except httpx.HTTPError as exc:
        raise ConfigError(
            f"{missing_count} of its jars are missing, and Maven Central does not"
            f" answer: {exc}",
            hint="start once with network, or name a filled repository with M2_REPO",
        ) from exc


def look_at_ports() -> str:
    """Return that there are ports to listen on, or raise ConfigError."""
    try:
        find_free_ports(_PORTS)
    except OSError as exc:
        raise ConfigError(
            f"{HOST} cannot be listened on: {exc.strerror}",
            hint=f"let programs listen on {HOST}",
        ) from exc
    return f"{_PORTS} on {HOST}"


def look_at_folder(path: Path, *, hint: str = "name another with --data") -> str:
    """Return that the folder, or the one to make it in, can be written.

    Args:
        path: It need not exist.
        hint: What to do if it cannot be.

    Raises:
        ConfigError: It cannot, or less than 1 GiB is free.
    """
    path = path.absolute()
    nearest = next(each for each in (path, *path.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            free_bytes = shutil.disk_usage(nearest).free
    except OSError as exc:
        raise ConfigError(
            f"{path} cannot be written: {exc.strerror}",
            hint=hint,
        ) from exc
    free = f"{free_bytes / 2**30:.1f} GiB free"
    if free_bytes < _MIN_FREE_BYTES:
        room = "make room: Kafka refuses to work on a full disk"
        raise ConfigError(f"{path} has but {free}", hint=room)
    return f"{path}, {free}"


def look_at_broker(kafka: KafkaSettings) -> str:
    """Return how many brokers answer.

    Raises:
        BrokerUnavailable: None does.
    """
    quiet: Properties = {"log_level": 0}
    admin = AdminClient(client_properties(kafka, client_id="accord-doctor") | quiet)
    with broker_errors(kafka, "listing brokers"):
        count = len(admin.list_topics(timeout=_ANSWER_S).brokers)
    return f"{count} at {kafka.bootstrap_servers}"
