"""Random Avro schemas with values of them, and readers that differ from writers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import strategies as st

Json = Any
Values = st.SearchStrategy[Any]

_TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.text("ab", min_size=70)
_MIDNIGHT = datetime(1970, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
_FAR = datetime(2500, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone


@dataclass(frozen=True, slots=True)
class Typed:
    """A type as JSON, and its values."""

    schema: Json
    values: Values


def _instants(unit: int) -> Values:
    times = st.datetimes(_MIDNIGHT, _FAR, timezones=st.just(UTC))
    return times.map(lambda t: t.replace(microsecond=t.microsecond // unit * unit))


def _decimals(precision: int, scale: int) -> Values:
    limit = 10**precision - 1
    return st.integers(-limit, limit).map(
        lambda number: Decimal(f"{number}e-{scale}")  # exact, however many digits
    )


SIMPLE = [
    Typed("null", st.none()),
    Typed("boolean", st.booleans()),
    Typed("int", st.integers(-(2**31), 2**31 - 1) | st.integers(-200, 200)),
    Typed("long", st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200)),
    Typed("float", st.floats(width=32, allow_nan=False)),
    Typed("double", st.floats(allow_nan=False)),
    Typed("bytes", st.binary(max_size=9)),
    Typed("string", _TEXT),
]
LOGICAL = [
    Typed(
        {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
        _decimals(12, 2),
    ),
    Typed(
        {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 0},
        _decimals(40, 0),
    ),
    Typed({"type": "long", "logicalType": "timestamp-millis"}, _instants(1000)),
    Typed({"type": "long", "logicalType": "timestamp-micros"}, _instants(1)),
    Typed(
        {"type": "long", "logicalType": "local-timestamp-millis"},
        _instants(1000).map(lambda t: t.replace(tzinfo=None)),
    ),
    Typed({"type": "int", "logicalType": "date"}, st.dates(date(1, 1, 1))),
    Typed(
        {"type": "int", "logicalType": "time-millis"},
        st.times(time.min).map(
            lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
        ),
    ),
    Typed({"type": "long", "logicalType": "time-micros"}, st.times()),
    Typed({"type": "string", "logicalType": "uuid"}, st.uuids()),
    Typed({"type": "int", "logicalType": "no-such"}, st.integers(-9, 9)),
]


@st.composite
def records(draw: st.DrawFn, *, with_unions: bool = True) -> Typed:
    """Draw a record type with up to four fields, three levels deep."""
    builder = _Builder(draw, with_unions=with_unions)
    return builder.record(depth=3)


class _Builder:
    def __init__(self, draw: st.DrawFn, *, with_unions: bool) -> None:
        self._draw = draw
        self._names: Iterator[int] = count()
        self._with_unions = with_unions
        self._known: list[Typed] = []

    def record(self, depth: int) -> Typed:
        name = f"R{next(self._names)}"
        fields = [self._type(depth - 1) for _ in range(self._draw(st.integers(0, 4)))]
        labels = [f"f{index}" for index in range(len(fields))]
        schema = {
            "type": "record",
            "name": name,
            "fields": [
                {"name": label, "type": each.schema}
                for label, each in zip(labels, fields, strict=True)
            ],
        }
        values = dict(zip(labels, (each.values for each in fields), strict=True))
        typed = Typed(schema, st.fixed_dictionaries(values))
        self._known.append(Typed(name, typed.values))
        return typed

    def _type(self, depth: int) -> Typed:
        kinds: list[Callable[[int], Typed]] = [self._simple]
        if depth > 0:
            kinds += [self._array, self._map, self.record]
            kinds += [self._nullable, self._union] if self._with_unions else []
        return self._draw(st.sampled_from(kinds))(depth)

    def _simple(self, depth: int) -> Typed:
        named = [self._enum, self._fixed, self._fixed_decimal]
        make = self._draw(st.sampled_from([None, *named]))
        if make is not None:
            typed = make(depth)
            self._known.append(Typed(typed.schema["name"], typed.values))
            return typed
        return self._draw(st.sampled_from([*SIMPLE, *LOGICAL, *self._known]))

    def _enum(self, depth: int) -> Typed:  # noqa: ARG002 - like its siblings
        symbols = [f"S{index}" for index in range(self._draw(st.integers(1, 70)))]
        name = f"E{next(self._names)}"
        schema = {"type": "enum", "name": name, "symbols": symbols}
        return Typed(schema, st.sampled_from(symbols))

    def _fixed(self, depth: int) -> Typed:  # noqa: ARG002 - like its siblings
        size = self._draw(st.integers(1, 5))
        schema = {"type": "fixed", "name": f"F{next(self._names)}", "size": size}
        return Typed(schema, st.binary(min_size=size, max_size=size))

    def _fixed_decimal(self, depth: int) -> Typed:
        schema = {
            **self._fixed(depth).schema,
            "size": 5,
            "logicalType": "decimal",
            "precision": 11,
            "scale": 3,
        }
        return Typed(schema, _decimals(11, 3))

    def _array(self, depth: int) -> Typed:
        items = self._type(depth - 1)
        schema = {"type": "array", "items": items.schema}
        return Typed(schema, st.lists(items.values, max_size=3))

    def _map(self, depth: int) -> Typed:
        values = self._type(depth - 1)
        schema = {"type": "map", "values": values.schema}
        return Typed(schema, st.dictionaries(_TEXT, values.values, max_size=3))

    def _nullable(self, depth: int) -> Typed:
        other = self._simple(depth)
        if other.schema == "null":
            return other
        branches = self._draw(st.permutations(["null", other.schema]))
        return Typed(branches, st.none() | other.values)

    def _union(self, depth: int) -> Typed:
        words = ["null", "boolean", "long", "double", "string", "bytes"]
        picked = self._draw(st.lists(st.sampled_from(words), unique=True, max_size=3))
        typed = [each for each in SIMPLE if each.schema in picked]
        record = self.record(depth - 1)
        schema = [*(each.schema for each in typed), record.schema]
        return Typed(schema, st.one_of(*(each.values for each in typed), record.values))


_WIDER = {
    "int": ["long", "float", "double"],
    "long": ["float", "double"],
    "float": ["double"],
    "string": ["bytes"],
    "bytes": ["string"],
}
_NEW_FIELDS: list[dict[str, Json]] = [
    {"type": "int", "default": 7},
    {"type": "string", "default": "none"},
    {"type": ["null", "string"], "default": None},
    {"type": {"type": "array", "items": "int"}, "default": [1, 2]},
    {"type": {"type": "map", "values": "string"}, "default": {"a": "b"}},
    {"type": "boolean"},
]


@st.composite
def readers(draw: st.DrawFn, writer: Json) -> Json:
    """Draw a schema that somebody may read the writer's records with."""
    return _Reader(draw).differ(json.loads(json.dumps(writer)))


