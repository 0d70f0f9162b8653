"""The words of the registry as types, so that they cannot be mixed up."""

from enum import StrEnum
from typing import NewType

Subject = NewType("Subject", str)
"""The name under which a schema evolves, e.g. ``order-details-value``."""

Version = NewType("Version", int)
"""1, 2, 3, ... within one subject."""

SchemaId = NewType("SchemaId", int)
"""Registry-wide number carried in the 5-byte prefix of a record, >= 1."""


class CompatibilityLevel(StrEnum):
    """Which neighbours a new version must be able to exchange data with."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        """True if every released version counts, not only the newest."""
        return self.endswith("_TRANSITIVE")

    @property
    def candidate_must_read(self) -> bool:
        """True if the candidate, as reader, must read released records."""
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def candidate_must_be_readable(self) -> bool:
        """True if released readers must read the candidate's records."""
        return self.startswith(("FORWARD", "FULL"))
