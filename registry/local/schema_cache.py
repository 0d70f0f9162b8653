"""Parsed schemas, kept for those who ask again."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from registry.compatibility import AvroSchema, AvroVersion, parse_schema

_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """What a schema is parsed from.

    Attributes:
        text: As stored or sent.
        references: Texts of the schemas it refers to, each after those it needs.
        is_new: Whether names and defaults are checked.
    """

    text: str
    references: tuple[str, ...] = ()
    is_new: bool = False

    @property
    def size_chars(self) -> int:
        """Characters that are read to parse it."""
        return len(self.text) + sum(map(len, self.references))


class SchemaCache:
    """Parses each text once; the newest 4,096 are kept. Any thread may ask."""

    def __init__(self, avro: AvroVersion) -> None:
        self._avro = avro
        self._kept: OrderedDict[Source, AvroSchema] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, source: Source) -> bool:
        """Return whether the schema can be had without parsing it."""
        return source in self._kept

    def parse(self, source: Source) -> AvroSchema:
        """Return the schema, or raise InvalidSchema as `parse_schema` does."""
        with self._lock:
            found = self._kept.get(source)
            if found is not None:
                self._kept.move_to_end(source)
                return found
        parsed = parse_schema(
            source.text,
            references=source.references,
            is_new=source.is_new,
            avro=self._avro,
        )
        with self._lock:
            self._kept[source] = parsed
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return parsed
