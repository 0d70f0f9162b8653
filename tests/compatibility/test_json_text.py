"""Reading JSON with places."""

import pytest

from registry.compatibility.json_print import to_json_text
from registry.compatibility.json_text import MAX_NESTING, read_json
from registry.compatibility.json_values import JsonArray, JsonObject, JsonString
from registry.errors import InvalidSchema

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

EXPECTED = f"expected a valid value {VALUES}"
NAME_EXPECTED = "was expecting double-quote to start field name"
HEX_EXPECTED = "expected a hex-digit for character escape sequence"


def reprinted(text: str) -> str:
    """Return the first value of the text as compact JSON."""
    value, _ = read_json(text)
    assert value is not None
    return to_json_text(value)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('{"a": [1, {"b": null}], "c": true}', '{"a":[1,{"b":null}],"c":true}'),
        ('/* c */ {"a" // d\n : 1}', '{"a":1}'),
        (
            '/**/ {"a": null, "b": [true, false], "\\u0063": 1}',
            '{"a":null,"b":[true,false],"c":1}',
        ),
        (r'{"\u0061\n": 1}', r'{"a\n":1}'),
        ('{"a": 1, "b": 2, "a": 3}', '{"a":3,"b":2}'),
        (r'"\u00e9\ud83d\ude00\n\/\u0001"', '"é😀\\n/\\u0001"'),
        ("[1e10, 1E-7, 1.0, 100.50, -0, -0.0]", "[1.0E10,1.0E-7,1.0,100.5,0,-0.0]"),
        ("[9007199254740993, 12345678.0]", "[9007199254740993,1.2345678E7]"),
        ("[1e400]", '["Infinity"]'),
        ("/**/[9, 90, 0]", "[9,90,0]"),
        ("[]", "[]"),
        ("{}", "{}"),
    ],
)
def test_values_print_as_java_prints_them(text: str, printed: str) -> None:
    """Comments vanish, the last duplicate wins in the first's place."""
    assert reprinted(text) == printed


