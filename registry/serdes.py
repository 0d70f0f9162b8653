"""Events to bytes and back, with the schemas that the registry let in.

`Serializer` and `Deserializer` are called as confluent-kafka's `AvroSerializer` and
`AvroDeserializer` are, write the same bytes and read what those wrote. They differ
where it matters: nothing registers itself, a reader's defaults are values, and a body
must end where its schema ends.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import DecimalException
from typing import Any, Protocol

import fastavro
import httpx2  # what confluent-kafka speaks HTTP with
from confluent_kafka.schema_registry import RegisteredSchema, Schema
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import SerializationContext
from fastavro.read import SchemaResolutionError

from registry import wire
from registry.catalog import Contract
from registry.defaults import ParsedSchema, parse_reader
from registry.errors import (
    ContractNotRegistered,
    InvalidContract,
    RegistryRefused,
    RegistryUnavailable,
    SchemaNotFound,
    UndecodableRecord,
    UnencodableEvent,
)
from registry.names import SchemaId, Version

Event = dict[str, Any]

# What fastavro raises on bytes that are not what the schema says, and on events
# that do not fit it: it has no error class of its own for either.
_NOT_AVRO = (
    ArithmeticError,
    AttributeError,
    DecimalException,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    SchemaResolutionError,
    StopIteration,
    TypeError,
    ValueError,
)
_NOT_FOUND = 404
_SUBJECT_OR_SCHEMA_NOT_FOUND = {40401, 40402, 40403}
_SERVER_FAILS = 500


class SchemaRegistry(Protocol):
    """The look-ups of confluent-kafka's `SchemaRegistryClient` that serdes use."""

    def lookup_schema(self, subject_name: str, schema: Schema) -> RegisteredSchema:
        """Return what is registered under the subject for the schema."""
        ...

    def get_schema(self, schema_id: int) -> Schema:
        """Return the schema with the id."""
        ...


class Serializer:
    """Writes events with one released version of a contract.

    The version is looked up once, when the serializer is made; from then on no
    request is sent.
    """

    def __init__(
        self, registry: SchemaRegistry, contract: Contract, version: Version
    ) -> None:
        """Pin the version.

        Raises:
            InvalidContract: The repository has no such version.
            ContractNotRegistered: The registry has no such version.
            RegistryUnavailable: No registry answered. Retryable.
        """
        released = contract.get_version(version)
        self.subject = contract.subject
        self.schema_id = look_up_id(registry, contract, version)
        self._prefix = wire.prefix(self.schema_id)
        self._schema = fastavro.parse_schema(released.schema)

    def __call__(
        self,
        obj: Event,
        ctx: SerializationContext | None = None,  # noqa: ARG002 - stock interface
    ) -> bytes:
        """Return the event in the wire format.

        Raises:
            UnencodableEvent: A field is missing or does not fit its type.
        """
        buffer = io.BytesIO()
        buffer.write(self._prefix)
        try:
            fastavro.schemaless_writer(buffer, self._schema, obj)
        except _NOT_AVRO as exc:
            raise UnencodableEvent(subject=self.subject, reason=_reason(exc)) from exc
        return buffer.getvalue()


