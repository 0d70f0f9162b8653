"""`contracts codegen`: Python types that are what decoding gives."""

import io
import json
import subprocess
import sys
import typing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from uuid import UUID

import fastavro
import pytest

from registry.codegen import generate_types
from registry.compatibility import parse_schema
from registry.names import Subject
from tests.contracts.conftest import Contracts
from tests.contracts.folders import MONEY, ORDER, write_schema

ROOT = Path(__file__).parents[3]


def generate(**schemas: object) -> str:
    """Return the module for the schemas; ``_`` in a subject stands for ``-``."""
    return generate_types(
        (Subject(subject.replace("_", "-")), parse_schema(json.dumps(schema)))
        for subject, schema in schemas.items()
    )


def load(text: str) -> ModuleType:
    """Run the module's text."""
    module = ModuleType("events")
    exec(text, module.__dict__)  # noqa: S102 - what the generator made
    return module


def record(name: str, *fields: tuple[str, object], **more: object) -> dict[str, object]:
    """Return a record whose fields are pairs of name and type."""
    shown = [{"name": key, "type": kind} for key, kind in fields]
    return {"type": "record", "name": name, "fields": shown, **more}


def logical(kind: str, name: str, **more: object) -> dict[str, object]:
    """Return a primitive type with a meaning."""
    return {"type": kind, "logicalType": name, **more}


def test_types_of_this_repository_are_up_to_date(contracts: Contracts) -> None:
    """After a new version: make the types anew with `contracts codegen`."""
    outcome = contracts("codegen", "--check", "--dir", ROOT / "schemas")

    assert outcome.status == 0, outcome.out


def test_stale_types_are_refused_and_written_anew(
    contracts: Contracts, tmp_path: Path
) -> None:
    """--check and --dry-run write nothing; without them the file is right."""
    write_schema(tmp_path, "money-value", 1, MONEY)
    path = tmp_path / "events.py"

    assert contracts("codegen", "--check", "--dir", tmp_path).status == 1
    assert contracts("codegen", "--dry-run", "--dir", tmp_path).status == 0
    assert not path.exists()
    assert contracts("codegen", "--dir", tmp_path).out == f"wrote {path}\n"
    assert contracts("codegen", "--check", "--dir", tmp_path).status == 0


def test_type_of_another_subject_is_used_not_repeated(
    contracts: Contracts, tmp_path: Path
) -> None:
    """A reference is resolved in the folder."""
    write_schema(tmp_path, "money-value", 1, MONEY)
    write_schema(tmp_path, "order-value", 1, ORDER)

    contracts("codegen", "--dir", tmp_path)

    text = (tmp_path / "events.py").read_text()
    assert text.count("class Money(") == 1
    assert "total: Money" in text


FORMS: dict[str, tuple[object, str]] = {
    "null": ("null", "None"),
    "boolean": ("boolean", "bool"),
    "long": ("long", "int"),
    "float": ("float", "float"),
    "bytes": ("bytes", "bytes"),
    "array": ({"type": "array", "items": "string"}, "list[str]"),
    "map": ({"type": "map", "values": "int"}, "dict[str, int]"),
    "optional": (["null", "string"], "str | None"),
    "same twice": (["int", "long", "null"], "int | None"),
    "fixed": ({"type": "fixed", "name": "F", "size": 2}, "bytes"),
    "decimal": (logical("bytes", "decimal", precision=4, scale=2), "Decimal"),
    "decimal that is none": (logical("bytes", "decimal", precision=-1), "bytes"),
    "date": (logical("int", "date"), "date"),
    "time": (logical("long", "time-micros"), "time"),
    "timestamp": (logical("long", "timestamp-millis"), "datetime"),
    "local": (logical("long", "local-timestamp-micros"), "datetime"),
    "uuid": (logical("string", "uuid"), "UUID"),
    "meaning in the wrong place": (logical("string", "date"), "str"),
}


@pytest.mark.parametrize("name", FORMS)
def test_field_has_the_type_of_decoded_values(name: str) -> None:
    """Every kind of type has its Python type."""
    kind, expected = FORMS[name]

    text = generate(s=record("R", ("a", kind)))

    assert f"\n    a: {expected}\n" in text


