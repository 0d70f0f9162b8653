"""Bytes to events, as a stranger with confluent-kafka's own deserializer reads them."""

import io
import json
from typing import Any, Protocol

import fastavro
import httpx2  # what confluent-kafka speaks HTTP with
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.error import SchemaRegistryError

from registry.errors import RegistryUnavailable
from runtime.records import Record

Event = dict[str, Any]

_PREFIX_BYTES = 5
_SERVER_FAILS = 500


class Unreadable(Exception):
    """Nobody can decode the record; the text says why."""


class Decoder(Protocol):
    """Who understands the bytes of a record."""

    def __call__(self, record: Record) -> Event:
        """Return the event of a record, or raise `Unreadable`."""
        ...

    def count_trailing_bytes(self, record: Record) -> int:
        """Return how many bytes follow the event of a readable record."""
        ...


class StockDecoder:
    """Decodes values with the schema that each was written with."""

    def __init__(self, registry: SchemaRegistryClient) -> None:
        self._registry = registry
        self._deserialize = AvroDeserializer(
            registry, conf={"subject.name.strategy.type": "TOPIC"}
        )

    def __call__(self, record: Record) -> Event:
        """Return the event.

        Raises:
            Unreadable: The value is no event; the text says why.
            RegistryUnavailable: No registry answered.
        """
        try:
            event = self._deserialize(record.value)
        except httpx2.TransportError as exc:
            raise RegistryUnavailable(reason=str(exc)) from exc
        except SchemaRegistryError as exc:
            if exc.http_status_code >= _SERVER_FAILS:
                raise RegistryUnavailable(reason=str(exc)) from exc
            raise Unreadable(f"its schema is not to be had: {exc}") from exc
        except Exception as exc:  # the deserializer has no error class of its own
            raise Unreadable(f"{type(exc).__name__}: {exc}") from exc
        if not isinstance(event, dict):
            raise Unreadable("its value is not a record")
        return event

    def count_trailing_bytes(self, record: Record) -> int:
        """Return how many bytes follow the event, which the deserializer ignores."""
        value = record.value or b""
        schema_id = int.from_bytes(value[1:_PREFIX_BYTES])
        schema = self._registry.get_schema(schema_id).schema_str
        body = io.BytesIO(value[_PREFIX_BYTES:])
        fastavro.schemaless_reader(body, json.loads(schema or ""), None)
        return len(value) - _PREFIX_BYTES - body.tell()
