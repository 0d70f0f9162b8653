"""Configuration and mode: stored by scope, looked up from the subject outwards.

A scope is a subject, a context (`:.context:`), everything (`:.__GLOBAL:`), or "" for
the default context.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from registry.local import refusals
from registry.local.contexts import GLOBAL_SCOPE, parse_subject
from registry.local.entities import Metadata
from registry.local.store import SqliteStore
from registry.names import CompatibilityLevel

_METADATA_KEYS = {"defaultMetadata", "overrideMetadata"}
_POLICIES = {"STRICT", "LENIENT"}


class Mode(StrEnum):
    """What may be written in a scope."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"
    FORWARD = "FORWARD"

    @property
    def is_read_only(self) -> bool:
        """True if nothing may be written."""
        return self in {Mode.READONLY, Mode.READONLY_OVERRIDE}

    @property
    def takes_ids(self) -> bool:
        """True if schemas come with the ids they had elsewhere."""
        return self in {Mode.IMPORT, Mode.FORWARD}


@dataclass(frozen=True, slots=True)
class Config:
    """One scope's configuration.

    Attributes:
        values: As stored and echoed; without `compatibility` the server's default,
            BACKWARD, holds, whatever an outer scope says.
    """

    values: Mapping[str, Any]

    @property
    def level(self) -> CompatibilityLevel:
        """How a candidate must fit the versions before it."""
        return CompatibilityLevel(
            self.values.get("compatibility", CompatibilityLevel.BACKWARD)
        )

    @property
    def alias(self) -> str | None:
        """The subject that requests for this one go to, if any."""
        return self.values.get("alias")

    @property
    def normalizes(self) -> bool:
        """Whether schemas are normalized without being asked to."""
        return bool(self.values.get("normalize"))

    @property
    def validates_new_schemas(self) -> bool:
        """Whether names and defaults of new schemas are checked."""
        return self.values.get("validateNewSchemas") is not False

    @property
    def validates_fields(self) -> bool:
        """Whether reserved fields are checked."""
        return bool(self.values.get("validateFields"))

    @property
    def compatibility_group(self) -> str | None:
        """The metadata property whose equal value makes versions comparable."""
        return self.values.get("compatibilityGroup")

    @property
    def default_metadata(self) -> Metadata | None:
        """What schemas get that do not say otherwise."""
        return self._metadata("defaultMetadata")

    @property
    def override_metadata(self) -> Metadata | None:
        """What schemas get whatever they say."""
        return self._metadata("overrideMetadata")

    def as_answer(self) -> dict[str, Any]:
        """Return the form in which a configuration is read."""
        rest = {key: it for key, it in self.values.items() if key != "compatibility"}
        return {**rest, "compatibilityLevel": str(self.level)}

    def updated(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with the changes; a None clears its key."""
        merged = {**self.values, **changes}
        return type(self)({key: it for key, it in merged.items() if it is not None})

    def _metadata(self, key: str) -> Metadata | None:
        value = self.values.get(key)
        return None if value is None else Metadata.from_json(value)


DEFAULT_CONFIG = Config({})


class Settings:
    """The stored configurations and modes."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def find_config(self, scope: str) -> Config | None:
        """Return the scope's own configuration."""
        value = self._find("config", scope)
        return None if value is None else Config(json.loads(value))

    def config_in_scope(self, subject: str) -> Config:
        """Return the configuration that holds for a subject or scope."""
        found = (self.find_config(scope) for scope in _scopes(subject))
        return next((each for each in found if each is not None), DEFAULT_CONFIG)

    def put_config(self, scope: str, config: Config) -> None:
        """Store the scope's own configuration; needs a transaction."""
        self._put("config", scope, json.dumps(config.values))

    def delete_config(self, scope: str) -> None:
        """Forget the scope's own configuration; needs a transaction."""
        self._delete("config", scope)

    def find_aliases(self) -> list[tuple[str, str]]:
        """Return (subject, alias) of every subject that has one."""
        rows = self._store.execute(
            "SELECT scope, value FROM settings WHERE kind = 'config' ORDER BY scope"
        )
        found = ((scope, json.loads(value).get("alias")) for scope, value in rows)
        return [(scope, alias) for scope, alias in found if alias]

    def find_mode(self, scope: str) -> Mode | None:
        """Return the scope's own mode."""
        value = self._find("mode", scope)
        return None if value is None else Mode(value)

    def mode_in_scope(self, subject: str) -> Mode:
        """Return the mode that holds for a subject or scope.

        A READONLY_OVERRIDE further out wins over everything; else the nearest does.
        """
        found = [self.find_mode(scope) for scope in _scopes(subject)]
        if Mode.READONLY_OVERRIDE in found:
            return Mode.READONLY_OVERRIDE
        return next((each for each in found if each is not None), Mode.READWRITE)

    def put_mode(self, scope: str, mode: Mode) -> None:
        """Store the scope's own mode; needs a transaction."""
        self._put("mode", scope, mode)

    def delete_mode(self, scope: str) -> None:
        """Forget the scope's own mode; needs a transaction."""
        self._delete("mode", scope)

    def find_associations(self, resource_id: str) -> list[dict[str, Any]]:
        """Return the associations of a resource, in wire form."""
        value = self._find("association", resource_id)
        return [] if value is None else list(json.loads(value))

    def list_associations(self) -> list[dict[str, Any]]:
        """Return the associations of every resource, in wire form."""
        rows = self._store.execute(
            "SELECT value FROM settings WHERE kind = 'association' ORDER BY scope"
        )
        return [each for (value,) in rows for each in json.loads(value)]

    def put_associations(self, resource_id: str, values: list[dict[str, Any]]) -> None:
        """Store the associations of a resource; needs a transaction."""
        if values:
            self._put("association", resource_id, json.dumps(values))
        else:
            self._delete("association", resource_id)

    def _find(self, kind: str, scope: str) -> str | None:
        row = self._store.execute(
            "SELECT value FROM settings WHERE kind = ? AND scope = ?", (kind, scope)
        ).fetchone()
        return None if row is None else str(row[0])

    def _put(self, kind: str, scope: str, value: str) -> None:
        self._store.execute(
            "INSERT OR REPLACE INTO settings (kind, scope, value) VALUES (?, ?, ?)",
            (kind, scope, value),
        )

    def _delete(self, kind: str, scope: str) -> None:
        self._store.execute(
            "DELETE FROM settings WHERE kind = ? AND scope = ?", (kind, scope)
        )


def read_config_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that a request asks for, in stored form.

    Raises:
        RegistryRefused: The level or the policy has no meaning.
    """
    changes = dict(body)
    if changes.get("compatibility") is not None:
        changes["compatibility"] = changes["compatibility"].upper()
        if changes["compatibility"] not in set(CompatibilityLevel):
            raise refusals.invalid_level()
    if changes.get("compatibilityPolicy") is not None:
        changes["compatibilityPolicy"] = changes["compatibilityPolicy"].upper()
        if changes["compatibilityPolicy"] not in _POLICIES:
            raise refusals.invalid_policy()
    for key in _METADATA_KEYS & changes.keys():
        if changes[key] is not None:
            changes[key] = Metadata.from_json(changes[key]).as_json()
    return changes


def read_mode(name: str) -> Mode:
    """Return the mode so named, in any letter case, or refuse it."""
    try:
        return Mode(name.upper())
    except ValueError:
        raise refusals.invalid_mode() from None


def _scopes(subject: str) -> Iterator[str]:
    yield subject
    context_scope = parse_subject(subject).scope
    if context_scope != subject:
        yield context_scope
    if subject != GLOBAL_SCOPE:
        yield GLOBAL_SCOPE
