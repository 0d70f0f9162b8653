"""The next version of a subject: made, formatted and judged, not yet written."""

import difflib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from registry.errors import ConfigError, NoSuchSubject
from registry.formatting import format_schema
from registry.gate.editing import Document, Unplaceable
from registry.gate.evolution.edits import AddField, Edit, RenameField, field_at
from registry.gate.judge import Settings, judge
from registry.gate.report import Report, Verdict
from registry.gate.versions import Baseline, Folder, SchemaVersion
from registry.names import Subject, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What `evolve` would write.

    Attributes:
        before: The newest version.
        after: The proposed one; `origin` is the file it would be written to.
        done: What was changed, a sentence each.
        report: The gate's verdict on the proposal alone.
    """

    before: SchemaVersion
    after: SchemaVersion
    done: tuple[str, ...]
    report: Report = field(repr=False)

    @property
    def is_accepted(self) -> bool:
        """True if the gate accepts it."""
        return self.report.verdict is Verdict.ACCEPTED

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            self.before.text.splitlines(keepends=True),
            self.after.text.splitlines(keepends=True),
            self.before.origin,
            self.after.origin,
        )
        return "".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The newest version and the next one, not judged yet."""

    before: SchemaVersion
    after: SchemaVersion
    done: tuple[str, ...]


def draft(folder: Folder, subject: Subject, edits: list[Edit]) -> Draft:
    """Apply the edits to the newest version.

    Raises:
        ConfigError: There is no such subject or place, or the text has comments.
        InvalidContract: The result is no schema.
    """
    before = _newest(folder, subject)
    try:
        document = Document(before.text)
    except Unplaceable:
        reason = f"{before.origin} is no plain JSON (comments?): edit it by hand"
        raise ConfigError(reason) from None
    done = tuple(each.apply(document) for each in edits)
    after = _next_version(before, document.text)
    return Draft(before=before, after=after, done=done)


def propose(
    folder: Folder, drafted: Draft, *, baseline: Baseline | None, settings: Settings
) -> Proposal:
    """Judge the draft as the folder's next version.

    Raises:
        ConfigError: The baseline cannot be read.
    """
    after = drafted.after
    subject = after.subject
    versions = {**folder.versions, subject: (*folder.versions[subject], after)}
    report = judge(
        replace(folder, versions=versions),
        [baseline] if baseline is not None else [],
        subjects=[subject],
        settings=settings,
    )
    return Proposal(
        before=drafted.before,
        after=after,
        done=drafted.done,
        report=_only_new(report, after),
    )


def rename_steps(folder: Folder, subject: Subject, rename: RenameField) -> list[str]:
    """Return how to rename a field where no level allows it in one step."""
    document = Document(_newest(folder, subject).text)
    field = field_at(document, rename.path)
    old, new = rename.path, rename.new_name
    return [
        f"add {new} of the same type with a default, and keep {old}",
        f"let writers fill both {old} and {new}",
        f"let readers move to {new}, falling back on {old} while {new} is its default",
        f"deprecate {old}: contracts evolve {subject} --deprecate {old} --since ...",
        ("" if "default" in field else f"give {old} a default, and in a later version ")
        + f"remove {old} once nobody reads it",
    ]


def first_rename_step(
    folder: Folder, subject: Subject, rename: RenameField
) -> AddField:
    """Return the first of the steps: the new field beside the old one."""
    document = Document(_newest(folder, subject).text)
    old = field_at(document, rename.path)
    parent, _, _ = rename.path.rpartition(".")
    nullable = isinstance(old["type"], list) and "null" in old["type"]
    return AddField(
        parent=parent.removesuffix("[]").removesuffix("{}"),
        name=rename.new_name,
        type_words=json.dumps(old["type"] if nullable else ["null", old["type"]]),
        default="null",
        doc=f"Takes the place of {old['name']}. {old.get('doc', '')}".strip(),
    )


def _newest(folder: Folder, subject: Subject) -> SchemaVersion:
    versions = folder.versions.get(subject)
    if not versions:
        raise NoSuchSubject(folder.name, subject, folder.versions)
    return versions[-1]


def _next_version(before: SchemaVersion, text: str) -> SchemaVersion:
    number = Version(before.version + 1)
    origin = str(Path(before.origin).with_name(f"v{number}.avsc"))
    draft = replace(before, version=number, text=text, origin=origin)
    return replace(draft, text=format_schema(draft))


def _only_new(report: Report, after: SchemaVersion) -> Report:
    """Return the report on the proposal: what others did before is not its fault."""
    subjects = tuple(
        replace(
            each,
            findings=tuple(
                found for found in each.findings if found.place.file == after.origin
            ),
        )
        for each in report.subjects
    )
    return replace(report, subjects=subjects)
