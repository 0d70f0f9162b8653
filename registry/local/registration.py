"""Registering a schema."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.local import refusals
from registry.local.compatibility import Compatibility
from registry.local.contexts import parse_subject
from registry.local.emulation import Emulation
from registry.local.entities import CONFLUENT_VERSION, Metadata, SchemaEntity
from registry.local.lookup import Lookup, metadata_in_scope
from registry.local.parsing import ParsedEntity, Parser
from registry.local.settings import Config, Settings
from registry.local.store import SqliteStore
from registry.local.tags import edit_tags, find_tags
from registry.local.versions import Versions, live


class Registration:
    """Lets schemas in."""

    def __init__(
        self,
        store: SqliteStore,
        parser: Parser,
        lookup: Lookup,
        compatibility: Compatibility,
        *,
        wording: Emulation,
    ) -> None:
        self._store = store
        self._versions = Versions(store)
        self._settings = Settings(store)
        self._parser = parser
        self._lookup = lookup
        self._compatibility = compatibility
        self._wording = wording

    def register(self, request: SchemaEntity, *, normalizes: bool) -> SchemaEntity:
        """Return the version that the schema has, now or already.

        Registering the same again changes nothing and answers the same.

        Raises:
            RegistryRefused: The schema is invalid or incompatible, or the mode in
                scope forbids it. Nothing was stored.
        """
        existing = self._lookup.find_registered(request, normalizes=normalizes)
        return existing or self.add(request, normalizes=normalizes)

    def add(self, request: SchemaEntity, *, normalizes: bool) -> SchemaEntity:
        """Do as `register` does, even if nothing but its version would be new."""
        self._check_mode(request)
        return self._add(request, normalizes=normalizes)

    def add_with_inherited_tags(
        self, request: SchemaEntity, *, normalizes: bool
    ) -> SchemaEntity:
        """Do as `add` does, with the tags that the newest version's text carries."""
        self._check_mode(request)
        newest = self._versions.find_newest(request.subject)
        imports = self._settings.mode_in_scope(request.subject).takes_ids
        if newest is not None and not imports and not request.is_blank:
            request = self.with_tags(request, add=find_tags(newest.text or "", ["*"]))
        return self._add(request, normalizes=normalizes)

    def with_tags(
        self,
        request: SchemaEntity,
        *,
        add: Sequence[dict[str, Any]] = (),
        remove: Sequence[dict[str, Any]] = (),
    ) -> SchemaEntity:
        """Return the request with tags, in wire form, changed in its text."""
        if not add and not remove:
            return request
        parsed = self._parser.parse(request, is_new=False).entity
        return replace(parsed, text=edit_tags(parsed.text or "", add, remove))

    def _check_mode(self, request: SchemaEntity) -> None:
        mode = self._settings.mode_in_scope(request.subject)
        scope = parse_subject(request.subject).scope
        place = self._wording.in_context(f"Subject {request.subject}", scope)
        if mode.is_read_only:
            raise refusals.not_permitted(f"{place} is in read-only mode")
        if request.schema_id >= 0 and not mode.takes_ids:
            reason = f"{place} is not in {self._wording.import_mode}"
            raise refusals.not_permitted(reason)
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
        parsed = self._lookup.canonicalize(
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
        found = self._lookup.find_id(entity)
        if found is not None and (entity.schema_id < 0 or entity.schema_id == found):
            return found
        return entity.schema_id

    def _find_registered(
        self, parsed: ParsedEntity, history: Sequence[SchemaEntity], known_id: int
    ) -> SchemaEntity | None:
        if parsed.entity.version != 0:
            return None
        exact = self._lookup.find_exact(parsed.entity)
        if exact is not None and exact.schema_id == known_id and not exact.is_deleted:
            return replace(
                parsed.entity, version=exact.version, schema_id=exact.schema_id
            )
        candidates = [it for it in history if known_id < 0 or known_id == it.schema_id]
        same = self._parser.find_same(parsed, candidates)
        if same is None:
            return None
        return replace(parsed.entity, version=same.version, schema_id=same.schema_id)

    def _store_version(
        self,
        entity: SchemaEntity,
        stored: Sequence[SchemaEntity],
        *,
        next_version: int,
        is_version_free: bool,
    ) -> SchemaEntity:
        self._list_context(entity.subject)
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
        with self._store.transaction():
            for old in stored:
                if old.is_deleted and old.schema_id == new.schema_id:
                    self._tombstone(old, before=version)
            self._versions.put(new)
        return new

    def _list_context(self, subject: str) -> None:
        # A version number that is refused next leaves the context behind, as there.
        context = parse_subject(subject).context
        if not self._versions.is_listed(context):
            with self._store.transaction():
                self._versions.add_context(context)

    def _next_id(self, entity: SchemaEntity) -> int:
        return self._versions.highest_id(parse_subject(entity.subject).context) + 1

    def _tombstone(self, deleted: SchemaEntity, *, before: int) -> None:
        referrers = self._versions.list_referrers(deleted.subject, deleted.version)
        if deleted.version < before and not referrers:
            self._versions.remove(deleted)

    def _check_overwrite(self, entity: SchemaEntity) -> None:
        qualified = parse_subject(entity.subject)
        found = self._versions.find_by_id(qualified.scope, entity.schema_id)
        if found is not None and found.guid != entity.guid:
            thing = f"Overwrite new schema with id {entity.schema_id}"
            place = self._wording.in_context(thing, qualified.scope)
            raise refusals.not_permitted(f"{place} is not permitted.")


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
    metadata = metadata_in_scope(config, request, newest)
    claims = CONFLUENT_VERSION in (metadata or Metadata()).properties
    if request.version != 0 or claims:
        metadata = (metadata or Metadata()).with_property(
            CONFLUENT_VERSION, str(next_version)
        )
    return replace(request, metadata=metadata)