@pytest.mark.parametrize(
    ("text", "sentence", "line", "column"),
    [
        ("nope", f"Unrecognized token 'nope': was expecting {VALUES}", 1, 1),
        (
            '{\n "a": truth\n}',
            f"Unrecognized token 'truth': was expecting {VALUES}",
            2,
            7,
        ),
        ("NaN", "Non-standard token 'NaN': enable", 1, 1),
        ("[1,]", f"']' (code 93)): expected a valid value {VALUES}", 1, 4),
        ("[1 2]", "'2' (code 50)): was expecting comma to separate Array", 1, 4),
        ("[[1] 2]", "'2' (code 50)): was expecting comma to separate Array", 1, 6),
        ('{"a" 1}', "'1' (code 49)): was expecting a colon to separate", 1, 6),
        ("{a: 1}", "'a' (code 97)): was expecting double-quote to start", 1, 2),
        ("]", "Unexpected close marker ']': no open Array to close", 1, 1),
        ("[}", "close marker '}': expected ']' (for Array starting at", 1, 2),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed", 1, 3),
        ("[1.]", "']' (code 93)) in numeric value: Decimal point not", 1, 4),
        ("[1e+]", "']' (code 93)) in numeric value: Exponent indicator", 1, 5),
        ("[-x]", "'x' (code 120)) in numeric value: expected digit", 1, 3),
        ("[+1]", "'+' (code 43)) in numeric value: JSON spec does not", 1, 2),
        ("[-.5]", "Unexpected character ('.' (code 46)): expected a valid", 1, 3),
        ("[-I]", "']' (code 93)) in numeric value: expected digit (0-9)", 1, 4),
        ("[+I]", "'+' (code 43)) in numeric value: JSON spec does not", 1, 2),
        ("[-Infinity]", "Non-standard token '-Infinity': enable", 1, 2),
        ("[+Infinity]", "Non-standard token '+Infinity': enable", 1, 2),
        ("[-INF]", "Non-standard token '-INF': enable", 1, 2),
        ("[+INF]", "Non-standard token '+INF': enable", 1, 2),
        ("[-Inf]", "Unrecognized token '-Inf': was expecting", 1, 2),
        ("[1.5.5]", "'.' (code 46)): was expecting comma to separate", 1, 5),
        ("[1e5e5]", "'e' (code 101)): was expecting comma to separate", 1, 5),
        ("[1e5.5]", "'.' (code 46)): was expecting comma to separate", 1, 5),
        ("1x", "'x' (code 120)): Expected space separating root-level", 1, 2),
        ('"a\nb"', "Illegal unquoted character ((CTRL-CHAR, code 10))", 1, 3),
        (r'"\q"', "Unrecognized character escape 'q' (code 113)", 1, 2),
        (r'"\u12"', "'\"' (code 34)): expected a hex-digit for", 1, 6),
        ("\x00", "Illegal character ((CTRL-CHAR, code 0)): only regular", 1, 1),
        ("\ufeff1", "'\ufeff' (code 65279 / 0xfeff)): expected a valid", 1, 1),
        ("[1 /x]", "'x' (code 120)): was expecting either '*' or '/'", 1, 5),
    ],
)
def test_a_fault_is_told_in_the_registrys_words_with_its_true_place(
    text: str, sentence: str, line: int, column: int
) -> None:
    """The sentence says line 1, column 1 as the registry does; the fields say where."""
    with pytest.raises(InvalidSchema) as caught:
        read_json(text)

    reason = caught.value.reason
    assert reason.startswith("com.fasterxml.jackson.core.JsonParseException: ")
    assert sentence in reason
    assert reason.endswith("line: 1, column: 1]")
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Unexpected end-of-input: expected close marker for Object"),
        ("[1", "Unexpected end-of-input: expected close marker for Array"),
        ('{"a"', "Unexpected end-of-input within/between Object entries"),
        ('{"a":', "Unexpected end-of-input within/between Object entries"),
        ('"a', "Unexpected end-of-input: was expecting closing quote for a string"),
        ('{"a', "Unexpected end-of-input in field name"),
        ('"\\u1', "Unexpected end-of-input in character escape sequence"),
        ("/* a", "Unexpected end-of-input in a comment"),
        ("[/", "Unexpected end-of-input in a comment"),
        ("-", "Unexpected end-of-inputNo digit following sign"),
        ("[1e", "Unexpected end-of-inputexpected a digit for number exponent"),
        ("[1.5e+", "Unexpected end-of-inputexpected a digit for number exponent"),
        ("[1E", "Unexpected end-of-inputexpected a digit for number exponent"),
        ("[-I", "Unexpected end-of-input in a Number value"),
        ("[+", "Unexpected end-of-input in a Number value"),
    ],
)
def test_a_text_that_ends_early_is_told_with_its_end(text: str, sentence: str) -> None:
    """The place in the sentence is the end of the text."""
    with pytest.raises(InvalidSchema) as caught:
        read_json(text)

    assert f"JsonEOFException: {sentence}" in caught.value.reason
    assert caught.value.reason.endswith(f"line: 1, column: {len(text) + 1}]")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[NaN]",
            (
                "Non-standard token 'NaN': enable"
                " `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
            ),
        ),
        (
            "[\x1f]",
            (
                "Illegal character ((CTRL-CHAR, code 31)): only regular white space"
                " (\\r, \\n, \\t) is allowed between tokens"
            ),
        ),
        ("[-01]", "Invalid numeric value: Leading zeroes not allowed"),
        ("[\xa0]", f"Unexpected character ('\xa0' (code 160)): {EXPECTED}"),
        ("[\xff.]", f"Unrecognized token '\xff': was expecting {VALUES}"),
        ("{\xff}", f"Unexpected character ('\xff' (code 255)): {NAME_EXPECTED}"),
        (
            "{\u0100}",
            f"Unexpected character ('\u0100' (code 256 / 0x100)): {NAME_EXPECTED}",
        ),
        ('["\\u1"]', f"Unexpected character ('\"' (code 34)): {HEX_EXPECTED}"),
        ('["\\ux"]', f"Unexpected character ('x' (code 120)): {HEX_EXPECTED}"),
        (
            '["\\ "]',
            "Unrecognized character escape ' ' (code 32)",
        ),
        (
            "[1}",
            (
                "Unexpected close marker '}': expected ']' (for Array starting at"
                " [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION`"
                " disabled); line: 1, column: 1])"
            ),
        ),
    ],
)
def test_a_fault_is_told_word_by_word(text: str, sentence: str) -> None:
    """The whole sentence is that of the registry's parser."""
    with pytest.raises(InvalidSchema) as caught:
        read_json(text)

    told, _, _ = caught.value.reason.partition("\n at ")
    assert told == f"com.fasterxml.jackson.core.JsonParseException: {sentence}"


