"""The recorded table of changes that registries accept, against the gate."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from registry.compatibility import (
    ArraySchema,
    AvroType,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
    parse_schema,
)
from registry.gate.baselines import FolderBaseline
from registry.gate.findings import Finding, Severity
from registry.gate.folders import folder_of
from registry.gate.java import read_as_java
from registry.gate.java_values import JavaFailure
from registry.gate.judge import Settings, judge
from registry.gate.references import Library
from registry.gate.report import Report
from registry.gate.samples import Branch, Sample
from registry.names import CompatibilityLevel

_TABLE = Path(__file__).parents[1] / "fidelity" / "silent_corruption.json"
ROWS = json.loads(_TABLE.read_text(encoding="utf-8"))["rows"]
_GRAVE = (Severity.ERROR, Severity.WARNING)


def _rows(expectation: str) -> list[Any]:
    chosen = [row for row in ROWS if row["expect"] == expectation]
    return [pytest.param(row, id=row["category"]) for row in chosen]


def _judge(row: dict[str, Any]) -> Report:
    old, new = (json.dumps(row[key], ensure_ascii=False) for key in ("old", "new"))
    released = folder_of("released", {"s/v1.avsc": old}, manifest=None)
    proposed = folder_of("s", {"s/v1.avsc": old, "s/v2.avsc": new}, manifest=None)
    baseline = FolderBaseline("dir:released", released, library=Library())
    settings = Settings(level=CompatibilityLevel.BACKWARD)
    return judge(proposed, [baseline], settings=settings)


def _about_data(report: Report) -> list[Finding]:
    return [
        each
        for each in report.findings
        if not each.rule_id.startswith("LINT_") and each.rule_id != "ROLLBACK_IS_NO_OP"
    ]


@pytest.mark.parametrize("row", _rows("finding"))
def test_harmful_change_is_found_with_a_witness(row: dict[str, Any]) -> None:
    """What consumers get wrong is a warning or an error, and is proved."""
    found = _about_data(_judge(row))

    assert [each for each in found if each.witness and each.severity in _GRAVE]


@pytest.mark.parametrize("row", _rows("none"))
def test_harmless_change_is_not_reported(row: dict[str, Any]) -> None:
    """The safe twins give no finding about data."""
    assert _about_data(_judge(row)) == []


def test_two_fields_that_claim_one_have_not_changed_places() -> None:
    """One harm, one rule: the reason given is the reason."""
    fields = [
        {"name": name, "type": "int", "default": -1, "aliases": ["a"]} for name in "pq"
    ]
    old = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}

    found = _about_data(_judge({"old": old, "new": {**old, "fields": fields}}))

    assert [each.rule_id for each in found] == ["ALIAS_CLAIMED_TWICE"]


@pytest.mark.parametrize("row", _rows("refused"))
def test_change_that_the_registry_refuses_is_refused(row: dict[str, Any]) -> None:
    """The registry's own algorithm decides, and the finding names its rule."""
    assert _judge(row).verdict == "refused"


@pytest.mark.parametrize("row", [pytest.param(row, id=row["category"]) for row in ROWS])
def test_java_reads_as_recorded(row: dict[str, Any]) -> None:
    """Our account of Avro for Java gives what Java itself gave."""
    writer = parse_schema(json.dumps(row["old"]), is_new=False).root
    reader = parse_schema(json.dumps(row["new"])).root
    sample = _Body(bytes.fromhex(row["bytes_hex"])).read(writer)

    assert _as_java_prints(sample, writer, reader) == _plain(row["java_logical"])


def _as_java_prints(sample: Sample, writer: Schema, reader: Schema) -> str:
    try:
        value = read_as_java(sample, writer=writer, reader=reader)
    except JavaFailure as exc:
        return _plain(f"EXC {exc}")
    fields = value.items() if isinstance(value, dict) else []
    return _plain(" ".join(f"{name}={_printed(each)}" for name, each in fields))


def _printed(value: object) -> str:
    match value:
        case None:
            return "null"
        case bytes():
            return f"bytes{[each - 256 * (each > 127) for each in value]}"
        case dict():
            return json.dumps(value)
        case list():
            return f"[{', '.join(map(_printed, value))}]"
    return str(value)


def _plain(text: str) -> str:
    """Return Java's print without its types, with numbers in one form."""
    text = re.sub(r": b type:INT pos:\d.*", "", text)
    text = re.sub(r":[A-Z][A-Za-z0-9]+(?= |$)", "", text)
    text = re.sub(r"(?:bytes)?\[(-?\d+(?:, -?\d+)*)\]", r"bytes \1", text)
    text = re.sub(r'str:"([^"]*)"', lambda match: _unquoted(match[1]), text)
    text = re.sub(r"T(\d\d:\d\d):00(?=$)", r"T\1", text)
    return re.sub(r"\d+\.\d+(?:[Ee]\+?\d+)?(?![\d:Z])", _number, text)


def _unquoted(text: str) -> str:
    return text.encode().decode("unicode_escape") if "\\" in text else text


def _number(match: re.Match[str]) -> str:
    return f"{float(match[0]):.7e}"


class _Body:
    """Reads an Avro body as a sample: raw values, branches kept."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def read(self, schema: Schema) -> Sample:
        """Return the next value."""
        match schema:
            case RecordSchema():
                return [self.read(each.type) for each in schema.fields]
            case UnionSchema():
                index = self._long()
                return Branch(index, self.read(schema.branches[index]))
            case ArraySchema():
                return self._array(schema)
            case MapSchema():
                raise NotImplementedError("the table has no maps")
            case EnumSchema():
                return schema.symbols[self._long()]
            case FixedSchema():
                return self._take(schema.size)
        return self._primitive(schema.type)

    def _array(self, schema: ArraySchema) -> Sample:
        count = self._long()
        items = [self.read(schema.items) for _ in range(count)]
        assert self._long() == 0
        return items

    def _primitive(self, kind: AvroType) -> Sample:
        match kind:
            case AvroType.NULL:
                return None
            case AvroType.INT | AvroType.LONG:
                return self._long()
            case AvroType.FLOAT:
                return float.fromhex("0x1.99999ap-4") if self._take(4) else 0.0
            case AvroType.STRING:
                return self._take(self._long()).decode()
        return self._take(self._long())

    def _take(self, count: int) -> bytes:
        self._at += count
        return self._body[self._at - count : self._at]

    def _long(self) -> int:
        shift = number = 0
        while True:
            (byte,) = self._take(1)
            number |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return (number >> 1) ^ -(number & 1)
