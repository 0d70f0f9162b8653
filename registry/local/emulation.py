"""The versions of the reference that the registry can answer as."""

from enum import StrEnum

from registry.compatibility import AvroVersion


class Emulation(StrEnum):
    """A line of releases whose clients can tell it from the others."""

    V7_9 = "7.9"
    V8 = "8.x"

    @property
    def avro(self) -> AvroVersion:
        """The Avro release whose rules hold."""
        return AvroVersion.V1_11 if self is Emulation.V7_9 else AvroVersion.V1_12

    @property
    def release(self) -> str:
        """The version that /v1/metadata/version names."""
        return "7.9.0" if self is Emulation.V7_9 else "8.3.1"

    @property
    def commit_id(self) -> str:
        """The commit that /v1/metadata/version names."""
        return "unknown" if self is Emulation.V7_9 else "1591732f"

    @property
    def incompatible_code(self) -> int:
        """The error code of an incompatible schema."""
        return 409 if self is Emulation.V7_9 else 40901

    @property
    def deleted_referrers_count(self) -> bool:
        """True if a soft-deleted schema keeps those it refers to from deletion."""
        return self is Emulation.V7_9

    @property
    def import_mode(self) -> str:
        """How a refusal names the modes in which schemas come with ids."""
        return "import or forward mode" if self is Emulation.V7_9 else "import mode"

    def in_context(self, thing: str, scope: str) -> str:
        """Return what a refusal by mode calls a thing in a scope."""
        return thing if self is Emulation.V7_9 else f"{thing} in context {scope}"

    def ignores_parameter(self, name: str) -> bool:
        """Return whether a query parameter came only with a later release."""
        return self is Emulation.V7_9 and name == "deletedAsNegative"

    def ignores_setting(self, name: str) -> bool:
        """Return whether a part of a configuration came only with a later release."""
        return self is Emulation.V7_9 and name == "validateNewSchemas"

    @property
    def unknown_parts(self) -> frozenset[str]:
        """The parts of a stored schema that came only with a later release."""
        later = frozenset({"guid", "ts", "deleted"})
        return later if self is Emulation.V7_9 else frozenset()

    @property
    def is_terse(self) -> bool:
        """True if answers leave out guid, times and the type of Avro schemas."""
        return self is Emulation.V7_9
