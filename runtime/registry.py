"""The registry as services use it: look-ups by confluent-kafka's own client."""

from confluent_kafka.schema_registry import SchemaRegistryClient

from runtime.config import RegistrySettings


def connect_registry(settings: RegistrySettings) -> SchemaRegistryClient:
    """Return a client; no request is sent yet.

    It retries little: who uses it holds and asks again, polling Kafka meanwhile.
    """
    return SchemaRegistryClient(
        {
            "url": settings.url,
            "max.retries": 1,
            "retries.wait.ms": 100,
            "timeout": 10,
            **settings.properties,
        }
    )
