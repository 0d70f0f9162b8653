"""From a text to the model: identity, places, names, references."""

import json
from typing import Any

import pytest

from registry.compatibility import (
    AvroVersion,
    EnumSchema,
    FullName,
    InvalidSchema,
    RecordSchema,
    UnionSchema,
    parse_schema,
    resolved_text,
)
from registry.compatibility.model import find_parts

MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[]}'


def record(*fields: dict[str, Any], **others: Any) -> str:  # noqa: ANN401 - JSON
    """Return the text of a record R."""
    return json.dumps({"type": "record", "name": "R", "fields": fields} | others)


def parse_record(text: str, **options: Any) -> RecordSchema:  # noqa: ANN401 - passed on
    """Return the record that the text defines."""
    root = parse_schema(text, **options).root
    assert isinstance(root, RecordSchema)
    return root


def test_a_name_means_the_one_object_of_its_definition() -> None:
    """Uses of a named type are the same object; other types are one each."""
    enum = {"type": "enum", "name": "E", "symbols": ["A"]}

    root = parse_record(
        record(
            {"name": "a", "type": enum},
            {"name": "b", "type": ["null", "E"]},
            {"name": "c", "type": "int"},
            {"name": "d", "type": "int"},
        )
    )

    union = root.fields[1].type
    assert isinstance(union, UnionSchema)
    assert union.branches[1] is root.fields[0].type
    assert root.fields[2].type is not root.fields[3].type


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"type":"array","items":"int"}', ["int"]),
        ('{"type":"map","values":"string"}', ["string"]),
        ('["null","long"]', ["null", "long"]),
        (
            record({"name": "a", "type": "bytes"}, {"name": "b", "type": "int"}),
            ["bytes", "int"],
        ),
        ('{"type":"enum","name":"E","symbols":["A"]}', []),
        ('"double"', []),
    ],
)
def test_parts_of_a_type_come_in_their_order(text: str, parts: list[str]) -> None:
    """Items, values, branches, types of fields; other types have none."""
    assert [each.type for each in find_parts(parse_schema(text).root)] == parts


def test_a_name_in_the_place_of_a_type_word_means_the_type() -> None:
    """Before and, since 1.12, after its definition."""
    enum = {"type": "enum", "name": "E", "symbols": ["A"]}
    by_name = {"type": {"type": "E"}}

    root = parse_record(
        record(
            {"name": "a"} | by_name,
            {"name": "b", "type": enum},
            {"name": "c"} | by_name,
        )
    )

    assert root.fields[0].type is root.fields[1].type
    assert root.fields[2].type is root.fields[1].type


def test_a_record_may_contain_itself() -> None:
    """The type of a recursive field is the record itself."""
    root = parse_record(record({"name": "next", "type": ["null", "R"]}))

    union = root.fields[0].type
    assert isinstance(union, UnionSchema)
    assert union.branches[1] is root


def test_types_and_fields_know_their_places() -> None:
    """Line and column are those of an editor."""
    text = '{"type":"record","name":"R","fields":[\n  {"name":"a",\n   "type": "int"}]}'

    root = parse_record(text)

    assert root.position == (1, 1)
    assert root.fields[0].position == (2, 3)
    assert root.fields[0].type.position == (3, 12)


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"enum","name":"E","symbols":[]}',
        '{"type":"fixed","name":"F","size":1}',
        '{"type":"array","items":"int"}',
        '{"type":"map","values":"int"}',
        '{"type":"long","p":1}',
    ],
)
def test_every_kind_of_type_knows_its_place(text: str) -> None:
    """Where its definition starts, a union where its bracket stands."""
    root = parse_schema(f'\n ["null",\n  {text}]').root

    assert isinstance(root, UnionSchema)
    assert root.position == (2, 2)
    assert [each.position for each in root.branches] == [(2, 3), (3, 3)]


def test_since_1_12_a_name_that_starts_with_a_dot_means_nothing() -> None:
    """Before, it means the type of that name without a namespace."""
    plain = '{"type":"fixed","name":"A","size":1}'
    by_name = record({"name": "f", "type": ".A"}, namespace="n")
    text = f"[{plain},{by_name}]"

    before = parse_schema(text, avro=AvroVersion.V1_11)
    assert before.canonical_text.endswith('"fields":[{"name":"f","type":"A"}]}]')
    with pytest.raises(InvalidSchema, match=r"^Undefined schema: \.A$"):
        parse_schema(text)


