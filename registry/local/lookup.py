"""Finding the version that equals a schema."""

from dataclasses import replace

from registry.compatibility import InvalidSchema
from registry.errors import RegistryRefused
from registry.local import refusals
from registry.local.contexts import DEFAULT_CONTEXT, QualifiedSubject, parse_subject
from registry.local.entities import Metadata, SchemaEntity, merge_metadata
from registry.local.parsing import ParsedEntity, Parser
from registry.local.settings import Config, Settings
from registry.local.versions import Versions, live


class Lookup:
    """Compares a schema with what is stored: by its guid first, then by meaning."""

    def __init__(self, versions: Versions, settings: Settings, parser: Parser) -> None:
        self._versions = versions
        self._settings = settings
        self._parser = parser

    def find(
        self, request: SchemaEntity, *, normalizes: bool, with_deleted: bool
    ) -> SchemaEntity | None:
        """Return the version that equals the schema; other contexts come last."""
        found = self._find_here(
            request, normalizes=normalizes, with_deleted=with_deleted
        )
        qualified = parse_subject(request.subject)
        if found is not None or qualified.context != DEFAULT_CONTEXT:
            return found
        for context in self._versions.list_contexts():
            elsewhere = replace(
                request, subject=str(QualifiedSubject(context, qualified.name))
            )
            found = self._find_quietly(
                elsewhere, normalizes=normalizes, with_deleted=with_deleted
            )
            if found is not None:
                return found
        return None

    def find_registered(
        self, request: SchemaEntity, *, normalizes: bool
    ) -> SchemaEntity | None:
        """Return the version that makes registering the schema needless.

        A request that names a version or an id is content only with that one.
        """
        config = self._settings.config_in_scope(request.subject)
        if config.default_metadata or config.override_metadata:
            return None
        if request.version == -1:
            found = self._match_newest(request, normalizes=normalizes)
        else:
            found = self._match(request, normalizes=normalizes, with_deleted=False)
        if found is None:
            return None
        if request.version in {0, -1}:
            is_wanted = request.schema_id < 0 or request.schema_id == found.schema_id
            return found if is_wanted else None
        return self._same_elsewhere(request, found)

    def canonicalize(
        self, request: SchemaEntity, *, is_new: bool, normalizes: bool
    ) -> ParsedEntity | None:
        """Return the schema parsed, in normal form if asked; None if it is blank."""
        if request.is_blank:
            return None
        parsed = self._parser.parse(request, is_new=is_new)
        if not normalizes:
            return parsed
        try:
            return self._parser.normalize(parsed)
        except InvalidSchema as exc:
            printed = self._parser.describe(request)
            details = f"Invalid schema {printed}, details: {exc.reason}"
            raise refusals.invalid_schema(details) from exc

    def find_id(self, entity: SchemaEntity) -> int | None:
        """Return the id under which the context has exactly this text."""
        return self._versions.find_id(
            parse_subject(entity.subject).context, entity.guid
        )

    def find_exact(self, entity: SchemaEntity) -> SchemaEntity | None:
        """Return the subject's version of exactly this text, deleted or not.

        An import may have put another schema in its place since; it is still found
        under its own id.
        """
        schema_id = self.find_id(entity)
        if schema_id is None:
            return None
        found = self._versions.find_by_id(entity.subject, schema_id)
        return None if found is None else replace(found, schema_id=schema_id)

    def _find_quietly(
        self, request: SchemaEntity, *, normalizes: bool, with_deleted: bool
    ) -> SchemaEntity | None:
        try:
            return self._find_here(
                request, normalizes=normalizes, with_deleted=with_deleted
            )
        except RegistryRefused:
            return None  # There the schema may refer to what is not.

    def _find_here(
        self, request: SchemaEntity, *, normalizes: bool, with_deleted: bool
    ) -> SchemaEntity | None:
        found = self._match(request, normalizes=normalizes, with_deleted=with_deleted)
        newest = self._versions.find_newest(request.subject)
        if found is not None or newest is None:
            return found
        config = self._settings.config_in_scope(request.subject)
        populated = replace(
            request, metadata=metadata_in_scope(config, request, newest)
        )
        if populated == request:
            return None
        return self._match(populated, normalizes=normalizes, with_deleted=with_deleted)

    def _match(
        self, request: SchemaEntity, *, normalizes: bool, with_deleted: bool
    ) -> SchemaEntity | None:
        parsed = self.canonicalize(request, is_new=False, normalizes=normalizes)
        if parsed is None:
            return None
        exact = self.find_exact(parsed.entity)
        if exact is not None and (with_deleted or not exact.is_deleted):
            return replace(
                parsed.entity, version=exact.version, schema_id=exact.schema_id
            )
        stored = self._versions.list_newest_first(request.subject)
        candidates = stored if with_deleted else live(stored)
        return self._parser.find_same(parsed, candidates)

    def _match_newest(
        self, request: SchemaEntity, *, normalizes: bool
    ) -> SchemaEntity | None:
        parsed = self.canonicalize(request, is_new=False, normalizes=normalizes)
        newest = self._versions.find_newest(request.subject)
        if parsed is None or newest is None:
            return None
        return newest if self._parser.is_same(parsed, newest) else None

    def _same_elsewhere(
        self, request: SchemaEntity, found: SchemaEntity
    ) -> SchemaEntity | None:
        if found.schema_id != request.schema_id:
            return None
        if found.version == request.version:
            return found
        # The same schema may have been imported as several versions.
        other = self._versions.find(request.subject, request.version)
        if other is None or other.schema_id != found.schema_id:
            return None
        return other if other.guid == found.guid else None


def metadata_in_scope(
    config: Config, request: SchemaEntity, newest: SchemaEntity | None
) -> Metadata | None:
    """Return what the schema says, or else its predecessor, within the config."""
    own = request.metadata
    if own is None and newest is not None:
        own = newest.metadata
    merged = merge_metadata(config.default_metadata, own)
    return merge_metadata(merged, config.override_metadata)
