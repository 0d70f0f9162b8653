"""Registering a schema and looking one up."""

from collections.abc import Sequence
from dataclasses import replace

from registry.errors import RegistryRefused
from registry.local import refusals
from registry.local.compatibility import Compatibility
from registry.local.contexts import DEFAULT_CONTEXT, QualifiedSubject, parse_subject
from registry.local.entities import (
    CONFLUENT_VERSION,
    Metadata,
    SchemaEntity,
    merge_metadata,
)
from registry.local.parsing import ParsedEntity, Parser, normalized
from registry.local.settings import Config, Settings
from registry.local.store import SqliteStore
from registry.local.versions import Versions, live


class Registration:
    """Lets schemas in and finds them again."""

    def __init__(
        self,
        store: SqliteStore,
        parser: Parser,
        compatibility: Compatibility,
    ) -> None:
        self._store = store
        self._versions = Versions(store)
        self._settings = Settings(store)
        self._parser = parser
        self._compatibility = compatibility

    def register(self, request: SchemaEntity, *, normalizes: bool) -> SchemaEntity:
        """Return the version that the schema has, now or already.

        Registering the same again changes nothing and answers the same.

        Raises:
            RegistryRefused: The schema is invalid or incompatible, or the mode in
                scope forbids it. Nothing was stored.
        """
        existing = self._find_existing(request, normalizes=normalizes)
        if existing is not None:
            return existing
        self._check_mode(request)
        with self._store.transaction():
            return self._add(request, normalizes=normalizes)

    def look_up(
        self, request: SchemaEntity, *, normalizes: bool, with_deleted: bool
    ) -> SchemaEntity | None:
        """Return the version that equals the schema; other contexts come last."""
        found = self._look_up(request, normalizes=normalizes, with_deleted=with_deleted)
        qualified = parse_subject(request.subject)
        if found is not None or qualified.context != DEFAULT_CONTEXT:
            return found
        for context in self._versions.list_contexts():
            subject = str(QualifiedSubject(context, qualified.name))
            try:
                found = self._look_up(
                    replace(request, subject=subject),
                    normalizes=normalizes,
                    with_deleted=with_deleted,
                )
            except RegistryRefused:
                continue
            if found is not None:
                return found
        return None

    def canonicalize(
        self, request: SchemaEntity, *, is_new: bool, normalizes: bool
    ) -> ParsedEntity | None:
        """Return the schema parsed, in normal form if asked; None if it is blank."""
        if request.is_blank:
            return None
        parsed = self._parser.parse(request, is_new=is_new)
        return normalized(parsed) if normalizes else parsed

    def _find_existing(
        self, request: SchemaEntity, *, normalizes: bool
    ) -> SchemaEntity | None:
        config = self._settings.config_in_scope(request.subject)
        if config.default_metadata or config.override_metadata:
            return None
        found = self._match(
            request,
            normalizes=normalizes,
            with_deleted=False,
            newest_only=request.version == -1,
        )
        if found is None:
            return None
        if request.version in {0, -1}:
            same_id = request.schema_id < 0 or request.schema_id == found.schema_id
            return found if same_id else None
        if found.schema_id != request.schema_id:
            return None
        if found.version == request.version:
            return found
        older = self._versions.find(request.subject, request.version)
        is_same = older is not None and (older.schema_id, older.guid) == (
            found.schema_id,
            found.guid,
        )
        return older if is_same else None

    def _look_up(
        self, request: SchemaEntity, *, normalizes: bool, with_deleted: bool
    ) -> SchemaEntity | None:
        found = self._match(request, normalizes=normalizes, with_deleted=with_deleted)
        newest = self._versions.find_newest(request.subject)
        if found is not None or newest is None:
            return found
        config = self._settings.config_in_scope(request.subject)
        populated = replace(request, metadata=_metadata(config, request, newest))
        if populated == request:
            return None
        return self._match(populated, normalizes=normalizes, with_deleted=with_deleted)

    def _match(
        self,
        request: SchemaEntity,
        *,
        normalizes: bool,
        with_deleted: bool,
        newest_only: bool = False,
    ) -> SchemaEntity | None:
        parsed = self.canonicalize(request, is_new=False, normalizes=normalizes)
        if parsed is None:
            return None
        if newest_only:
            newest = self._versions.find_newest(request.subject)
            candidates = [newest] if newest else []
        else:
            exact = self._find_exact(parsed.entity)
            if exact is not None and (with_deleted or not exact.is_deleted):
                return replace(
                    parsed.entity, version=exact.version, schema_id=exact.schema_id
                )
            candidates = self._versions.list_newest_first(request.subject)
            candidates = candidates if with_deleted else live(candidates)
        return next((it for it in candidates if self._parser.is_same(parsed, it)), None)

    def _find_exact(self, entity: SchemaEntity) -> SchemaEntity | None:
        schema_id = self._find_id(entity)
        if schema_id is None:
            return None
        return self._versions.find_by_id(entity.subject, schema_id)

    def _find_id(self, entity: SchemaEntity) -> int | None:
        context = parse_subject(entity.subject).context
        return self._versions.find_id(context, entity.guid)

    def _check_mode(self, request: SchemaEntity) -> None:
        mode = self._settings.mode_in_scope(request.subject)
        scope = parse_subject(request.subject).scope
        place = f"Subject {request.subject} in context {scope}"
        if mode.is_read_only:
            raise refusals.not_permitted(f"{place} is in read-only mode")
        if request.schema_id >= 0 and not mode.takes_ids:
            raise refusals.not_permitted(f"{place} is not in import mode")
        if request.schema_id < 0 and mode.takes_ids:
            raise refusals.not_permitted(f"{place} is not in read-write mode")

    def _add(self, request: SchemaEntity, *, normalizes: bool) -> SchemaEntity:
        stored = self._versions.list_newest_first(request.subject)
        history = live(stored)
        next_version = stored[0].version + 1 if stored else 1
        config = self._settings.config_in_scope(request.subject)
        imports = self._settings.mode_in_scope(request.subject).takes_ids
        if not imports:
            request = _populate(config, request, history, next_version)
        parsed = self.canonicalize(
            request,
            is_new=request.schema_id < 0 and config.validates_new_schemas,
            normalizes=normalizes,
        )
        if parsed is None:
            raise refusals.invalid_schema("Empty schema")
        known_id = self._reusable_id(parsed.entity)
        existing = self._find_registered(parsed, history, known_id)
        if existing is not None:
            return existing
        if not imports:
            self._compatibility.require(config, parsed, history)
        return self._store_version(
            replace(parsed.entity, schema_id=known_id),
            stored,
            next_version=next_version,
            is_version_free=imports,
        )

    def _reusable_id(self, entity: SchemaEntity) -> int:
        found = self._find_id(entity)
        if found is not None and entity.schema_id in {-1, found}:
            return found
        return entity.schema_id

    def _find_registered(
        self, parsed: ParsedEntity, history: Sequence[SchemaEntity], known_id: int
    ) -> SchemaEntity | None:
        if parsed.entity.version != 0:
            return None
        exact = self._find_exact(parsed.entity)
        if exact is not None and exact.schema_id == known_id and not exact.is_deleted:
            return replace(
                parsed.entity, version=exact.version, schema_id=exact.schema_id
            )
        for stored in history:
            if known_id not in {-1, stored.schema_id}:
                continue
            if self._parser.is_same(parsed, stored):
                return replace(
                    parsed.entity, version=stored.version, schema_id=stored.schema_id
                )
        return None

    def _store_version(
        self,
        entity: SchemaEntity,
        stored: Sequence[SchemaEntity],
        *,
        next_version: int,
        is_version_free: bool,
    ) -> SchemaEntity:
        version = entity.version if entity.version > 0 else next_version
        if version != next_version and not is_version_free:
            raise refusals.invalid_schema(
                "Version is not one more than previous version"
            )
        if entity.schema_id >= 0:
            self._check_overwrite(entity)
        new = replace(
            entity,
            version=version,
            schema_id=entity.schema_id
            if entity.schema_id >= 0
            else self._next_id(entity),
        )
        for old in stored:
            if (
                old.is_deleted
                and old.schema_id == new.schema_id
                and old.version < version
            ):
                self._tombstone(old)
        self._versions.put(new)
        return new

    def _next_id(self, entity: SchemaEntity) -> int:
        return self._versions.highest_id(parse_subject(entity.subject).context) + 1

    def _tombstone(self, deleted: SchemaEntity) -> None:
        if not self._versions.list_referrers(deleted.subject, deleted.version):
            self._versions.remove(deleted)

    def _check_overwrite(self, entity: SchemaEntity) -> None:
        qualified = parse_subject(entity.subject)
        found = self._versions.find_by_id(qualified.scope, entity.schema_id)
        if found is not None and found.guid != entity.guid:
            reason = (
                f"Overwrite new schema with id {entity.schema_id} in context "
                f"{qualified.scope} is not permitted."
            )
            raise refusals.not_permitted(reason)


def _populate(
    config: Config,
    request: SchemaEntity,
    history: Sequence[SchemaEntity],
    next_version: int,
) -> SchemaEntity:
    newest = history[0] if history else None
    if request.is_blank:
        if newest is None:
            raise refusals.invalid_schema("Empty schema")
        request = replace(
            request,
            text=newest.text,
            schema_type=newest.schema_type,
            references=newest.references,
        )
    metadata = _metadata(config, request, newest)
    claims = CONFLUENT_VERSION in (metadata or Metadata()).properties
    if request.version != 0 or claims:
        metadata = (metadata or Metadata()).with_property(
            CONFLUENT_VERSION, str(next_version)
        )
    return replace(request, metadata=metadata)


def _metadata(
    config: Config, request: SchemaEntity, newest: SchemaEntity | None
) -> Metadata | None:
    own = request.metadata
    if own is None and newest is not None:
        own = newest.metadata
    merged = merge_metadata(config.default_metadata, own)
    return merge_metadata(merged, config.override_metadata)