def test_decoded_event_is_what_the_type_says() -> None:
    """What fastavro gives has the annotated types, field by field."""
    kinds: dict[str, object] = {
        "d": logical("bytes", "decimal", precision=4, scale=2),
        "t": logical("long", "timestamp-millis"),
        "day": logical("int", "date"),
        "hour": logical("int", "time-millis"),
        "u": logical("string", "uuid"),
    }
    schema = record("R", *kinds.items())
    event = {
        "d": Decimal("1.50"),
        "t": datetime(2024, 1, 2, tzinfo=UTC),
        "day": date(2024, 1, 2),
        "hour": time(3, 4),
        "u": UUID(int=5),
    }
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), event)
    buffer.seek(0)
    decoded = fastavro.schemaless_reader(buffer, fastavro.parse_schema(schema), None)
    assert isinstance(decoded, dict)

    hints = typing.get_type_hints(load(generate(s=schema)).R)

    assert {name: type(value) for name, value in decoded.items()} == hints


def enum(*symbols: str) -> dict[str, object]:
    """Return an enum."""
    return {"type": "enum", "name": "E", "symbols": symbols}


def test_enum_is_a_literal() -> None:
    """A symbol that is none is refused by a type checker."""
    module = load(generate(s=record("R", ("e", enum("A", "B")))))

    assert typing.get_type_hints(module.R) == {"e": typing.Literal["A", "B"]}


def test_types_of_one_name_and_form_are_one() -> None:
    """Docs do not make them two."""
    one = record("R", ("e", enum("A")))
    two = record("S", ("e", {**enum("A"), "doc": "Other."}))

    assert generate(one_value=one, two_value=two).count("E: TypeAlias") == 1


def test_types_of_one_name_and_two_forms_are_told_apart() -> None:
    """The subject's words stand before the name, and records name the right one."""
    text = generate(
        one_value=record("R", ("e", enum("A"))),
        two_value=record("S", ("e", enum("B"))),
    )

    module = load(text)
    assert typing.get_type_hints(module.R) == {"e": typing.Literal["A"]}
    assert typing.get_type_hints(module.S) == {"e": typing.Literal["B"]}
    assert "OneValueE: TypeAlias" in text


def test_two_forms_in_one_subject_are_told_apart() -> None:
    """Namespaces tell them where the subject does not."""
    inner = [
        {**record("E", ("x", kind)), "namespace": space}
        for kind, space in (("int", "a"), ("string", "b"))
    ]
    module = load(generate(s=record("R", ("one", inner[0]), ("two", inner[1]))))

    hints = typing.get_type_hints(module.R)
    assert typing.get_type_hints(hints["one"]) == {"x": int}
    assert typing.get_type_hints(hints["two"]) == {"x": str}


@pytest.mark.parametrize("name", ["class", "str", "__a", "R", "Decimal", "id", "type"])
def test_any_field_name_is_a_key(name: str) -> None:
    """Keywords, names of types and double underscores are keys like others."""
    decimal = logical("bytes", "decimal", precision=4)
    schema = record("R", (name, "string"), ("b", decimal))

    assert typing.get_type_hints(load(generate(s=schema)).R) == {
        name: str,
        "b": Decimal,
    }


@pytest.mark.parametrize("name", ["None", "class", "Decimal", "TypedDict"])
def test_any_type_name_is_a_name(name: str) -> None:
    """A type that Python or the module needs the name of gets another."""
    decimal = logical("bytes", "decimal", precision=4)
    module = load(generate(s=record(name, ("a", decimal))))

    assert typing.get_type_hints(getattr(module, f"{name}_")) == {"a": Decimal}


def test_recursive_type_is_written() -> None:
    """A record may hold itself."""
    module = load(generate(s=record("Node", ("next", ["null", "Node"]))))

    assert typing.get_type_hints(module.Node, vars(module)) == {
        "next": module.Node | None
    }


def test_subject_that_holds_no_record_gets_a_name() -> None:
    """A list of records is a list by the subject's name."""
    items = record("R", ("a", "int"))

    module = load(generate(many_value={"type": "array", "items": items}))

    assert typing.get_args(module.ManyValue) == (module.R,)


HARSH = record(
    "R",
    ("a", enum("A")),
    doc='Ends with a "quote" and has """three""" and \\ and a very long text. ' * 9
    + '"end"',
)


TOOLS = [
    ["ruff", "format", "--check", "--isolated"],
    ["ruff", "check", "--isolated"],
    ["mypy", "--strict", "--cache-dir", "/dev/null"],
]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: " ".join(tool[:2]))
def test_generated_module_satisfies_the_tools(tmp_path: Path, tool: list[str]) -> None:
    """It is formatted and typed, whatever the docs say."""
    odd = record(
        "Odd", ("class", ["null", "Odd"]), ("m", {"type": "map", "values": "Odd"})
    )
    path = tmp_path / "events.py"
    path.write_text(generate(harsh_value=HARSH, odd_value=odd))

    done = subprocess.run(
        [sys.executable, "-m", *tool, path], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
