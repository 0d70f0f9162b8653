"""The refusals of the registry, in the words and numbers of the reference."""

from registry.errors import RegistryRefused

INVALID_SCHEMA = 42201

_LEVELS = (
    "none, backward, forward, full, backward_transitive, forward_transitive, "
    "and full_transitive"
)


def refuse(
    error_code: int, reason: str, *, status: int | None = None
) -> RegistryRefused:
    """Return a refusal; the status is the code's first three digits."""
    first_digits = int(str(error_code)[:3])
    return RegistryRefused(
        status=first_digits if status is None else status,
        error_code=error_code,
        reason=reason,
    )


def subject_not_found(subject: str) -> RegistryRefused:
    """No version of the subject can be seen."""
    return refuse(40401, f"Subject '{subject}' not found.")


def version_not_found(version: int) -> RegistryRefused:
    """The subject has no such version; -1 stands for the newest."""
    return refuse(40402, f"Version {version} not found.")


def schema_not_found(key: int | str | None = None) -> RegistryRefused:
    """No schema has the id or guid, or is the one looked up."""
    return refuse(
        40403, f"Schema {key} not found" if key is not None else "Schema not found"
    )


def subject_soft_deleted(subject: str) -> RegistryRefused:
    """It was soft-deleted already."""
    reason = (
        f"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently"
    )
    return refuse(40404, reason)


def subject_not_soft_deleted(subject: str) -> RegistryRefused:
    """Only what was soft-deleted can go for good."""
    reason = (
        f"Subject '{subject}' was not deleted first before being permanently deleted"
    )
    return refuse(40405, reason)


def version_soft_deleted(subject: str, version: str) -> RegistryRefused:
    """It was soft-deleted already."""
    reason = (
        f"Subject '{subject}' Version {version} was soft deleted."
        "Set permanent=true to delete permanently"
    )
    return refuse(40406, reason)


def version_not_soft_deleted(subject: str, version: int) -> RegistryRefused:
    """Only what was soft-deleted can go for good."""
    reason = (
        f"Subject '{subject}' Version {version} was not deleted first before being "
        "permanently deleted"
    )
    return refuse(40407, reason)


def config_not_set(subject: str) -> RegistryRefused:
    """The subject has no configuration of its own."""
    reason = f"Subject '{subject}' does not have subject-level compatibility configured"
    return refuse(40408, reason)


def mode_not_set(subject: str) -> RegistryRefused:
    """The subject has no mode of its own."""
    reason = f"Subject '{subject}' does not have subject-level mode configured"
    return refuse(40409, reason)


def incompatible(error_code: int, subject: str, messages: list[str]) -> RegistryRefused:
    """A candidate cannot become the next version at the subject's level."""
    reason = (
        "Schema being registered is incompatible with an earlier schema for subject "
        f'"{subject}", details: [{", ".join(messages)}]'
    )
    return refuse(error_code, reason)


def invalid_schema(details: str) -> RegistryRefused:
    """The schema cannot be used."""
    return refuse(INVALID_SCHEMA, details)


def invalid_version(version: str) -> RegistryRefused:
    """The version is neither a positive number nor the newest."""
    reason = (
        f"The specified version '{version}' is not a valid version id. Allowed values "
        'are between [1, 2^31-1] and the string "latest"'
    )
    return refuse(42202, reason)


def invalid_level() -> RegistryRefused:
    """The compatibility level has no meaning."""
    return refuse(42203, f"Invalid compatibility level. Valid values are {_LEVELS}")


def invalid_policy() -> RegistryRefused:
    """The compatibility policy has no meaning."""
    reason = "Invalid compatibility policy. Valid values are strict and lenient"
    return refuse(42203, reason)


def invalid_mode() -> RegistryRefused:
    """The mode has no meaning."""
    reason = "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."
    return refuse(42204, reason)


def forward_is_global() -> RegistryRefused:
    """A subject or context cannot be forwarded alone."""
    return refuse(42204, "Forward mode only supported on global level")


def not_permitted(reason: str) -> RegistryRefused:
    """The mode in scope forbids it."""
    return refuse(42205, reason)


def reference_exists(subject: str, version: int) -> RegistryRefused:
    """Another schema uses the version that should go."""
    key = f"{{magic=1,keytype=SCHEMA,subject={subject},version={version}}}"
    return refuse(42206, f"One or more references exist to the schema {key}.")


def invalid_subject(subject: str) -> RegistryRefused:
    """No schema or setting may carry the name."""
    return refuse(42208, f"The specified subject '{subject}' is not a valid.")


def schema_too_large() -> RegistryRefused:
    """The schema text is longer than this registry stores."""
    return refuse(42209, "Register operation failed because schema is too large")


def body_too_large(max_bytes: int) -> RegistryRefused:
    """The request is longer than this registry reads."""
    return refuse(42209, f"The request's body exceeds {max_bytes} bytes")


def context_not_empty(scope: str) -> RegistryRefused:
    """Schemas live in the context that should go."""
    return refuse(42211, f"The specified context '{scope}' is not empty.")


def invalid_association(name: str) -> RegistryRefused:
    """An association lacks a part."""
    reason = f"The association specified an invalid value for property: '{name}'"
    return refuse(42212, reason)


def server_error() -> RegistryRefused:
    """The reference breaks here, and so do we, in its words."""
    return refuse(500, "Internal Server Error")