class Deserializer:
    """Reads records of any registered version as the newest version of a contract.

    Each writer schema is fetched once and kept for the life of the object.
    """

    def __init__(self, registry: SchemaRegistry, contract: Contract) -> None:
        """Read as `contract.newest`, which must be registered.

        Raises:
            ContractNotRegistered: The registry does not have it.
            RegistryUnavailable: No registry answered. Retryable.
        """
        self._registry = registry
        self._reader = parse_reader(contract.newest.schema)
        self._reader_id = look_up_id(registry, contract, contract.newest.version)
        self._writers: dict[SchemaId, ParsedSchema] = {}

    @property
    def writer_ids(self) -> list[SchemaId]:
        """Schema ids met on the wire so far, ascending."""
        return sorted(self._writers)

    def __call__(
        self,
        value: bytes | None,
        ctx: SerializationContext | None = None,  # noqa: ARG002 - stock interface
    ) -> Event:
        """Return the event; fields that its writer did not know have their defaults.

        Raises:
            NotFramed: The value is not in the wire format.
            SchemaNotFound: Its schema id was never registered.
            UndecodableRecord: Its body is not what the schema id says.
            RegistryUnavailable: The schema id is new and no registry answered.
                Retryable.
        """
        schema_id = wire.read_schema_id(value)
        writer = self._writers.get(schema_id)
        if writer is None:
            writer = self._writers[schema_id] = self._fetch_writer(schema_id)
        # A reader schema, even an equal one, makes fastavro resolve: 1.2 to 1.4 x.
        reader = None if schema_id == self._reader_id else self._reader
        return _decode(value or b"", schema_id, writer, reader)

    def _fetch_writer(self, schema_id: SchemaId) -> ParsedSchema:
        with registry_errors(schema_id=schema_id):
            text = self._registry.get_schema(schema_id).schema_str
        try:
            return fastavro.parse_schema(json.loads(text or ""))  # type: ignore[return-value] # a parsed record is a dict
        except (ValueError, fastavro.schema.SchemaParseException) as exc:
            raise UndecodableRecord(
                schema_id=schema_id, reason=f"its schema cannot be used: {exc}"
            ) from exc


def look_up_id(
    registry: SchemaRegistry, contract: Contract, version: Version
) -> SchemaId:
    """Return the schema id of a contract's version.

    Raises:
        InvalidContract: The repository has no such version.
        ContractNotRegistered: The registry has no such version.
        RegistryUnavailable: No registry answered. Retryable.
    """
    schema = Schema(contract.get_version(version).text, "AVRO")
    try:
        with registry_errors():
            found = registry.lookup_schema(contract.subject, schema)
    except RegistryRefused as exc:
        if exc.error_code in _SUBJECT_OR_SCHEMA_NOT_FOUND:
            raise ContractNotRegistered(contract.subject, version) from exc
        raise
    if found.schema_id is None:
        raise InvalidContract(contract.subject, "the registry answered without an id")
    return SchemaId(found.schema_id)


@contextmanager
def registry_errors(schema_id: SchemaId | None = None) -> Iterator[None]:
    """Map what confluent-kafka's registry client raises onto the error tree.

    Raises:
        SchemaNotFound: 404, and the request was for `schema_id`.
        RegistryRefused: Any other answer below 500.
        RegistryUnavailable: No answer, or one of 500 and above. Retryable.
    """
    try:
        yield
    except SchemaRegistryError as exc:
        if exc.http_status_code == _NOT_FOUND and schema_id is not None:
            raise SchemaNotFound(schema_id) from exc
        if exc.http_status_code >= _SERVER_FAILS:
            raise RegistryUnavailable(reason=f"it answered {exc}") from exc
        raise RegistryRefused(
            status=exc.http_status_code,
            error_code=exc.error_code,
            reason=exc.error_message,
        ) from exc
    except httpx2.TransportError as exc:
        url = exc.request.url
        address = f"{url.scheme}://{url.netloc.decode()}"
        raise RegistryUnavailable(address, str(exc)) from exc


def _decode(
    value: bytes, schema_id: SchemaId, writer: ParsedSchema, reader: ParsedSchema | None
) -> Event:
    buffer = io.BytesIO(value)
    buffer.seek(wire.PREFIX_BYTES)
    try:
        event = fastavro.schemaless_reader(buffer, writer, reader)
    except _NOT_AVRO as exc:
        raise UndecodableRecord(schema_id=schema_id, reason=_reason(exc)) from exc
    left_over = len(value) - buffer.tell()
    if left_over:
        raise UndecodableRecord(
            schema_id=schema_id, reason=f"{left_over} bytes follow its end"
        )
    if not isinstance(event, dict):
        raise UndecodableRecord(schema_id=schema_id, reason="it is not a record")
    return event


def _reason(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
