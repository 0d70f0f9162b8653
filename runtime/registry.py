"""The registry as services use it: look-ups by confluent-kafka's own client."""

from collections.abc import Mapping

from confluent_kafka.schema_registry import SchemaRegistryClient

from registry.errors import ConfigError
from registry.loopback import spare_loopback
from runtime.config import RegistrySettings

_NUMBERS = {
    "cache.capacity": int,
    "cache.latest.ttl.sec": float,
    "max.retries": int,
    "retries.max.wait.ms": int,
    "retries.wait.ms": int,
    "timeout": float,
}


def connect_registry(settings: RegistrySettings) -> SchemaRegistryClient:
    """Return a client; no request is sent yet.

    It retries little: who uses it holds and asks again, polling Kafka meanwhile.

    Raises:
        ConfigError: A property that is a number is given as something else.
    """
    spare_loopback()
    return SchemaRegistryClient(
        {
            "url": settings.url,
            "max.retries": 1,
            "retries.wait.ms": 100,
            "timeout": 10,
            **_parse_numbers(settings.properties),
        }
    )


def _parse_numbers(properties: Mapping[str, str]) -> dict[str, str | float]:
    """Return the properties as the client takes them: not every one is a text."""
    parsed: dict[str, str | float] = {**properties}
    for name in _NUMBERS.keys() & properties.keys():
        try:
            parsed[name] = _NUMBERS[name](properties[name])
        except ValueError:
            raise ConfigError(
                f"--registry-property {name} must be a number, not {properties[name]!r}"
            ) from None
    return parsed
