"""The sentences in which a registry tells why a candidate is refused."""

from collections.abc import Sequence

from registry.compatibility.avro_version import AvroVersion
from registry.compatibility.check import check_readable
from registry.compatibility.incompatibility import Incompatibility, IncompatibilityType
from registry.compatibility.java_format import java_format
from registry.compatibility.schema import AvroSchema
from registry.errors import AmbiguousField
from registry.names import CompatibilityLevel, Version

_LONGEST_SCHEMA = 10_240
_DESCRIPTIONS = {
    IncompatibilityType.FIXED_SIZE_MISMATCH: (
        "The size of FIXED type field at path '{location}' in the %s schema does not"
        " match with the %s schema"
    ),
    IncompatibilityType.TYPE_MISMATCH: (
        "The type (path '{location}') of a field in the %s schema does not match with"
        " the %s schema"
    ),
    IncompatibilityType.NAME_MISMATCH: (
        "The name of the schema has changed (path '{location}')"
    ),
    IncompatibilityType.MISSING_ENUM_SYMBOLS: (
        "The %s schema is missing enum symbols '{message}' at path '{location}' in the"
        " %s schema"
    ),
    IncompatibilityType.MISSING_UNION_BRANCH: (
        "The %s schema is missing a type inside a union field at path '{location}' in"
        " the %s schema"
    ),
    IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE: (
        "The field '{message}' at path '{location}' in the %s schema has no default"
        " value and is missing in the %s schema"
    ),
}


def find_incompatibilities(
    candidate: AvroSchema,
    history: Sequence[tuple[Version, AvroSchema]],
    level: CompatibilityLevel,
    avro: AvroVersion = AvroVersion.V1_12,
) -> list[str]:
    """Return a registry's messages on why the candidate may not come next.

    Args:
        candidate: The schema proposed as the next version.
        history: Released versions, newest first; those that count, none deleted.
        level: Transitive levels compare with all of the history, others with its
            first, NONE with nothing.
        avro: The generation whose rules decide.

    Returns:
        The messages on the newest version that refuses the candidate, with that
        version's number and text where the registry tells them; empty if none does.
        The registry's closing line on its settings is not among them.

    Raises:
        UnprintableMessage: The registry cannot answer; see there.
        SchemaTooDeep: The types are nested too deeply to be followed.
    """
    if level is CompatibilityLevel.NONE:
        return []
    for version, released in history if level.is_transitive else history[:1]:
        messages = _compare(candidate, released, version, level=level, avro=avro)
        if messages:
            return messages
    return []


def _compare(
    candidate: AvroSchema,
    released: AvroSchema,
    version: Version,
    *,
    level: CompatibilityLevel,
    avro: AvroVersion,
) -> list[str]:
    """Readers first; the version is told after the last direction that is asked."""
    forward: list[str] = []
    last: list[str] = []
    if level.candidate_must_be_readable:
        reasons = _explain(reader=released, writer=candidate, avro=avro)
        last = forward = [java_format(each, "old", "new") for each in reasons]
    if level.candidate_must_read:
        reasons = _explain(reader=candidate, writer=released, avro=avro)
        last = [java_format(each, "new", "old") for each in reasons]
    messages = forward if last is forward else forward + last
    if not last:
        return messages
    return [*messages, f"{{oldSchemaVersion: {version}}}", _quote(released)]


def _explain(*, reader: AvroSchema, writer: AvroSchema, avro: AvroVersion) -> list[str]:
    """Return one template a reason, with %s for the reader's and the writer's role."""
    try:
        reasons = check_readable(reader=reader, writer=writer, avro=avro)
    except AmbiguousField as exc:
        return [f"Unexpected exception during compatibility check: {exc.reason}"]
    return [_describe(each) for each in reasons]


def _describe(reason: Incompatibility) -> str:
    description = _DESCRIPTIONS[reason.type].format(
        location=reason.location, message=reason.message
    )
    return (
        f"{{errorType:'{reason.type}', description:'{description}',"
        f" additionalInfo:'{reason.message}'}}"
    )


def _quote(released: AvroSchema) -> str:
    text = released.canonical_text
    if len(text) <= _LONGEST_SCHEMA:
        return f"{{oldSchema: '{text}'}}"
    return f"{{oldSchema: <truncated> '{text[:_LONGEST_SCHEMA]}...'}}"
