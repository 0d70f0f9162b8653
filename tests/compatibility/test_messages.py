"""What a registry says, beyond the recorded histories."""

import json

import pytest

from registry.compatibility import (
    AvroSchema,
    UnprintableMessage,
    find_incompatibilities,
    parse_schema,
)
from registry.compatibility.java_format import java_format
from registry.names import CompatibilityLevel, Version


def record(*names: str, **others: object) -> AvroSchema:
    """Return a record of int fields without defaults."""
    fields = [{"name": name, "type": "int"} for name in names]
    content = {"type": "record", "name": "R", "fields": fields} | others
    return parse_schema(json.dumps(content))


AMBIGUOUS = parse_schema(
    '{"type":"record","name":"R","fields":[{"name":"b","type":"int","aliases":["a"]}]}'
)


def test_transitive_levels_stop_at_the_newest_version_that_refuses() -> None:
    """Older versions that would refuse too are not told."""
    history = [
        (Version(3), record("a", "b")),
        (Version(2), record()),
        (Version(1), record()),
    ]

    messages = find_incompatibilities(
        record("a"), history, CompatibilityLevel.BACKWARD_TRANSITIVE
    )

    assert "{oldSchemaVersion: 2}" in messages
    assert "{oldSchemaVersion: 1}" not in messages


def test_a_long_schema_is_quoted_up_to_a_limit() -> None:
    """More than 10,240 characters of the released schema are cut."""
    released = record(doc="x" * 20_000)

    messages = find_incompatibilities(
        record("a"), [(Version(1), released)], CompatibilityLevel.BACKWARD
    )

    cut = released.canonical_text[:10_240]
    assert messages[-1] == f"{{oldSchema: <truncated> '{cut}...'}}"


def test_a_percent_sign_in_a_quoted_schema_stops_the_registry() -> None:
    """The exception that Java throws comes through in its words."""
    history = [(Version(1), record("a", "b", doc="50% off"))]

    with pytest.raises(UnprintableMessage) as caught:
        find_incompatibilities(AMBIGUOUS, history, CompatibilityLevel.BACKWARD)

    assert caught.value.reason == (
        "java.util.IllegalFormatConversionException: o != java.lang.String"
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("%s before %s", "new before old"),
        ("%S", "NEW"),
        ("100%% %s%n", "100% new\n"),
        ("%2$s, %1$s, %<s", "old, new, new"),
        ("[%5s] [%-5s]", "[  new] [old  ]"),
        ("%.1s", "n"),
        ("%b", "true"),
    ],
)
def test_other_specifiers_are_filled_in_as_java_does(template: str, text: str) -> None:
    """A doc may happen to hold a specifier that works."""
    assert java_format(template, "new", "old") == text


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("%d", "IllegalFormatConversionException: d != java.lang.String"),
        ("%tY", "IllegalFormatConversionException: Y != java.lang.String"),
        ("%s%s%s", "MissingFormatArgumentException: Format specifier '%s'"),
        ("%q", "UnknownFormatConversionException: Conversion = 'q'"),
        ("100%", "UnknownFormatConversionException: Conversion = '%'"),
    ],
)
def test_a_specifier_that_java_refuses_is_refused(template: str, sentence: str) -> None:
    """The sentence is that of the exception."""
    with pytest.raises(UnprintableMessage) as caught:
        java_format(template, "new", "old")

    assert caught.value.reason == f"java.util.{sentence}"
