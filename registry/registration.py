"""Bring a folder's contracts into a registry: level first, oldest version first.

Each step is read back and compared, and a second run finds nothing left to do, so an
interrupted one is simply run again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from registry.catalog import Catalog, Contract, ContractVersion
from registry.errors import InvalidContract
from registry.names import CompatibilityLevel, SchemaId, Subject, Version
from registry.registered import Reference, RegisteredSchema


class Registry(Protocol):
    """What registration needs of a registry client."""

    def find_level(self, subject: str) -> CompatibilityLevel | None:
        """Return the level set on the subject itself, or None."""
        ...

    def set_level(self, subject: str | None, level: CompatibilityLevel) -> None:
        """Set the level of the subject."""
        ...

    def find_versions(
        self, subject: str, *, with_deleted: bool = False
    ) -> list[Version]:
        """Return the version numbers, ascending."""
        ...

    def find_registered(
        self, subject: str, text: str, *, references: Sequence[Reference] = ()
    ) -> RegisteredSchema | None:
        """Return the version that is this very schema, or None."""
        ...

    def register(
        self, subject: str, text: str, *, references: Sequence[Reference] = ()
    ) -> SchemaId:
        """Register the text and return its id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """One version that the registry holds now.

    Attributes:
        is_new: True if this run registered it.
    """

    subject: Subject
    version: Version
    schema_id: SchemaId
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What registration would do: set a level, or register a version.

    Attributes:
        level: The level to set, or None for a registration.
        version: The version to register, or None for a level.
    """

    subject: Subject
    level: CompatibilityLevel | None = None
    version: Version | None = None

    def __str__(self) -> str:
        if self.level is not None:
            return f"set the level of {self.subject} to {self.level}"
        return f"register {self.subject} version {self.version}"


def register_contracts(catalog: Catalog, client: Registry) -> list[Registered]:
    """Register every version of every contract, in order; calling again is safe.

    Returns:
        Every version of the catalog with its id, oldest first within a subject.

    Raises:
        InvalidContract: The registry holds another schema under a version's number.
        IncompatibleSchema: The registry refuses a version at the subject's level.
        RegistryUnavailable: No registry answers.
    """
    return [
        registered
        for contract in catalog.contracts.values()
        for registered in _register_contract(contract, client)
    ]


def find_pending(catalog: Catalog, client: Registry) -> list[Pending]:
    """Return what `register_contracts` would change, in order; change nothing.

    Raises:
        InvalidContract: The registry holds another schema under a version's number.
        RegistryUnavailable: No registry answers.
    """
    return [
        pending
        for contract in catalog.contracts.values()
        for pending in _pending_of(contract, client)
    ]


def _register_contract(contract: Contract, client: Registry) -> Iterator[Registered]:
    if client.find_level(contract.subject) is not contract.level:
        client.set_level(contract.subject, contract.level)
    known = client.find_versions(contract.subject)
    for version in contract.versions:
        is_new = version.version not in known
        if is_new:
            client.register(contract.subject, version.text)
        held = _read_back(contract.subject, version, client)
        yield Registered(
            subject=contract.subject,
            version=version.version,
            schema_id=held.schema_id,
            is_new=is_new,
        )


def _pending_of(contract: Contract, client: Registry) -> Iterator[Pending]:
    if client.find_level(contract.subject) is not contract.level:
        yield Pending(subject=contract.subject, level=contract.level)
    known = client.find_versions(contract.subject)
    for version in contract.versions:
        if version.version in known:
            _read_back(contract.subject, version, client)
        else:
            yield Pending(subject=contract.subject, version=version.version)


def _read_back(
    subject: Subject, version: ContractVersion, client: Registry
) -> RegisteredSchema:
    held = client.find_registered(subject, version.text)
    if held is None:
        reason = f"the registry holds another schema as version {version.version}"
        raise InvalidContract(str(version.path), reason)
    if held.version != version.version:
        reason = (
            f"the registry holds this schema as version {held.version}, "
            f"not {version.version}"
        )
        raise InvalidContract(str(version.path), reason)
    return held
