"""Numbers in Java's form."""

import math

import pytest

from registry.compatibility.java_numbers import (
    double_text,
    float_text,
    parse_java_double,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (1e-7, "1.0E-7"),
        (123.456, "123.456"),
        (1234567.0, "1234567.0"),
        (9999999.999, "9999999.999"),
        (1e7, "1.0E7"),
        (12345678.9, "1.23456789E7"),
        (-1.5e300, "-1.5E300"),
        (5e-324, "4.9E-324"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_doubles_print_as_in_java(number: float, text: str) -> None:
    """Plain from 0.001 up to ten million, with an exponent outside."""
    assert double_text(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1.5, "1.5"),
        (16777217.0, "1.6777216E7"),
        (3.4e38, "3.4E38"),
        (1000.00006, "1000.00006"),
        (1.00000012, "1.0000001"),
        (1e39, "Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_floats_print_the_shortest_digits_that_tell_them_apart(
    number: float, text: str
) -> None:
    """The number is rounded to 32 bits first."""
    assert float_text(number) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5", 1.5),
        (" +1d ", 1.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3f", 1000.0),
        ("-Infinity", -math.inf),
        ("0x1p3", 8.0),
        ("abc", None),
        ("", None),
        ("1_0", None),
        ("infinity", None),
        ("0x1", None),
    ],
)
def test_texts_are_doubles_where_java_takes_them(
    text: str, number: float | None
) -> None:
    """Java's own forms count, Python's do not."""
    assert parse_java_double(text) == number
