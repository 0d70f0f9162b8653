"""What a registry holds, each version read once, with what it refers to."""

from registry.client import RegistryClient
from registry.compatibility import (
    AvroSchema,
    canonical_text,
    normalize,
    parse_schema,
)
from registry.errors import ConfigError, InvalidSchema, VersionNotFound
from registry.names import Subject
from registry.plans.model import SubjectState
from registry.registered import RegisteredSchema

AVRO = "AVRO"


class HeldVersions:
    """Reads versions from a registry and remembers them.

    Args:
        client: Connection to the registry; stays the caller's to close.
    """

    def __init__(self, client: RegistryClient) -> None:
        self._client = client
        self._known: dict[tuple[str, int], RegisteredSchema] = {}

    def get_state(self, subject: Subject) -> SubjectState:
        """Return what the registry holds of the subject now, all empty if nothing."""
        live = self._client.find_versions(subject)
        every = self._client.find_versions(subject, with_deleted=True)
        return SubjectState(
            subject=subject,
            level=self._client.get_level(subject),
            versions={each: self.get(subject, each).schema_id for each in live},
            deleted=tuple(each for each in every if each not in live),
        )

    def get(self, subject: str, version: int) -> RegisteredSchema:
        """Return the version, be it soft-deleted, or raise VersionNotFound."""
        key = (subject, version)
        if key not in self._known:
            self._known[key] = self._client.get_version(
                subject, version, with_deleted=True
            )
        return self._known[key]

    def find_texts(self, held: RegisteredSchema) -> tuple[str, ...]:
        """Return the texts it refers to, each after those that it needs itself."""
        found: dict[str, None] = {}
        for each in held.references:
            target = self.get(each.subject, each.version)
            found.update(dict.fromkeys((*self.find_texts(target), target.text)))
        return tuple(found)

    def parse(self, held: RegisteredSchema) -> AvroSchema:
        """Return its schema.

        Raises:
            ConfigError: It is no Avro schema, so that nothing can be compared with it.
        """
        texts = self.find_texts(held)
        try:
            return parse_schema(held.text, references=texts, is_new=False)
        except InvalidSchema as exc:
            where = f"{held.subject} version {held.version} of the registry"
            raise ConfigError(f"{where} is no Avro schema: {exc.reason}") from exc

    def holds(self, subject: Subject, version: int, schema: AvroSchema) -> bool:
        """Return whether the registry's version is that schema, normalized or not."""
        try:
            held = self.parse(self.get(subject, version))
        except (ConfigError, VersionNotFound):
            return False
        if canonical_text(held) == canonical_text(schema):
            return True
        return _normal_text(held) == _normal_text(schema)


def _normal_text(schema: AvroSchema) -> str:
    try:
        return canonical_text(normalize(schema))
    except InvalidSchema:
        return canonical_text(schema)
