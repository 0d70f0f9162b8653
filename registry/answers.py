"""What a registry's answers say; where its error codes become our errors.

An answer of another shape than the REST interface's comes from something that is no
registry: RegistryUnavailable, never a verdict.
"""

from typing import Any

from registry.errors import (
    IncompatibleSchema,
    RegistryRefused,
    RegistryUnavailable,
    SubjectNotFound,
    VersionNotFound,
)
from registry.names import CompatibilityLevel, SchemaId, Version
from registry.registered import RegisteredSchema
from registry.transport import NO_SUCH_ENDPOINT, Answer

SUBJECT_CODES = frozenset({40401, 40404, 40405})
"""The subject is unknown, or not in the state that a deletion needs."""

_VERSION_CODES = frozenset({40402, 40406, 40407})
_INCOMPATIBLE_CODES = frozenset({409, 40901})


def accept(answer: Answer, *, about: str = "", version: int | str = "") -> object:
    """Return the JSON of a success; raise the named error of a refusal.

    Raises:
        IncompatibleSchema: The schema is refused at the level of subject `about`.
        SubjectNotFound: There is no such subject.
        VersionNotFound: The subject has no such version.
        RegistryRefused: Any other error.
    """
    code = answer.error_code
    if answer.is_success:
        return answer.body
    if code in _INCOMPATIBLE_CODES:
        raise IncompatibleSchema(about, answer.message)
    if code in SUBJECT_CODES:
        raise SubjectNotFound(about)
    if code in _VERSION_CODES:
        raise VersionNotFound(about, version)
    reason = answer.message
    if is_missing_endpoint(answer) and code == answer.status:
        reason = f"it does not know {answer.asked} ({reason})"
    raise RegistryRefused(status=answer.status, error_code=code, reason=reason)


def is_missing_endpoint(answer: Answer) -> bool:
    """Tell a registry without the endpoint from one without the subject."""
    known = SUBJECT_CODES | _VERSION_CODES
    return answer.status in NO_SUCH_ENDPOINT and answer.error_code not in known


def read_object(url: str, body: object) -> dict[str, Any]:
    """Return the JSON object, or raise RegistryUnavailable."""
    if isinstance(body, dict):
        return body
    raise RegistryUnavailable(url, "its answer is not a JSON object")


def read_list(url: str, body: object) -> list[Any]:
    """Return the JSON list, or raise RegistryUnavailable."""
    if isinstance(body, list):
        return body
    raise RegistryUnavailable(url, "its answer is not a JSON list")


def read_numbers(url: str, body: object) -> list[Version]:
    """Return the version numbers, ascending."""
    numbers = read_list(url, body)
    if all(type(number) is int for number in numbers):
        return sorted(Version(number) for number in numbers)
    raise RegistryUnavailable(url, "its answer is not a list of version numbers")


def read_version(url: str, body: object) -> RegisteredSchema:
    """Return the version that the answer describes."""
    try:
        return RegisteredSchema.from_json(read_object(url, body))
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        reason = f"its answer is not a schema version: {exc!r}"
        raise RegistryUnavailable(url, reason) from exc


def read_id(url: str, body: object) -> SchemaId:
    """Return the id that a registration is answered with."""
    schema_id = read_object(url, body).get("id")
    if type(schema_id) is int:
        return SchemaId(schema_id)
    raise RegistryUnavailable(url, "its answer to a registration has no id")


def read_level(url: str, body: object) -> CompatibilityLevel:
    """Return the level of a configuration."""
    name = read_object(url, body).get("compatibilityLevel")
    try:
        return CompatibilityLevel(str(name))
    except ValueError:
        reason = f"unknown compatibility level {name!r}"
        raise RegistryUnavailable(url, reason) from None


def read_mode(url: str, body: object) -> str:
    """Return the mode that the answer names."""
    mode = read_object(url, body).get("mode")
    if isinstance(mode, str):
        return mode
    raise RegistryUnavailable(url, "its answer has no mode")


def read_refusals(url: str, body: object) -> list[str]:
    """Return the reasons of a verdict; empty if it accepts.

    An answer without a verdict counts as none at all.
    """
    fields = read_object(url, body)
    verdict = fields.get("is_compatible")
    if not isinstance(verdict, bool):
        raise RegistryUnavailable(url, "its answer has no is_compatible")
    if verdict:
        return []
    messages = fields.get("messages")
    shown = messages if isinstance(messages, list) else []
    return [str(each) for each in shown] or ["is incompatible"]
