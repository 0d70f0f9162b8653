"""Whether a candidate may become the next version, in the reference's words."""

from collections.abc import Sequence
from functools import partial

from registry.compatibility import (
    AvroVersion,
    UnprintableMessage,
    find_incompatibilities,
)
from registry.local import refusals
from registry.local.entities import Metadata, SchemaEntity
from registry.local.offload import Offload
from registry.local.parsing import ParsedEntity, Parser
from registry.local.settings import Config
from registry.names import CompatibilityLevel, Version

_RESERVED = "confluent:reserved"


class Compatibility:
    """Compares candidates with the versions before them."""

    def __init__(
        self,
        parser: Parser,
        offload: Offload,
        *,
        avro: AvroVersion,
        incompatible_code: int,
    ) -> None:
        self._parser = parser
        self._offload = offload
        self._avro = avro
        self._incompatible_code = incompatible_code

    def find_messages(
        self, config: Config, candidate: ParsedEntity, history: Sequence[SchemaEntity]
    ) -> list[str]:
        """Return why the candidate is refused; empty if it is not.

        Args:
            config: The one in scope.
            candidate: The schema proposed as the next version.
            history: Versions to compare with, newest first, none of them deleted.
        """
        messages = []
        if config.validates_fields:
            messages += _find_reserved(candidate, history)
        group = config.compatibility_group
        if group is not None:
            value = _property(candidate.entity, group)
            history = [each for each in history if _property(each, group) == value]
        if not config.level.is_transitive:
            history = history[:1]
        messages += self._compare(config, candidate, history)
        if messages:
            flag = str(config.validates_fields).lower()
            messages.append(
                f"{{validateFields: '{flag}', compatibility: '{config.level}'}}"
            )
        return messages

    def require(
        self, config: Config, candidate: ParsedEntity, history: Sequence[SchemaEntity]
    ) -> None:
        """Pass, or raise RegistryRefused with the messages of `find_messages`."""
        try:
            messages = self.find_messages(config, candidate, history)
        except UnprintableMessage as exc:
            raise refusals.invalid_schema(exc.reason) from exc
        if messages:
            raise refusals.incompatible(
                self._incompatible_code, candidate.entity.subject, messages
            )

    def _compare(
        self, config: Config, candidate: ParsedEntity, history: Sequence[SchemaEntity]
    ) -> list[str]:
        if config.level is CompatibilityLevel.NONE:
            return []
        self._parser.prepare(history)
        released = [(each, self._parser.parse(each, is_new=False)) for each in history]
        work = partial(
            find_incompatibilities,
            candidate.schema,
            [(Version(it.version), parsed.schema) for it, parsed in released],
            config.level,
            self._avro,
        )
        texts = tuple((it.version, it.text, it.references) for it, _ in released)
        entity = candidate.entity
        return self._offload.compute(
            ("compare", config.level, entity.text, entity.references, texts),
            work,
            size_chars=sum(len(each.text or "") for each in [entity, *history]),
        )


def _find_reserved(
    candidate: ParsedEntity, history: Sequence[SchemaEntity]
) -> list[str]:
    reserved = _reserved_fields(candidate.entity)
    before = _reserved_fields(history[0]) if history else []
    removed = [
        f"The new schema has reserved field {name} removed from its metadata which is "
        "present in the old schema's metadata."
        for name in before
        if name not in reserved
    ]
    conflicting = [
        f"The new schema has field that conflicts with the reserved field {name}."
        for name in reserved
        if name in candidate.field_names
    ]
    return removed + conflicting


def _reserved_fields(entity: SchemaEntity) -> list[str]:
    names = (_property(entity, _RESERVED) or "").split(",")
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _property(entity: SchemaEntity, name: str) -> str | None:
    return (entity.metadata or Metadata()).properties.get(name)
