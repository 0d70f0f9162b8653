"""The registry without its HTTP: all its parts, put together once."""

from dataclasses import dataclass
from typing import Self

from registry.local.answers import Answers
from registry.local.compatibility import Compatibility
from registry.local.deletion import Deletion
from registry.local.emulation import Emulation
from registry.local.lookup import Lookup
from registry.local.offload import Offload
from registry.local.parsing import Parser
from registry.local.reads import Reads
from registry.local.registration import Registration
from registry.local.settings import Settings
from registry.local.store import SqliteStore
from registry.local.versions import Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The parts that routes call; used by one thread at a time."""

    store: SqliteStore
    emulation: Emulation
    offload: Offload
    versions: Versions
    settings: Settings
    parser: Parser
    compatibility: Compatibility
    lookup: Lookup
    registration: Registration
    deletion: Deletion
    reads: Reads
    answers: Answers

    @classmethod
    def build(cls, store: SqliteStore, emulation: Emulation) -> Self:
        """Put a registry together over an open store."""
        versions = Versions(store)
        settings = Settings(store)
        offload = Offload()
        parser = Parser(versions, offload, wording=emulation)
        lookup = Lookup(versions, settings, parser)
        compatibility = Compatibility(
            parser,
            offload,
            avro=emulation.avro,
            incompatible_code=emulation.incompatible_code,
        )
        return cls(
            store=store,
            emulation=emulation,
            offload=offload,
            versions=versions,
            settings=settings,
            parser=parser,
            compatibility=compatibility,
            lookup=lookup,
            registration=Registration(
                store, parser, lookup, compatibility, wording=emulation
            ),
            deletion=Deletion(store, emulation),
            reads=Reads(versions),
            answers=Answers(emulation),
        )
