"""Which contract versions the records of a topic were written with."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from confluent_kafka.schema_registry import SchemaRegistryClient

from operations.verify.evidence import read_to_end
from registry.errors import NotFramed, SchemaNotFound
from registry.names import SchemaId
from registry.serdes import registry_errors
from registry.wire import read_schema_id
from runtime.config import KafkaSettings
from runtime.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Records of a topic that were written with the same version.

    Attributes:
        schema_id: None: the value has no schema id in front.
        subject: None: the registry does not know the id; likewise `version`.
        records: How many, at least 1.
    """

    topic: str
    schema_id: SchemaId | None
    subject: str | None = None
    version: int | None = None
    records: int

    def to_json(self) -> dict[str, Any]:
        """Return it under its public names."""
        return asdict(self)

    def __str__(self) -> str:
        if self.schema_id is None:
            wrote = "no Avro"
        elif self.subject is None:
            wrote = f"schema id {self.schema_id}, unknown to the registry"
        else:
            wrote = f"{self.subject} version {self.version}"
        return f"{self.topic:<18}{wrote:<36}{self.records:>10}"


def find_shares(
    kafka: KafkaSettings, registry: SchemaRegistryClient, topics: Sequence[str]
) -> Iterator[Share]:
    """Yield the shares of each topic, the lowest schema id first.

    Raises:
        TopicMissing: A topic does not exist.
        BrokerUnavailable: No broker answered, or it fell silent. Retryable.
        RegistryUnavailable: No registry answered. Retryable.
    """
    for topic in topics:
        counts = Counter(map(_find_schema_id, read_to_end(kafka, topic)))
        for schema_id in sorted(counts, key=lambda each: each or 0):
            subject, version = _find_version(registry, schema_id, topic)
            yield Share(
                topic=topic,
                schema_id=schema_id,
                subject=subject,
                version=version,
                records=counts[schema_id],
            )


def _find_schema_id(record: Record) -> SchemaId | None:
    try:
        return read_schema_id(record.value)
    except NotFramed:
        return None


def _find_version(
    registry: SchemaRegistryClient, schema_id: SchemaId | None, topic: str
) -> tuple[str, int] | tuple[None, None]:
    """Return subject and version; the topic's own where several have the schema."""
    if schema_id is None:
        return None, None
    try:
        with registry_errors(schema_id=schema_id):
            found = registry.get_schema_versions(schema_id)
    except SchemaNotFound:
        return None, None
    pairs = [(each.subject or "", each.version or 0) for each in found]
    own = [pair for pair in pairs if pair[0] == f"{topic}-value"]
    return next(iter([*own, *sorted(pairs)]), (None, None))
