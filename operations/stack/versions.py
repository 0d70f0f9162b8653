"""What the local stack runs on: Kafka's jars and Java."""

from operations.stack.jars import read_lock
from operations.stack.java import find_java_version, get_java
from registry.errors import ConfigError

_KAFKA = "org.apache.kafka:kafka_2.13:"


def get_kafka_version() -> str:
    """Return the version of Apache Kafka that the jars' lock names."""
    names = [jar.coordinate for jar in read_lock()]
    return next(each.removeprefix(_KAFKA) for each in names if each.startswith(_KAFKA))


def find_stack_facts() -> dict[str, str]:
    """Return the versions of Kafka and Java, by name."""
    return {"Apache Kafka": get_kafka_version(), "Java": _tell_java()}


def _tell_java() -> str:
    try:
        java = get_java()
    except ConfigError as exc:
        return f"not found: {exc}"
    return f"{find_java_version(java)} ({java})"
