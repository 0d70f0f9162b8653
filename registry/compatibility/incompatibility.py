"""Reasons why a reader cannot read what a writer wrote."""

from dataclasses import dataclass
from enum import StrEnum


class IncompatibilityType(StrEnum):
    """The kinds of reason."""

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incompatibility:
    """One reason why the reader does not read what the writer wrote.

    Attributes:
        location: JSON pointer into the reader, ``/`` for its root.
        message: The detail, in Avro's words.
    """

    type: IncompatibilityType
    location: str
    message: str
