"""Bodies: read leniently, refused in the reference's words, never an error of ours."""

import pytest

from tests.registry_local.conftest import InProcess


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{bad", "Unexpected character ('b' (code 98)): was expecting double-quote"),
        (b'{"schema":', "Unexpected end-of-input"),
        (b'{"schema": NaN}', "Non-standard token 'NaN'"),
        (b"[" * 100_000, "Document nesting depth (1001) exceeds the maximum allowed"),
        (b"5", "no int/Int-argument constructor/factory method"),
        (b'{"references": {}}', "`ArrayList<SchemaReference>` from Object value"),
        (b'{"metadata": []}', "`Metadata` from Array value"),
        (b'{"version": 9999999999}', "out of range of `int`"),
        (b'{"version": true}', "`Integer` from Boolean value"),
        (b'{"id": []}', "`Integer` from Array value"),
    ],
    ids=range(10),
)
def test_body_of_another_shape_is_refused_with_400(
    registry: InProcess, raw: bytes, message: str
) -> None:
    """The sentence says what was expected where."""
    answer = registry.ask("POST", "/subjects/s/versions", raw=raw)

    assert answer.status_code == 400
    assert answer.json()["error_code"] == 400
    assert message in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"schema": '"int"', "version": "1"}, '"int"'),
        ({"schema": '"int"', "version": 1.9}, '"int"'),
        ({"schema": '"int"', "version": ""}, '"int"'),
        ({"schema": '"int"', "references": None, "ruleSet": {"x": []}}, '"int"'),
        ({"schema": '{"type":"int","x":"\ud800"}'}, '{"type":"int","x":"?"}'),
    ],
    ids=["text", "fraction", "blank", "nulls", "half a character"],
)
def test_lenient_body_is_accepted(
    registry: InProcess, body: dict[str, object], text: str
) -> None:
    """Scalars are converted, nulls and what is not known are ignored."""
    answer = registry.ask("POST", "/subjects/s/versions", body)

    assert answer.status_code == 200
    assert answer.json()["schema"] == text


@pytest.mark.parametrize(
    "number", ["1e999999999", "-1e999999999", "1e9999999999999999999"]
)
def test_number_beyond_all_bounds_is_refused_at_once(
    registry: InProcess, number: str
) -> None:
    """Few characters can write a number that nobody can work out."""
    raw = f'{{"schema": "\\"int\\"", "id": {number}}}'.encode()

    answer = registry.ask("POST", "/subjects/s/versions", raw=raw)

    assert answer.json()["error_code"] == 400
    assert "out of range of `int`" in answer.json()["message"]


def test_number_next_to_nothing_is_nothing(registry: InProcess) -> None:
    """Fractions are cut off, however small."""
    raw = b'{"schema": "\\"int\\"", "version": 1e-9999999999999999999}'

    answer = registry.ask("POST", "/subjects/s/versions", raw=raw)

    assert answer.json()["version"] == 1


@pytest.mark.parametrize(
    "part",
    [
        {"references": [{"name": "R", "subject": "r", "version": 1}] * 501},
        {"metadata": {"properties": {"note": "x" * 1_000_000}}},
    ],
    ids=["references", "metadata"],
)
def test_schema_with_too_much_beside_it_is_refused(
    registry: InProcess, part: dict[str, object]
) -> None:
    """What comes with a schema counts as the schema does."""
    answer = registry.register("s", "int", **part)

    assert answer["error_code"] == 42209


def test_bytes_that_are_not_utf_8_are_not_an_error_of_the_server(
    registry: InProcess,
) -> None:
    """They are read as replacement characters."""
    answer = registry.ask("POST", "/subjects/s/versions", raw=b'{"schema":"\xff\xfe"}')

    assert answer.status_code == 422
    assert "�" in answer.json()["message"]


@pytest.mark.parametrize("kind", ["", " ", "avro", "FOO"])
def test_schema_type_is_taken_as_it_is_written(registry: InProcess, kind: str) -> None:
    """Only a type that is not there means AVRO (registry-spec 2.2 and 2.4)."""
    answer = registry.register("s", "int", schemaType=kind)

    assert answer["error_code"] == 42201
    assert answer["message"] == f"Invalid schema type {kind}"
