"""Rules about how versions come to be, not about what they say."""

from collections.abc import Iterator
from dataclasses import dataclass

from registry.compatibility import are_equivalent, find_incompatibilities, parse_schema
from registry.errors import InvalidSchema, UnprintableMessage
from registry.gate.cells import is_readable
from registry.gate.findings import Place, Witness
from registry.gate.parsing import ParsedVersion
from registry.gate.review import Review
from registry.gate.versions import SchemaVersion
from registry.names import CompatibilityLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a process rule saw.

    Attributes:
        path: Which part of the candidate it is about, by names, or "".
        affected: Consumers of the manifest that it hurts.
    """

    message: str
    place: Place
    versions: tuple[int, ...] = ()
    old_place: Place | None = None
    path: str = ""
    affected: tuple[str, ...] = ()
    witness: Witness | None = None


def find_edited(review: Review) -> Iterator[Note]:
    """A released version's file says something else than what was released."""
    released = {each.number: each for each in (*review.released, *review.deleted)}
    for file in review.files:
        was = released.get(file.version)
        if was is None or was.version.text == file.text or _says_the_same(file, was):
            continue
        line, column = _first_difference(was.version.text, file.text)
        text = f"version {file.version} is released, and its file has been edited since"
        yield Note(
            message=text,
            place=Place(file=file.origin, line=line, column=column),
            old_place=Place(file=was.version.origin),
            versions=(file.version,),
        )


def find_removed(review: Review) -> Iterator[Note]:
    """A released version has no file any more."""
    held = {each.version for each in review.files}
    for each in review.released:
        if each.number not in held:
            text = f"version {each.number} is released, and its file is gone"
            yield Note(
                message=text,
                place=_folder_place(review),
                old_place=Place(file=each.version.origin),
                versions=(each.number,),
            )


def find_skipped(review: Review) -> Iterator[Note]:
    """A version number is left out."""
    known = {each.number for each in (*review.released, *review.deleted)}
    expected = max(known, default=0) + 1
    for file in review.files:
        if file.version in known:
            continue
        if file.version > expected:
            text = f"version {expected} is missing before version {file.version}"
            yield Note(message=text, place=Place(file=file.origin))
        expected = max(expected, file.version + 1)


def find_no_op(review: Review) -> Iterator[Note]:
    """A candidate is what an earlier version was: registering it does nothing."""
    for candidate in review.candidates:
        for earlier in review.history_of(candidate):
            if are_equivalent(candidate.schema, earlier.schema):
                text = (
                    f"version {candidate.number} is the same schema as version"
                    f" {earlier.number}: a registry answers with that version and"
                    " makes no new one"
                )
                yield Note(
                    message=text,
                    place=candidate.place_of(candidate.root),
                    old_place=earlier.place_of(earlier.root),
                    versions=(earlier.number,),
                )
                break


def find_deleted_incompatible(review: Review) -> Iterator[Note]:
    """A candidate cannot read a soft-deleted version, whose records remain."""
    for candidate in review.candidates:
        for hidden in review.deleted:
            if not is_readable(reader=candidate, writer=hidden):
                text = (
                    f"version {hidden.number} is deleted, but its records may still lie"
                    " in the topic, and the candidate cannot read them"
                )
                yield Note(
                    message=text,
                    place=candidate.place_of(candidate.root),
                    versions=(hidden.number,),
                )


def find_lowered(review: Review) -> Iterator[Note]:
    """The manifest asks for less than the baseline holds."""
    if review.baseline is None or review.entry.level is None:
        return
    held = review.baseline.find_own_level(review.subject)
    if held is not None and _is_weaker(review.entry.level, held):
        text = f"the level is lowered from {held} to {review.entry.level}"
        line = review.manifest.line_of(review.subject, "level")
        place = Place(file=review.manifest.name, line=line, column=min(line, 1))
        yield Note(message=text, place=place)


def find_mode(review: Review) -> Iterator[Note]:
    """The registry takes no new versions at present."""
    if review.baseline is None or not review.is_unsettled:
        return
    mode = review.baseline.find_mode(review.subject)
    if mode is not None and mode != "READWRITE":
        text = f"the registry is in mode {mode} for {review.subject}, not READWRITE"
        yield Note(message=text, place=_folder_place(review))


def find_rule_set(review: Review) -> Iterator[Note]:
    """The newest version carries data contract rules that a file cannot carry."""
    if not review.released or not review.is_unsettled:
        return
    newest = review.released[-1]
    if newest.version.has_rule_set:
        text = (
            f"version {newest.number} carries a ruleSet; a version registered from a"
            " file has none, and an open-source registry drops it silently"
        )
        first = review.candidates[0]
        yield Note(
            message=text,
            place=first.place_of(first.root),
            versions=(newest.number,),
        )


def find_disagreement(review: Review) -> Iterator[Note]:
    """The registry's own verdict on the next version is not ours."""
    if review.baseline is None or not review.candidates:
        return
    first = review.candidates[0]
    refusals = review.baseline.find_refusals(review.subject, first.version)
    level = review.baseline.find_level(review.subject)
    if refusals is None or level is None:
        return
    ours = _our_verdict(first, review, level)
    if bool(ours) != bool(refusals):
        theirs = refusals[0] if refusals else "it accepts the candidate"
        mine = ours[0] if ours else "the candidate is compatible"
        text = (
            f"the registry disagrees at {level}: it says {theirs!r}, the gate {mine!r}"
        )
        yield Note(message=text, place=first.place_of(first.root))


def _our_verdict(
    candidate: ParsedVersion, review: Review, level: CompatibilityLevel
) -> list[str]:
    history = [
        (each.version.version, each.schema) for each in reversed(review.released)
    ]
    try:
        return find_incompatibilities(candidate.schema, history, level)
    except UnprintableMessage as exc:
        return [str(exc)]


def _says_the_same(file: SchemaVersion, was: ParsedVersion) -> bool:
    """True if only the formatting differs."""
    try:
        schema = parse_schema(file.text, references=file.reference_texts, is_new=False)
    except InvalidSchema:
        return False
    return are_equivalent(schema, was.schema)


def _first_difference(before: str, after: str) -> tuple[int, int]:
    """Return line and column, from 1, of the first character that differs."""
    pairs = zip(before, after, strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
    offset = min(len(before), len(after)) if same is None else same
    start = after.rfind("\n", 0, offset) + 1
    return after.count("\n", 0, offset) + 1, offset - start + 1


def _is_weaker(asked: CompatibilityLevel, held: CompatibilityLevel) -> bool:
    return (
        (held.candidate_must_read and not asked.candidate_must_read)
        or (held.candidate_must_be_readable and not asked.candidate_must_be_readable)
        or (held.is_transitive and not asked.is_transitive)
    )


def _folder_place(review: Review) -> Place:
    return Place(file=f"{review.folder}/{review.subject}")
