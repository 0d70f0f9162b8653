"""What `contracts.toml` says to the gate: readers, suppressions, levels."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry.errors import InvalidContract
from registry.gate.folders import folder_of
from registry.gate.judge import Settings, judge
from registry.gate.manifest import parse_manifest
from registry.gate.report import Report, Verdict
from registry.names import Subject

_V1 = {
    "type": "record",
    "name": "Order",
    "fields": [{"name": "id", "type": "string"}, {"name": "n", "type": "long"}],
}
_DOUBLE = {**_V1, "fields": [_V1["fields"][0], {"name": "n", "type": "double"}]}
_SUPPRESSION = """
[[s.suppressions]]
rule = "NUMBER_LOSES_DIGITS"
path = "{path}"
reason = "all are small"
owner = "orders"
expires = 2026-06-30
"""
_LAST_DAY = dt.date(2026, 6, 30)


def _judge(
    manifest: str,
    *,
    today: dt.date = _LAST_DAY,
    files: Mapping[str, object] | None = None,
) -> Report:
    texts = files or {"s/v1.avsc": _V1, "s/v2.avsc": _DOUBLE}
    folder = folder_of(
        "schemas",
        {name: json.dumps(each) for name, each in texts.items()},
        manifest=f"[s]\nlevel = 'BACKWARD'\n{manifest}",
    )
    return judge(folder, [], settings=Settings(today=today))


def _of(report: Report, rule_id: str) -> list[bool]:
    return [each.is_suppressed for each in report.findings if each.rule_id == rule_id]


@pytest.mark.parametrize("path", ["", "n", "Order.n"])
def test_suppressed_finding_is_shown_and_does_not_count(path: str) -> None:
    """With or without a path; on its last day it still holds."""
    report = _judge(_SUPPRESSION.format(path=path))

    assert _of(report, "NUMBER_LOSES_DIGITS") == [True]
    assert report.verdict is Verdict.ACCEPTED


def test_suppression_of_another_field_does_not_fit() -> None:
    """A path is exact."""
    report = _judge(_SUPPRESSION.format(path="id"))

    assert _of(report, "NUMBER_LOSES_DIGITS") == [False]


def test_expired_suppression_is_an_error() -> None:
    """The day after, the finding counts again, and the suppression itself refuses."""
    report = _judge(_SUPPRESSION.format(path="n"), today=dt.date(2026, 7, 1))

    assert _of(report, "NUMBER_LOSES_DIGITS") == [False]
    assert _of(report, "SUPPRESSION_EXPIRED") == [False]
    assert report.verdict is Verdict.REFUSED


def test_affected_readers_are_those_that_read_the_field() -> None:
    """A consumer of other fields is left alone."""
    report = _judge(
        "[s.readers.billing]\nfields = ['n']\n[s.readers.mail]\nfields = ['id']\n"
    )

    (finding,) = [each for each in report.findings if each.witness]
    assert finding.affected == ("billing",)


def test_reader_with_a_schema_of_its_own_is_checked(tmp_path: Path) -> None:
    """Its file is read beside the manifest; what it cannot read breaks it."""
    needs = {**_V1, "fields": [*_V1["fields"], {"name": "tax", "type": "int"}]}
    (tmp_path / "billing.avsc").write_text(json.dumps(needs))
    folder = folder_of(
        str(tmp_path),
        {"s/v1.avsc": json.dumps(_V1)},
        manifest="[s.readers.billing]\nschema = 'billing.avsc'\n",
    )

    report = judge(folder, [], settings=Settings())

    (message,) = [
        each.message for each in report.findings if each.rule_id == "READER_BROKEN"
    ]
    assert message.startswith("billing needs Order.tax")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not toml", "not TOML"),
        ("s = 1", "expected a table"),
        ("[s]\nlevel = 'MOST'", "none of NONE"),
        ("[s]\ncolour = 1", "unknown key 'colour'"),
        ("[s]\nreaders = 1", "readers must be"),
        ("[s.readers.a]\n", "name either"),
        ("[s.readers.a]\nfields = 'id'", "list of field paths"),
        ("[s]\nsuppressions = 1", "must be a list"),
        ("[[s.suppressions]]\nrule = 'X'", "expires must be a day"),
        ("[[s.suppressions]]\nexpires = 2026-01-01", "rule must be a text"),
        ("[[s.suppressions]]\nexpires = 'soon'", "expires must be a day"),
    ],
)
def test_malformed_manifest_is_refused_with_its_place(text: str, reason: str) -> None:
    """The sentence names file and table."""
    with pytest.raises(InvalidContract, match=reason) as raised:
        parse_manifest(text, name="schemas/contracts.toml")

    assert str(raised.value).startswith("schemas/contracts.toml")


def test_line_of_a_key_is_found_in_its_subject_table() -> None:
    """Keys of other subjects are passed over."""
    text = "[a]\nlevel = 'FULL'\n\n['b-value']\ntopic = 't'\nlevel = 'FULL'\n"
    manifest = parse_manifest(text, name="m")

    assert manifest.line_of(Subject("b-value"), "level") == 6
    assert manifest.line_of(Subject("c"), "level") == 0
