"""Events to bytes and back, with the schemas that the registry let in.

`Serializer` and `Deserializer` are called as confluent-kafka's `AvroSerializer` and
`AvroDeserializer` are, write the same bytes and read what those wrote. They differ
where it matters: nothing registers itself, a reader's defaults are values, and a body
must end where its schema ends.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import httpx2  # what confluent-kafka speaks HTTP with
from confluent_kafka.schema_registry import RegisteredSchema, Schema
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import SerializationContext

from registry import wire
from registry.catalog import Contract
from registry.codec import Numbers, compile_decoder, compile_encoder
from registry.compatibility import parse_schema
from registry.errors import (
    ContractNotRegistered,
    InvalidContract,
    InvalidSchema,
    MalformedBody,
    RegistryRefused,
    RegistryUnavailable,
    SchemaNotFound,
    UndecodableRecord,
    UnencodableEvent,
    UnfitEvent,
)
from registry.names import SchemaId, Version

Event = dict[str, Any]

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
        self,
        registry: SchemaRegistry,
        contract: Contract,
        version: Version,
        *,
        numbers: Numbers = Numbers.EXACT,
        passed_on: tuple[str, ...] = (),
    ) -> None:
        """Pin the version.

        Args:
            registry: Where it must be registered.
            contract: What the events are.
            version: The version to write.
            numbers: What decimals and times are in events.
            passed_on: Fields that a Deserializer left as bytes.

        Raises:
            InvalidContract: The repository has no such version.
            ContractNotRegistered: The registry has no such version.
            RegistryUnavailable: No registry answered. Retryable.
        """
        released = contract.get_version(version)
        self.subject = contract.subject
        self.schema_id = look_up_id(registry, contract, version)
        with _contract_errors(contract):
            self._encode = compile_encoder(
                released.text,
                numbers=numbers,
                prefix=wire.prefix(self.schema_id),
                passed_on=passed_on,
            ).function

    def __call__(
        self,
        obj: Event,
        ctx: SerializationContext | None = None,  # noqa: ARG002 - stock interface
    ) -> bytes:
        """Return the event in the wire format.

        Raises:
            UnencodableEvent: A field is missing or does not fit its type.
        """
        try:
            return self._encode(obj)  # type: ignore[no-any-return] # generated
        except UnfitEvent as exc:
            raise UnencodableEvent(subject=self.subject, reason=str(exc)) from exc


class Deserializer:
    """Reads records of any registered version as the newest version of a contract.

    Each writer schema is fetched once and kept, compiled, for the life of the object.
    """

    def __init__(
        self,
        registry: SchemaRegistry,
        contract: Contract,
        *,
        fields: Iterable[str] | None = None,
        numbers: Numbers = Numbers.EXACT,
        passed_on: tuple[str, ...] = (),
    ) -> None:
        """Read as `contract.newest`, which must be registered.

        Args:
            registry: Where writer schemas are.
            contract: What the records are.
            fields: Paths such as ``customer.email`` or ``items[].sku``; events have
                nothing that no path names or is below one. None reads all.
            numbers: What decimals and times are in events.
            passed_on: Fields that are left as the bytes that `contract.newest` writes.

        Raises:
            InvalidContract: The contract has no such field, or is no reader.
            ContractNotRegistered: The registry does not have it.
            RegistryUnavailable: No registry answered. Retryable.
        """
        self._registry = registry
        self._reader = contract.newest.text
        self._fields = None if fields is None else tuple(fields)
        self._numbers = numbers
        self._passed_on = passed_on
        self._reader_id = look_up_id(registry, contract, contract.newest.version)
        self._decoders: dict[bytes, Callable[[bytes, int], Event]] = {}
        with _contract_errors(contract):
            parse_schema(self._reader)  # its defaults too: they stand in for values
            self._compile(self._reader, is_reader=True)

    @property
    def writer_ids(self) -> list[SchemaId]:
        """Schema ids met on the wire so far, ascending."""
        return sorted(map(wire.read_schema_id, tuple(self._decoders)))

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
        if value is None:
            value = b""
        try:
            decode = self._decoders[value[: wire.PREFIX_BYTES]]
        except KeyError:
            decode = self._add_writer(value)
        try:
            return decode(value, wire.PREFIX_BYTES)
        except MalformedBody as exc:
            schema_id = wire.read_schema_id(value)
            raise UndecodableRecord(schema_id=schema_id, reason=str(exc)) from exc

    def _add_writer(self, value: bytes) -> Callable[[bytes, int], Event]:
        schema_id = wire.read_schema_id(value)
        with registry_errors(schema_id=schema_id):
            text = self._registry.get_schema(schema_id).schema_str or ""
        try:
            decode = self._compile(text, is_reader=schema_id == self._reader_id)
        except (InvalidSchema, InvalidContract) as exc:
            reason = f"its schema cannot be used: {exc}"
            raise UndecodableRecord(schema_id=schema_id, reason=reason) from exc
        self._decoders[value[: wire.PREFIX_BYTES]] = decode
        return decode

    def _compile(
        self, writer: str, *, is_reader: bool
    ) -> Callable[[bytes, int], Event]:
        codec = compile_decoder(
            writer=writer,
            reader=None if is_reader else self._reader,
            fields=self._fields,
            numbers=self._numbers,
            passed_on=self._passed_on,
        )
        return codec.function


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
    except json.JSONDecodeError as exc:  # a proxy's page where an answer should be
        raise RegistryUnavailable(reason=f"it answered no JSON: {exc}") from exc


@contextmanager
def _contract_errors(contract: Contract) -> Iterator[None]:
    try:
        yield
    except InvalidSchema as exc:
        raise InvalidContract(contract.subject, str(exc)) from exc