def test_a_text_that_ends_inside_a_container_is_told_word_by_word() -> None:
    """Where the container starts, where the text ends; the fields say the end, too."""
    with pytest.raises(InvalidSchema) as caught:
        read_json('{\n"a": [\n')

    place = (
        "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
        " line: {}, column: {}]"
    )
    assert caught.value.reason == (
        "com.fasterxml.jackson.core.io.JsonEOFException: Unexpected end-of-input:"
        f" expected close marker for Array (start marker at {place.format(2, 6)})\n"
        f" at {place.format(3, 1)}"
    )
    assert (caught.value.line, caught.value.column) == (3, 1)


@pytest.mark.parametrize(
    ("text", "kind"), [("[1,", "Array"), ('{"a":1,', "Object"), ("[1, // ", "Array")]
)
def test_a_text_that_ends_after_a_comma_is_told_with_its_end(
    text: str, kind: str
) -> None:
    """That another entry is missing has a sentence of its own."""
    with pytest.raises(InvalidSchema) as caught:
        read_json(text)

    sentence = f"Unexpected end-of-input within/between {kind} entries"
    assert f"core.JsonParseException: {sentence}" in caught.value.reason
    assert caught.value.reason.endswith(f"line: 1, column: {len(text) + 1}]")


def test_values_behind_a_comment_know_where_they_start() -> None:
    """The comment counts, as every character does."""
    value, end = read_json("/**/[[1]]")

    assert isinstance(value, JsonArray)
    assert (value.offset, value.items[0].offset, end) == (4, 5, 9)


def test_values_know_where_they_start() -> None:
    """The offset of a value counts characters from the start of the text."""
    text = '{"a": ["é", "x"]}'

    value, end = read_json(text)

    assert isinstance(value, JsonObject)
    array = value.members["a"]
    assert isinstance(array, JsonArray)
    assert (value.offset, array.offset, end) == (0, 6, len(text))
    assert array.items[1] == JsonString("x")
    assert array.items[1].offset == text.index('"x"')


def test_a_thousand_levels_are_read_and_one_more_is_refused() -> None:
    """Nesting ends where the registry's parser ends it, without using up the stack."""
    value, _ = read_json("[" * MAX_NESTING + "]" * MAX_NESTING)
    assert value is not None

    with pytest.raises(InvalidSchema) as caught:
        read_json("[" * (MAX_NESTING + 1))
    assert caught.value.reason == (
        "com.fasterxml.jackson.core.exc.StreamConstraintsException: Document nesting"
        " depth (1001) exceeds the maximum allowed (1000, from"
        " `StreamReadConstraints.getMaxNestingDepth()`)"
    )
    assert (caught.value.line, caught.value.column) == (1, 1001)


@pytest.mark.parametrize("comment", ["", "/**/"], ids=["plain", "commented"])
@pytest.mark.parametrize("form", ["{}1", "-{}1", "1.{}", "-1.{}", "1e-{}", "1E+{}"])
def test_a_thousand_digits_are_read_and_one_more_is_refused(
    form: str, comment: str
) -> None:
    """Those of fraction and exponent count, signs, point and letter do not."""
    value, _ = read_json(f"{comment}[{form.format('1' * 999)}]")
    assert value is not None

    with pytest.raises(InvalidSchema) as caught:
        read_json(f"{comment}[\n{form.format('1' * 1000)}]")
    assert caught.value.reason == (
        "com.fasterxml.jackson.core.exc.StreamConstraintsException: Number value length"
        " (1001) exceeds the maximum allowed (1000, from"
        " `StreamReadConstraints.getMaxNumberLength()`)"
    )
    assert (caught.value.line, caught.value.column) == (2, 1)


def test_an_integer_of_any_length_prints_as_it_is() -> None:
    """Far beyond the largest double, too."""
    assert reprinted(f"[{'9' * 1000}, -{'9' * 400}]") == f"[{'9' * 1000},-{'9' * 400}]"
