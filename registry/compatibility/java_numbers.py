"""Numbers as Java's `Double.toString` and `Float.toString` print them."""

import math
import re
import struct

_EXPONENT_FORM_FROM = 10_000_000
_EXPONENT_FORM_BELOW = 0.001
_FLOAT_DIGITS_MAX = 9
_JAVA_DOUBLE = re.compile(
    r"[\x00-\x20]*(?P<sign>[+-]?)"
    r"(?:(?P<word>NaN|Infinity)|(?P<decimal>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?"
    r"|(?P<hex>0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)[fFdD]?)"
    r"[\x00-\x20]*",
    re.ASCII,
)


def double_text(number: float) -> str:
    """Return what `Double.toString` gives: 10000000000.0 is ``1.0E10``."""
    shortest = repr(number)
    two_digits = f"{number:.1e}"
    # Where one digit would do, Java takes the nearest number of two: 4.9E-324.
    is_short = float(two_digits) == number
    return _java_text(number, two_digits if is_short else shortest)


def float_text(number: float) -> str:
    """Return what `Float.toString` gives for the nearest 32-bit float."""
    narrow = to_float32(number)
    if not math.isfinite(narrow):
        return _java_text(narrow, "")
    # Nine significant digits tell any two floats apart.
    candidates = (f"{narrow:.{digits}e}" for digits in range(1, _FLOAT_DIGITS_MAX))
    shortest = next(each for each in candidates if to_float32(float(each)) == narrow)
    return _java_text(narrow, shortest)


def to_float32(number: float) -> float:
    """Round to a 32-bit float; beyond its range the result is infinite."""
    try:
        rounded: float = struct.unpack(">f", struct.pack(">f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return rounded


def parse_java_double(text: str) -> float | None:
    """Return what `Double.parseDouble` gives, or None where it would throw."""
    match = _JAVA_DOUBLE.fullmatch(text)
    if match is None:
        return None
    sign = -1.0 if match["sign"] == "-" else 1.0
    if match["word"]:
        return math.nan if match["word"] == "NaN" else sign * math.inf
    if match["hex"]:
        return sign * float.fromhex(match["hex"])
    return sign * float(match["decimal"])


def _java_text(number: float, shortest: str) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    if number == 0:
        return f"{sign}0.0"
    digits, exponent = _digits_and_exponent(shortest.lstrip("-"))
    if _EXPONENT_FORM_BELOW <= abs(number) < _EXPONENT_FORM_FROM:
        return sign + _plain(digits, exponent)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _digits_and_exponent(shortest: str) -> tuple[str, int]:
    """Split into significant digits and the power of ten of the first of them."""
    mantissa, _, power = shortest.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    exponent = int(power or "0") + len(whole) - 1 - leading_zeros
    return digits.rstrip("0") or "0", exponent


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    digits = digits.ljust(exponent + 1, "0")
    return f"{digits[: exponent + 1]}.{digits[exponent + 1 :] or '0'}"
