"""Schema text never becomes code."""

import ast
import json
from typing import Any

import pytest

from registry.codec import Generated, compile_decoder, compile_encoder
from registry.errors import InvalidSchema
from tests.codec.reference import decode, encode, write

EVIL = [
    "');import os#",
    '"); raise SystemExit #',
    "a\nimport os",
    "a\\",
    "'''",
    "{__import__('os')}",
    "\u2028raise SystemExit",
    "\ud800",
]
RESERVED = [
    *["body", "pos", "end", "out", "event", "count", "decode", "encode", "exc"],
    *["len", "range", "SMALL", "STEPS", "PREFIX", "FAULTS", "malformed", "unfit"],
    *["None", "True", "class", "lambda", "__builtins__", "__class__", "_", "self"],
    "x" * 300,
]


def sources(schema: dict[str, Any]) -> list[Generated]:
    """Return both codecs of a schema, and the decoder that steps over everything."""
    text = json.dumps(schema)
    return [
        compile_decoder(writer=text),
        compile_decoder(writer=text, fields=()),
        compile_encoder(text),
    ]


def names_in(source: str) -> set[str]:
    """Return every name that a source defines, reads or imports."""
    nodes = list(ast.walk(ast.parse(source)))
    assert not any(isinstance(each, ast.Import | ast.ImportFrom) for each in nodes)
    return {each.id for each in nodes if isinstance(each, ast.Name)}


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("place", ["record", "field", "symbol", "fixed"])
def test_illegal_name_is_refused(evil: str, place: str) -> None:
    """A name is letters, digits and underscores, or there is no codec."""
    schemas: dict[str, dict[str, Any]] = {
        "record": {"type": "record", "name": evil, "fields": []},
        "field": {
            "type": "record",
            "name": "R",
            "fields": [{"name": evil, "type": "int"}],
        },
        "symbol": {"type": "enum", "name": "E", "symbols": [evil]},
        "fixed": {"type": "fixed", "name": evil, "size": 1},
    }
    text = json.dumps(schemas[place])

    with pytest.raises(InvalidSchema):
        compile_decoder(writer=text)
    with pytest.raises(InvalidSchema):
        compile_encoder(text)


@pytest.mark.parametrize("evil", EVIL[:-1])
def test_hostile_text_stays_data(evil: str) -> None:
    """Docs and unknown properties are not in the code, defaults are values."""
    field = {"name": "a", "type": "string", "default": evil, "doc": evil}
    schema: dict[str, Any] = {
        "type": "record",
        "name": "R",
        "doc": evil,
        evil: evil,
        "fields": [field, {"name": "b", "type": {"type": "map", "values": "int"}}],
    }
    empty = {"type": "record", "name": "R", "fields": []}
    reader = {**schema, "fields": [field]}

    assert decode(b"", empty, reader) == {"a": evil}
    assert decode(encode({"b": {evil: 1}}, schema), schema) == {
        "a": evil,
        "b": {evil: 1},
    }
    assert not [each for each in sources(schema) if evil in each.source]


@pytest.mark.parametrize("name", RESERVED)
def test_field_may_have_any_legal_name(name: str) -> None:
    """Names of the generated code's own, and of Python's, stand for fields alone."""
    inner = {
        "type": "record",
        "name": "Inner",
        "fields": [{"name": name, "type": "int"}],
    }
    fields = [
        {"name": name, "type": "string"},
        {"name": f"{name}_2", "type": {"type": "array", "items": inner}},
        {"name": "a_number", "type": "long"},
    ]
    schema = {"type": "record", "name": "R", "fields": fields}
    event = {name: "x", f"{name}_2": [{name: 7}, {name: 300}], "a_number": 2**40}

    assert decode(encode(event, schema), schema) == event
    assert encode(event, schema) == write(schema, event)


@pytest.mark.parametrize("name", ["größe", "Å", "\ufb01x"])
def test_letters_of_other_alphabets_are_no_identifiers(name: str) -> None:
    """Python would read some of them as other names than they are."""
    fields = [{"name": name, "type": "int"}, {"name": "fix", "type": "int"}]
    schema = {"type": "record", "name": "R", "fields": fields}

    found = sources(schema)

    assert decode(b"\x02\x04", schema) == {name: 1, "fix": 2}
    assert all(each.source.isascii() for each in found)


def test_generated_code_can_name_nothing_but_what_it_is_given() -> None:
    """There is no import, no open, no eval within its reach."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}

    for_all = [each.function.__globals__["__builtins__"] for each in sources(schema)]

    assert not any(
        {"__import__", "open", "eval", "exec"} & set(each) for each in for_all
    )
    assert names_in(compile_decoder(writer=json.dumps(schema)).source) >= {"a", "body"}


def test_type_used_a_thousand_times_is_one_function() -> None:
    """A schema that doubles itself twenty times gives code as long as its text."""
    doubled: Any = {"type": "record", "name": "R0", "fields": []}
    definitions = [doubled]
    definitions += [
        {
            "type": "record",
            "name": f"R{level}",
            "fields": [
                {"name": side, "type": f"R{level - 1}"} for side in ("left", "right")
            ],
        }
        for level in range(1, 20)
    ]
    schema = {
        "type": "record",
        "name": "All",
        "fields": [
            {"name": f"f{index}", "type": each}
            for index, each in enumerate(definitions)
        ],
    }

    assert max(len(each.source) for each in sources(schema)) < 50_000


def test_types_nested_beyond_what_python_nests_are_read() -> None:
    """Thirty arrays in one another are more than Python has blocks."""
    schema: Any = "int"
    event: Any = 5
    for _ in range(30):
        schema, event = {"type": "array", "items": schema}, [event]

    assert decode(write(schema, event), schema) == event
    assert encode(event, schema) == write(schema, event)
