"""What a registry says, beyond the recorded histories."""

import json

import pytest

from registry.compatibility import (
    AvroSchema,
    AvroVersion,
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


FLAG_MISMATCH = "FormatFlagsConversionMismatchException"
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


def test_a_schema_of_just_the_limit_is_quoted_whole() -> None:
    """10,240 characters fit."""
    rest = len(record(doc="").canonical_text)
    released = record(doc="x" * (10_240 - rest))

    messages = find_incompatibilities(
        record("a"), [(Version(1), released)], CompatibilityLevel.BACKWARD
    )

    assert messages[-1] == f"{{oldSchema: '{released.canonical_text}'}}"


@pytest.mark.parametrize(
    ("avro", "place"), [(AvroVersion.V1_11, "/"), (AvroVersion.V1_12, "/1")]
)
def test_places_are_those_of_the_generation_asked_for(
    avro: AvroVersion, place: str
) -> None:
    """Whatever generation the texts were parsed by, in either direction."""
    plain = parse_schema('"int"')
    union = parse_schema('["int","string"]')

    backward = find_incompatibilities(
        plain, [(Version(1), union)], CompatibilityLevel.BACKWARD, avro
    )
    forward = find_incompatibilities(
        union, [(Version(1), plain)], CompatibilityLevel.FORWARD, avro
    )

    assert f"(path '{place}')" in backward[0]
    assert f"(path '{place}')" in forward[0]


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
        ("%2$s, %<s", "old, old"),
        ("%s %<s %s", "new new old"),
        ("[%.0s]", "[]"),
        ("[%5%] [%-5%]", "[    %] [%    ]"),
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
        ("%tT", "IllegalFormatConversionException: T != java.lang.String"),
        ("%X", "IllegalFormatConversionException: x != java.lang.String"),
        ("%<s", "MissingFormatArgumentException: Format specifier '%<s'"),
        ("%-s", "MissingFormatWidthException: %-s"),
        ("%X, %-b", "MissingFormatWidthException: %-b"),
        ("10% share", f"{FLAG_MISMATCH}: Conversion = s, Flags =  "),
        ("%,5S", f"{FLAG_MISMATCH}: Conversion = s, Flags = ,"),
        ("%05B", f"{FLAG_MISMATCH}: Conversion = b, Flags = 0"),
        ("%+ s", f"{FLAG_MISMATCH}: Conversion = s, Flags = +"),
        ("%(s", f"{FLAG_MISMATCH}: Conversion = s, Flags = ("),
        ("%#s", f"{FLAG_MISMATCH}: Conversion = s, Flags = #"),
        ("%3$s", "MissingFormatArgumentException: Format specifier '%3$s'"),
        ("%s%s%s", "MissingFormatArgumentException: Format specifier '%s'"),
        ("%q", "UnknownFormatConversionException: Conversion = 'q'"),
        ("100%", "UnknownFormatConversionException: Conversion = '%'"),
        ("%q, %s, %d", "UnknownFormatConversionException: Conversion = 'q'"),
        ("%s, %d, %q", "UnknownFormatConversionException: Conversion = 'q'"),
    ],
)
def test_a_specifier_that_java_refuses_is_refused(template: str, sentence: str) -> None:
    """The sentence is that of the exception."""
    with pytest.raises(UnprintableMessage) as caught:
        java_format(template, "new", "old")

    assert caught.value.reason == f"java.util.{sentence}"
