"""Soft and permanent deletion of versions, subjects and contexts."""

import re
from dataclasses import replace

from registry.local import refusals
from registry.local.contexts import parse_subject
from registry.local.emulation import Emulation
from registry.local.entities import SchemaEntity
from registry.local.settings import Settings
from registry.local.store import SqliteStore
from registry.local.versions import Versions, live


class Deletion:
    """Removes what nobody refers to.

    A soft-deleted version is still found by its id; a permanently deleted one is gone,
    and its subject's settings go with the last.
    """

    def __init__(self, store: SqliteStore, emulation: Emulation) -> None:
        self._store = store
        self._emulation = emulation
        self._versions = Versions(store)
        self._settings = Settings(store)

    def delete_version(self, subject: str, version: str, *, permanent: bool) -> int:
        """Delete one version and return its number.

        Args:
            subject: In its one spelling.
            version: As it was sent; refused with the words it was sent in.
            permanent: Remove for good what was soft-deleted before.
        """
        number = parse_version(version)
        found = self._versions.find(subject, number, with_deleted=True)
        if found is None:
            if not self._versions.has_subject(subject, with_deleted=True):
                raise refusals.subject_not_found(subject)
            raise refusals.version_not_found(number)
        if found.is_deleted and not permanent:
            raise refusals.version_soft_deleted(subject, version)
        self._check_writable(subject)
        self._check_unreferenced(found, permanent=permanent)
        if permanent and not found.is_deleted:
            raise refusals.version_not_soft_deleted(subject, found.version)
        with self._store.transaction():
            self._delete([found], permanent=permanent)
        return found.version

    def delete_subject(self, subject: str, *, permanent: bool) -> list[int]:
        """Delete all versions of a subject and return their numbers, ascending."""
        if not self._versions.has_subject(subject, with_deleted=True):
            raise refusals.subject_not_found(subject)
        if not permanent and not self._versions.has_subject(
            subject, with_deleted=False
        ):
            raise refusals.subject_soft_deleted(subject)
        self._check_writable(subject)
        stored = self._versions.list_newest_first(subject)[::-1]
        doomed = stored if permanent else live(stored)
        for entity in doomed:
            self._check_unreferenced(entity, permanent=permanent, outside=subject)
            if permanent and not entity.is_deleted:
                raise refusals.subject_not_soft_deleted(subject)
        with self._store.transaction():
            self._delete(doomed, permanent=permanent)
        return [entity.version for entity in doomed]

    def delete_context(self, scope: str) -> None:
        """Forget an empty context."""
        if self._versions.has_subject(scope, with_deleted=True):
            raise refusals.context_not_empty(scope)
        with self._store.transaction():
            self._versions.remove_context(parse_subject(scope).context)

    def clear(self, scope: str | None) -> None:
        """Remove all soft-deleted versions of a scope (None: of all) for good.

        Needs a transaction.

        Raises:
            RegistryRefused: A version is not deleted, or is referred to.
        """
        doomed = [
            entity
            for subject, _ in self._versions.list_subjects()
            if scope is None or scope in {subject, _bare_scope(subject, scope)}
            for entity in self._versions.list_newest_first(subject)
        ]
        if live(doomed):
            raise refusals.not_permitted("Cannot import since found existing subjects")
        for entity in doomed:
            self._check_unreferenced(entity, permanent=True)
        for entity in doomed:
            self._versions.remove(entity)

    def _delete(self, doomed: list[SchemaEntity], *, permanent: bool) -> None:
        for entity in doomed:
            if permanent:
                self._versions.remove(entity)
            else:
                self._versions.put(replace(entity, is_deleted=True))
        subject = doomed[0].subject
        if permanent and not self._versions.has_subject(subject, with_deleted=True):
            self._settings.delete_mode(subject)
            self._settings.delete_config(subject)

    def _check_writable(self, subject: str) -> None:
        check_writable(self._settings, subject, self._emulation)

    def _check_unreferenced(
        self, entity: SchemaEntity, *, permanent: bool, outside: str | None = None
    ) -> None:
        referrers = self._versions.list_referrers(entity.subject, entity.version)
        if not (permanent or self._emulation.deleted_referrers_count):
            referrers = live(referrers)
        if any(each.subject != outside for each in referrers):
            raise refusals.reference_exists(entity.subject, entity.version)


def parse_version(version: str) -> int:
    """Return the number, or -1 for the newest; refuse anything else."""
    text = version.strip()
    if text.lower() == "latest":
        return -1
    if re.fullmatch(r"[+-]?0*[0-9]{1,10}", text) and (
        int(text) == -1 or 0 < int(text) < 1 << 31
    ):
        return int(text)
    raise refusals.invalid_version(version)


def check_writable(settings: Settings, subject: str | None, wording: Emulation) -> None:
    """Pass, or refuse because the mode in scope is read-only."""
    if settings.mode_in_scope(subject or "").is_read_only:
        scope = parse_subject(subject or "").scope
        name = "null" if subject is None else subject
        place = wording.in_context(f"Subject {name}", scope)
        raise refusals.not_permitted(f"{place} is in read-only mode")


def _bare_scope(subject: str, scope: str) -> str | None:
    return parse_subject(subject).scope if not parse_subject(scope).name else None