def test_an_error_stays_an_error_in_the_canonical_string() -> None:
    """Only the normal form makes a record of it."""
    text = '{"type":"error","name":"E","fields":[]}'

    assert parse_schema(text).canonical_text == text


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('["int",\n "int"]', 1, 1),
        ('{"type": "fixed",\n "name": "F",\n "size": -1}', 3, 10),
        ('["string",\n {"type": "enum", "name": "1E", "symbols": []}]', 2, 27),
        ('["string",\n "Nope"]', 2, 2),
        ('"int"\n x', 1, 6),
    ],
)
def test_a_refusal_names_the_place(text: str, line: int, column: int) -> None:
    """InvalidSchema carries the line and the column of the fault."""
    with pytest.raises(InvalidSchema) as caught:
        parse_schema(text)

    assert (caught.value.line, caught.value.column) == (line, column)


def test_types_of_references_are_named_and_resolved_inline() -> None:
    """The canonical string names them; the resolved text defines them."""
    text = record({"name": "price", "type": "shop.Money"})

    schema = parse_schema(text, references=[MONEY])

    assert '"type":"shop.Money"' in schema.canonical_text
    assert f'"type":{MONEY}' in resolved_text(schema)


def test_a_name_that_is_an_avro_word_is_written_in_full() -> None:
    """Inside its own namespace too, where other names are short."""
    text = record({"name": "f", "type": ["null", "map", "Q"]}, name="n.map")
    other = '{"type":"record","name":"n.Q","fields":[]}'

    printed = parse_schema(text, references=[other]).canonical_text

    assert '"type":["null","n.map","Q"]' in printed


def test_only_the_root_of_a_reference_is_named() -> None:
    """A type defined inside a referenced type is defined again where it is used."""
    inner = '{"type":"enum","name":"E","symbols":["A"]}'
    outer = f'{{"type":"record","name":"O","fields":[{{"name":"e","type":{inner}}}]}}'
    text = record({"name": "o", "type": "O"}, {"name": "e", "type": "E"})

    schema = parse_schema(text, references=[outer])

    assert f'{{"name":"o","type":"O"}},{{"name":"e","type":{inner}}}' in (
        schema.canonical_text
    )


def test_a_missing_reference_is_named_in_full() -> None:
    """The name in the refusal is what the text means in its namespace."""
    text = record({"name": "price", "type": "Money"}, namespace="shop")

    with pytest.raises(InvalidSchema, match=r"^Undefined schema: shop\.Money$"):
        parse_schema(text)


def test_before_1_12_a_name_must_be_defined_before_its_use() -> None:
    """1.12 takes a forward reference, 1.11 does not."""
    later = {"type": "record", "name": "X", "fields": []}
    text = record({"name": "a", "type": "X"}, {"name": "b", "type": later})

    root = parse_record(text)

    assert root.fields[0].type is root.fields[1].type
    with pytest.raises(InvalidSchema, match='"X" is not a defined name'):
        parse_schema(text, avro=AvroVersion.V1_11)


def test_since_1_12_a_type_may_be_defined_twice_alike() -> None:
    """Alike is what Avro compares: a different doc passes, a property does not."""
    once = {"type": "enum", "name": "E", "symbols": ["A"]}

    root = parse_record(
        record({"name": "a", "type": once}, {"name": "b", "type": once | {"doc": "d"}})
    )

    assert root.fields[1].type is root.fields[0].type
    with pytest.raises(InvalidSchema, match="Can't redefine: E"):
        parse_schema(
            record({"name": "a", "type": once}, {"name": "b", "type": once | {"p": 1}})
        )


LATER = {"type": "record", "name": "X", "fields": [{"name": "q", "type": "int"}]}


def test_a_default_may_come_before_the_definition_of_its_type() -> None:
    """A value of the type that follows is accepted."""
    first = {"name": "a", "type": "X", "default": {"q": 1}}

    root = parse_record(record(first, {"name": "b", "type": LATER}))

    assert root.fields[0].type is root.fields[1].type


