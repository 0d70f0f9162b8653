"""One subject: its versions, the one looked at, and what changed since another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from registry.compatibility import AvroSchema
from registry.errors import RegistryRefused, SchemaTooDeep, TooMuchToCompare
from registry.gate.manifest import Reader
from registry.local import refusals
from registry.local.contexts import qualify
from registry.local.deletion import parse_version
from registry.local.entities import SchemaEntity
from registry.local.registry import Registry
from registry.local.ui.difference import (
    Line,
    compare_texts,
    find_obstacles,
    pretty,
)
from registry.local.ui.outline import Row, outline
from registry.local.ui.readers import Readers

_LINES_COST = 10
"""Comparing lines is so much slower than comparing types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A version beside an earlier one.

    Attributes:
        against: The earlier version.
        lines: What changed; none if the texts are the same.
        backward: Why the later cannot read the earlier's records; empty if it can.
        forward: Why the earlier cannot read the later's.
    """

    against: int
    lines: list[Line]
    backward: list[str]
    forward: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """What the page shows.

    Attributes:
        shown: The version that is looked at.
        versions: All, newest first, deleted ones too.
        text: The shown version's schema, for people.
        rows: Its fields.
        readers_of: Path of a field -> names of those that declare to read it.
        references: (name, subject, version) of each schema it uses.
        referrers: Versions that use it.
        readers: Who reads the subject.
        readers_missing: Why none is named, or "".
        owner: Who answers for it, or "".
        declared_level: That the folder of contracts wants, or "".
        comparison: With another version, if there is one.
    """

    name: str
    shown: SchemaEntity
    versions: Sequence[SchemaEntity]
    text: str
    rows: list[Row]
    level: str
    is_own_level: bool
    mode: str
    references: list[tuple[str, str, int]]
    referrers: Sequence[SchemaEntity]
    readers: Sequence[Reader]
    readers_missing: str
    owner: str
    declared_level: str
    comparison: Comparison | None
    readers_of: Mapping[str, list[str]] = field(default_factory=dict)


def find_subject(
    registry: Registry, readers: Readers, name: str, *, version: str, against: str
) -> SubjectView:
    """Return the view of a subject.

    Args:
        registry: Where it is.
        readers: Who may read it.
        name: In its one spelling.
        version: A number or `latest`; of a subject that is deleted, its last.
        against: Number to compare with; "" takes the one before.

    Raises:
        RegistryRefused: There is no such subject or version.
    """
    versions = registry.versions.list_newest_first(name)
    if not versions:
        raise refusals.subject_not_found(name)
    shown = _pick(versions, version)
    entry, missing = readers.find_entry(name)
    return SubjectView(
        name=name,
        shown=shown,
        versions=versions,
        text=pretty(shown.text or "null"),
        rows=outline(shown.text or "null"),
        level=str(registry.settings.config_in_scope(name).level),
        is_own_level=registry.settings.find_config(name) is not None,
        mode=str(registry.settings.mode_in_scope(name)),
        references=_references(shown),
        referrers=registry.versions.list_referrers(name, shown.version),
        readers=entry.readers,
        readers_missing=missing,
        owner=entry.owner,
        declared_level=str(entry.level or ""),
        comparison=_compare(registry, versions, shown, against),
        readers_of=_readers_of(entry.readers),
    )


def _pick(versions: Sequence[SchemaEntity], wanted: str) -> SchemaEntity:
    number = parse_version(wanted)
    if number == -1:
        undeleted = [each for each in versions if not each.is_deleted]
        return undeleted[0] if undeleted else versions[0]
    for each in versions:
        if each.version == number:
            return each
    raise refusals.version_not_found(number)


def _compare(
    registry: Registry,
    versions: Sequence[SchemaEntity],
    shown: SchemaEntity,
    against: str,
) -> Comparison | None:
    if against:
        other = _pick(versions, against)
    else:
        before = [each for each in versions if each.version < shown.version]
        if not before:
            return None
        other = before[0]
    backward, forward = _find_obstacles(registry, shown, other)
    texts = (other.text or "null", shown.text or "null")
    lines = registry.offload.compute(
        ("lines", texts),
        partial(compare_texts, *texts),
        size_chars=_LINES_COST * sum(map(len, texts)),
    )
    return Comparison(
        against=other.version,
        lines=lines,
        backward=backward,
        forward=forward,
    )


def _find_obstacles(
    registry: Registry, later: SchemaEntity, earlier: SchemaEntity
) -> tuple[list[str], list[str]]:
    try:
        new = registry.parser.parse(later, is_new=False).schema
        old = registry.parser.parse(earlier, is_new=False).schema
        return registry.offload.compute(
            ("obstacles", later.guid, earlier.guid),
            partial(_find_both_ways, new, old),
            size_chars=len(later.text or "") + len(earlier.text or ""),
        )
    except (RegistryRefused, SchemaTooDeep, TooMuchToCompare) as exc:
        return [str(exc)], [str(exc)]


def _find_both_ways(
    later: AvroSchema, earlier: AvroSchema
) -> tuple[list[str], list[str]]:
    return (
        find_obstacles(reader=later, writer=earlier),
        find_obstacles(reader=earlier, writer=later),
    )


def _references(shown: SchemaEntity) -> list[tuple[str, str, int]]:
    return [
        (
            each.name or "",
            qualify(shown.subject, each.subject or ""),
            each.version or 0,
        )
        for each in shown.references
    ]


def _readers_of(readers: Sequence[Reader]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reader in readers:
        for path in reader.fields:
            found.setdefault(path, []).append(reader.name)
    return found
