"""From a schema as sent to a parsed one, and whether two of them are the same."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from registry.compatibility import (
    AvroSchema,
    InvalidSchema,
    are_equivalent,
    canonical_text,
    normalize,
    resolved_text,
)
from registry.local import refusals
from registry.local.contexts import qualify
from registry.local.emulation import Emulation
from registry.local.entities import (
    AVRO,
    Reference,
    SchemaEntity,
)
from registry.local.offload import Offload
from registry.local.sameness import have_same_metadata, may_be_same
from registry.local.schema_cache import SchemaCache, Source
from registry.local.versions import Versions

_SCHEMA_TYPES = {AVRO, "JSON", "PROTOBUF"}


@dataclass(frozen=True, slots=True)
class ParsedEntity:
    """A schema whose text is canonical and whose references have numbers."""

    entity: SchemaEntity
    schema: AvroSchema

    @property
    def field_names(self) -> set[str]:
        """The names of a record's own fields; none for other types."""
        root = json.loads(self.entity.text or "null")
        fields = root.get("fields", []) if isinstance(root, dict) else []
        return {field["name"] for field in fields}


class Parser:
    """Parses schemas with the types they refer to; keeps the newest thousands."""

    def __init__(
        self, versions: Versions, offload: Offload, *, wording: Emulation
    ) -> None:
        self._versions = versions
        self._offload = offload
        self._wording = wording
        self._cache = SchemaCache(wording.avro)

    def parse(self, entity: SchemaEntity, *, is_new: bool) -> ParsedEntity:
        """Return the schema with canonical text.

        Args:
            entity: Has a text that is not blank.
            is_new: Check names and defaults, and refuse references to deleted versions.

        Raises:
            RegistryRefused: 42201, in the reference's words.
        """
        if entity.schema_type != AVRO:
            raise refusals.invalid_schema(self._refuse_type(entity))
        references = list(entity.references)
        try:
            texts = self._resolve(entity.subject, references, is_new=is_new)
            schema = self._parse(Source(entity.text or "", texts, is_new))
        except (InvalidSchema, _UnknownReference) as exc:
            tried = replace(entity, references=tuple(references))
            raise refusals.invalid_schema(self._explain(tried, exc)) from exc
        text, numbered = canonical_text(schema), tuple(references)
        if entity.text == text and entity.references == numbered:
            return ParsedEntity(entity, schema)
        return ParsedEntity(replace(entity, references=numbered, text=text), schema)

    def format(self, entity: SchemaEntity, form: str) -> str:
        """Return the text, with all references inlined if `form` is `resolved`."""
        if form == "resolved":
            return resolved_text(self.parse(entity, is_new=False).schema)
        return entity.text or ""

    def normalize(self, parsed: ParsedEntity) -> ParsedEntity:
        """Return the normal form: sorted properties, aliases and references.

        Raises:
            InvalidSchema: A default cannot be written anew.
            WorkPending: That takes long; see there.
        """
        text = parsed.entity.text or ""
        schema = self._offload.compute(
            ("normalize", text, parsed.entity.references),
            partial(normalize, parsed.schema),
            size_chars=len(text),
        )
        references = tuple(
            sorted(
                dict.fromkeys(parsed.entity.references),
                key=lambda each: (each.subject or "", each.version or 0),
            )
        )
        entity = replace(
            parsed.entity, text=canonical_text(schema), references=references
        )
        return ParsedEntity(entity, schema)

    def prepare(self, stored: Sequence[SchemaEntity]) -> None:
        """Have stored versions parsed, so that `parse` returns them at once.

        Raises:
            WorkPending: That takes long; see there.
        """
        sources = [found for it in stored if (found := self._find_source(it))]
        missing = tuple(it for it in sources if not self._cache.has(it))
        self._offload.compute(
            ("parse", missing),
            partial(_parse_all, self._cache, missing),
            size_chars=sum(it.size_chars for it in missing),
        )

    def find_same(
        self, wanted: ParsedEntity, stored: Sequence[SchemaEntity]
    ) -> SchemaEntity | None:
        """Return the first stored version that a look-up of `wanted` finds.

        Raises:
            WorkPending: Parsing them takes long; see there.
        """
        self.prepare(stored)
        return next((each for each in stored if self.is_same(wanted, each)), None)

    def is_same(self, wanted: ParsedEntity, stored: SchemaEntity) -> bool:
        """Return whether a look-up of `wanted` finds the stored version.

        The texts must be equivalent; the references equal, or all inlined; the
        metadata equal apart from a version that only one of them claims.
        """
        if wanted.entity.references not in {stored.references, ()}:
            return False
        if not have_same_metadata(wanted.entity, stored):
            return False
        found = self.parse(stored, is_new=False).schema
        return may_be_same(wanted.schema, found) and are_equivalent(
            wanted.schema, found
        )

    def describe(self, request: SchemaEntity) -> str:
        """Return the form in which a refused request is printed, numbers and all."""
        return request.describe(
            version=request.version,
            schema_id=request.schema_id,
            without=self._wording.unknown_parts,
        )

    def _refuse_type(self, entity: SchemaEntity) -> str:
        if entity.schema_type not in _SCHEMA_TYPES:
            return f"Invalid schema type {entity.schema_type}"
        if entity.schema_type == "JSON":
            return f"Invalid schema {self.describe(entity)}, details: Invalid JSON"
        return self._explain(entity, "this registry keeps Avro schemas only")

    def _explain(self, entity: SchemaEntity, problem: object) -> str:
        references = ", ".join(str(each) for each in entity.references)
        printed = entity.describe(without=self._wording.unknown_parts)
        return (
            f"Invalid schema of type {entity.schema_type}, details: Invalid schema "
            f"{printed} with refs [{references}] of type {entity.schema_type}, "
            f"details: {problem}"
        )

    def _parse(self, source: Source) -> AvroSchema:
        if self._cache.has(source):
            return self._cache.parse(source)
        return self._offload.compute(
            ("parse", source),
            partial(self._cache.parse, source),
            size_chars=source.size_chars,
        )

    def _find_source(self, stored: SchemaEntity) -> Source | None:
        try:
            texts = self._resolve(stored.subject, list(stored.references), is_new=False)
        except _UnknownReference:
            return None
        return Source(stored.text or "", texts)

    def _resolve(
        self, subject: str, references: list[Reference], *, is_new: bool
    ) -> tuple[str, ...]:
        texts: dict[str, str] = {}
        visited: set[str] = set()
        self._collect(subject, references, texts, visited, with_deleted=not is_new)
        return tuple(texts.values())

    def _collect(
        self,
        subject: str,
        references: list[Reference],
        texts: dict[str, str],
        visited: set[str],
        *,
        with_deleted: bool,
    ) -> None:
        for place, reference in enumerate(references):
            name, stored = self._follow(subject, reference, with_deleted=with_deleted)
            references[place] = (
                replace(reference, version=stored.version)
                if reference.version == -1
                else reference
            )
            if name in visited:
                continue
            visited.add(name)
            inner = list(stored.references)
            self._collect(
                stored.subject, inner, texts, visited, with_deleted=with_deleted
            )
            texts.setdefault(name, stored.text or "")

    def _follow(
        self, subject: str, reference: Reference, *, with_deleted: bool
    ) -> tuple[str, SchemaEntity]:
        name, target, version = reference.name, reference.subject, reference.version
        if name is None or target is None or version is None:
            message = f"Invalid reference: {reference}"
            raise _UnknownReference(message)
        qualified = qualify(subject, target)
        stored = self._versions.find(qualified, version, with_deleted=with_deleted)
        if stored is None:
            message = (
                f'No schema reference found for subject "{qualified}" '
                f"and version {version}"
            )
            raise _UnknownReference(message)
        return name, stored


class _UnknownReference(Exception):
    """A reference leads nowhere; the text is the reference's own."""


def _parse_all(cache: SchemaCache, sources: Sequence[Source]) -> None:
    for source in sources:
        # What cannot be parsed is told when it is asked for.
        with suppress(InvalidSchema):
            cache.parse(source)