@pytest.mark.parametrize(
    ("default", "refusal"),
    [
        ({}, 'Invalid default for field a: {} not a .*"name":"X"'),
        (5, "Invalid default for field a: 5 not a .*UnresolvedSchema_0"),
    ],
)
def test_a_wrong_default_before_its_type_is_refused(
    default: object, refusal: str
) -> None:
    """A forward reference does not let a wrong default slip through."""
    first = {"name": "a", "type": "X", "default": default}

    with pytest.raises(InvalidSchema, match=refusal):
        parse_schema(record(first, {"name": "b", "type": LATER}))


def test_a_default_inside_the_record_it_belongs_to_is_refused() -> None:
    """A record cannot be its own default while it is read."""
    text = record({"name": "a", "type": ["null", "R"], "default": {}})

    with pytest.raises(InvalidSchema, match=r"^Schema fields not set yet$"):
        parse_schema(text)


def test_names_and_aliases_take_the_namespace_of_their_type() -> None:
    """An alias without a dot lies in the namespace of its type."""
    root = parse_schema(
        '{"type":"enum","name":"n.E","symbols":["A"],"aliases":["F","m.G","n.F"]}'
    ).root

    assert isinstance(root, EnumSchema)
    assert root.name == FullName("E", "n")
    assert root.aliases == (FullName("F", "n"), FullName("G", "m"))


def test_a_stored_text_is_held_to_fewer_rules() -> None:
    """Invalid defaults and letters of any script pass in what is stored already."""
    text = record({"name": "é", "type": "int", "default": "x"})

    assert parse_record(text, is_new=False).fields[0].name == "é"
    with pytest.raises(InvalidSchema):
        parse_schema(text)


@pytest.mark.parametrize("text", ["", "  \n", "// nothing"])
def test_a_blank_text_is_no_schema(text: str) -> None:
    """Nothing but space and comments is refused."""
    with pytest.raises(InvalidSchema, match="Cannot parse <null> schema"):
        parse_schema(text)


@pytest.mark.parametrize("kind", ["record", "array", "map"])
def test_since_1_12_a_property_beyond_a_long_is_refused(kind: str) -> None:
    """Avro copies these types, and such a number it does not (registry-spec 1.7)."""
    rest: dict[str, Any] = {"name": "R", "fields": [], "items": "int", "values": "int"}
    text = json.dumps({"type": kind, **rest, "big": 2**63})

    with pytest.raises(InvalidSchema, match="Can't set a property to null: big"):
        parse_schema(text)
    assert str(2**63) in parse_schema(text, avro=AvroVersion.V1_11).canonical_text


def test_a_property_that_is_not_copied_may_be_beyond_a_long() -> None:
    """Those of primitives, enums, fixed types and fields, and what lies deeper."""
    field = {"name": "f", "type": {"type": "int", "big": 2**63}, "big": -(2**63) - 1}

    text = record(field, deep=[2**63], long=2**63 - 1, low=-(2**63))

    assert json.loads(parse_schema(text).canonical_text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (json.dumps([json.loads(record({"name": "a", "type": "S"})), "T"]), "S"),
        (record({"name": "a", "type": "S"}, {"name": "b", "type": "T"}), "S"),
        ('["S","T"]', "T"),
        ('[{"type":"array","items":"S"},"T"]', "T"),
    ],
)
def test_of_names_that_are_defined_nowhere_avro_tells_one(
    text: str, missing: str
) -> None:
    """Records first, then branches of a union, the last first (registry-spec 1.7)."""
    with pytest.raises(InvalidSchema, match=f"Undefined schema: {missing}$"):
        parse_schema(text)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("1a", "Illegal initial character: 1a"),
        ("a-b", "Illegal character in: a-b"),
        ("", "Empty name"),
        ("Nope", "Type not supported: Nope"),
    ],
)
def test_before_1_12_a_type_word_must_be_a_name(word: str, reason: str) -> None:
    """It is looked up as one, and no name is refused first (registry-spec 1.7)."""
    with pytest.raises(InvalidSchema, match=f"^{reason}"):
        parse_schema(json.dumps({"type": word}), avro=AvroVersion.V1_11)


def test_before_1_12_a_record_that_is_not_finished_has_no_fields_to_show() -> None:
    """A refused default of its own type quotes it so (registry-spec 1.7)."""
    text = record({"name": "f", "type": "R", "default": 1})

    with pytest.raises(InvalidSchema, match=r'1 not a \{"type":"record","name":"R"\}$'):
        parse_schema(text, avro=AvroVersion.V1_11)