class _Reader:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def differ(self, schema: Json) -> Json:
        if isinstance(schema, list):
            return self._draw(st.permutations([self.differ(each) for each in schema]))
        if isinstance(schema, str):
            return self._differ_simple(schema)
        return self._differ_complex(schema)

    def _differ_simple(self, word: str) -> Json:
        wider = self._draw(st.sampled_from([word, word, *_WIDER.get(word, [])]))
        is_primitive = any(word == each.schema for each in SIMPLE)
        forms = [wider, wider, {"type": wider}] if is_primitive else [word]
        form = self._draw(st.sampled_from(forms))
        is_union = is_primitive and word != "null" and self._chance()
        return ["null", form] if is_union else form

    def _differ_complex(self, schema: dict[str, Json]) -> Json:
        match schema["type"]:
            case "record":
                self._differ_record(schema)
            case "array":
                schema["items"] = self.differ(schema["items"])
            case "map":
                schema["values"] = self.differ(schema["values"])
            case "enum" if self._chance():
                schema["symbols"] = schema["symbols"][:-1] or ["S0"]
                schema["default"] = schema["symbols"][0]
            case "fixed" if self._chance():
                schema["size"] += 1
        return schema

    def _differ_record(self, schema: dict[str, Json]) -> None:
        fields = [
            dict(field, type=self.differ(field["type"]))
            for field in schema["fields"]
            if not self._chance()
        ]
        for field in fields:
            if self._chance():
                field["aliases"] = [field["name"]]
                field["name"] = f"new_{field['name']}"
        if self._chance():
            added = self._draw(st.sampled_from(_NEW_FIELDS))
            fields.append(dict(added, name="added"))
        schema["fields"] = self._draw(st.permutations(fields))
        if self._chance():
            schema["aliases"] = [schema["name"]]
            schema["name"] = f"New{schema['name']}"

    def _chance(self) -> bool:
        return self._draw(st.integers(0, 5)) == 0
