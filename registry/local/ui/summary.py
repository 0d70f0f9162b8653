"""The list of subjects."""

from dataclasses import dataclass

from registry.local.contexts import parse_subject
from registry.local.registry import Registry
from registry.local.versions import live

_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLine:
    """A subject in the list.

    Attributes:
        name: With its context.
        version_count: Of those that are not deleted.
        latest: Number of the newest of them; None if all are deleted.
        schema_id: Its id.
        level: That holds for it.
        is_own_level: Whether it is the subject's own, not one further out.
    """

    name: str
    version_count: int
    latest: int | None
    schema_id: int | None
    level: str
    is_own_level: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One page of the list.

    Attributes:
        wanted: Part of the name that was asked for.
        with_deleted: Whether subjects are shown of which all is deleted.
        found_count: How many there are on all pages.
        page: From 1.
        level: That holds where nothing else is set.
        mode: Likewise.
        release: The reference that is emulated.
    """

    lines: list[SubjectLine]
    wanted: str
    with_deleted: bool
    found_count: int
    page: int
    page_count: int
    level: str
    mode: str
    release: str


def summarize(
    registry: Registry, *, wanted: str, with_deleted: bool, page_text: str
) -> Summary:
    """Return one page of the subjects whose name has `wanted` in it."""
    names = [
        name
        for name, is_deleted in registry.versions.list_subjects()
        if wanted.lower() in name.lower() and (with_deleted or not is_deleted)
    ]
    page_count = max(1, -(-len(names) // _PAGE_SIZE))
    page = min(int(page_text), page_count) if page_text.isdecimal() else 1
    page = max(page, 1)
    shown = names[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
    return Summary(
        lines=[_line(registry, name) for name in shown],
        wanted=wanted,
        with_deleted=with_deleted,
        found_count=len(names),
        page=page,
        page_count=page_count,
        level=str(registry.settings.config_in_scope("").level),
        mode=str(registry.settings.mode_in_scope("")),
        release=registry.emulation.release,
    )


def _line(registry: Registry, name: str) -> SubjectLine:
    versions = live(registry.versions.list_newest_first(name))
    newest = versions[0] if versions else None
    own = registry.settings.find_config(name)
    return SubjectLine(
        name=str(parse_subject(name)),
        version_count=len(versions),
        latest=newest.version if newest else None,
        schema_id=newest.schema_id if newest else None,
        level=str(registry.settings.config_in_scope(name).level),
        is_own_level=own is not None,
    )
