"""Finding schemas by subject, id and guid, across contexts where none is named."""

from collections.abc import Iterator, Mapping

from registry.local import refusals
from registry.local.contexts import DEFAULT_CONTEXT, QualifiedSubject, parse_subject
from registry.local.deletion import parse_version
from registry.local.entities import Metadata, SchemaEntity
from registry.local.versions import Versions

_GUID_DIGITS = 32


class Reads:
    """Look-ups that answer or refuse."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def get_version(
        self, subject: str, version: str, *, with_deleted: bool
    ) -> SchemaEntity:
        """Return a version; an unqualified subject is sought in every context.

        Args:
            subject: In its one spelling.
            version: A positive number or `latest`, as it was sent.
            with_deleted: Find soft-deleted versions by their number.
        """
        number = parse_version(version)
        for place in self._places(subject):
            found = self._versions.find(place, number, with_deleted=with_deleted)
            if found is not None:
                return found
        if not self._versions.has_subject(subject, with_deleted=with_deleted):
            raise refusals.subject_not_found(subject)
        raise refusals.version_not_found(number)

    def find_by_id(self, subject: str, schema_id: int) -> SchemaEntity | None:
        """Return a version with the id, of `subject` if that has it.

        An unqualified subject without it is sought in every context; then any subject
        of the default context will do.
        """
        for place in self._places(subject):
            found = self._versions.find_by_id(place, schema_id)
            if found is not None:
                return found
        qualified = parse_subject(subject)
        if qualified.context == DEFAULT_CONTEXT and qualified.name:
            return self._versions.find_by_id("", schema_id)
        return None

    def get_uses(
        self, subject: str, schema_id: int, *, with_deleted: bool
    ) -> list[SchemaEntity]:
        """Return every version with the id in the context where it is found.

        If an import gave the same schema another id since, that one's are returned.
        """
        entity = self.find_by_id(subject, schema_id)
        if entity is None:
            raise refusals.schema_not_found()
        context = parse_subject(entity.subject).context
        newest_id = self._versions.find_id(context, entity.guid)
        if newest_id is None:
            raise refusals.schema_not_found()
        found = (
            self._versions.find(*use, with_deleted=with_deleted)
            for use in self._versions.list_uses(context, newest_id)
        )
        return [each for each in found if each is not None]

    def list_ids(self, guid: str) -> list[tuple[str, int]]:
        """Return (context, id) of the schema with the guid, by context."""
        contexts = [DEFAULT_CONTEXT, *self._versions.list_contexts()]
        found = ((each, self._versions.find_id(each, guid)) for each in contexts)
        return [(context, it) for context, it in found if it is not None]

    def get_by_guid(self, guid: str) -> SchemaEntity:
        """Return a version of the schema, or refuse in the words it was sent in."""
        for context, schema_id in self.list_ids(normalize_guid(guid)):
            scope = QualifiedSubject(context, "").scope
            found = self._versions.find_by_id(scope, schema_id)
            if found is not None:
                return found
        raise refusals.schema_not_found(guid)

    def get_with_metadata(
        self, subject: str, wanted: Mapping[str, str], *, with_deleted: bool
    ) -> SchemaEntity:
        """Return the newest version whose properties contain all of `wanted`."""
        for entity in self._versions.list_newest_first(subject):
            properties = (entity.metadata or Metadata()).properties
            if entity.metadata is None or (entity.is_deleted and not with_deleted):
                continue
            if wanted.items() <= properties.items():
                return entity
        if not self._versions.has_subject(subject, with_deleted=with_deleted):
            raise refusals.subject_not_found(subject)
        raise refusals.schema_not_found()

    def _places(self, subject: str) -> Iterator[str]:
        yield subject
        qualified = parse_subject(subject)
        if qualified.context == DEFAULT_CONTEXT and qualified.name:
            for context in self._versions.list_contexts():
                yield str(QualifiedSubject(context, qualified.name))


def normalize_guid(guid: str) -> str:
    """Return the guid with dashes; anything else unchanged."""
    digits = guid.replace("-", "")
    if len(digits) != _GUID_DIGITS:
        return guid
    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    )
