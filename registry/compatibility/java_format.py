"""Java's `String.format` with words as arguments, as far as messages need it."""

import re

from registry.errors import UnprintableMessage

_SPECIFIER = re.compile(
    r"%(?:(?P<index>\d+)\$)?(?P<flags>[-#+ 0,(<]*)(?P<width>\d+)?(?:\.(?P<limit>\d+))?"
    r"(?P<time>[tT])?(?P<conversion>[a-zA-Z%])"
)
_KNOWN = frozenset("bBhHsScCdoxXeEfgGaA%n")


def java_format(template: str, *words: str) -> str:
    """Replace ``%s`` by the next word, and whatever else Java takes for a specifier.

    Raises:
        UnprintableMessage: The template has a percent sign that Java chokes on; its
            text is that of the exception in Java.
    """
    _check_specifiers(template)
    return _SPECIFIER.sub(_Replacer(words), template)


class _Replacer:
    """Fills in one template; knows which word is next."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._next = 0
        self._last = -1

    def __call__(self, match: re.Match[str]) -> str:
        conversion = match["conversion"]
        if not match["time"] and conversion in "%n":
            return _pad("%" if conversion == "%" else "\n", match)
        word = self._take_word(match)
        if match["time"] or conversion not in "sSbB":
            name = "java.util.IllegalFormatConversionException"
            told = conversion if match["time"] else conversion.lower()
            raise UnprintableMessage(f"{name}: {told} != java.lang.String")
        shown = word if conversion in "sS" else "true"
        if match["limit"]:
            shown = shown[: int(match["limit"])]
        return _pad(shown.upper() if conversion.isupper() else shown, match)

    def _take_word(self, match: re.Match[str]) -> str:
        index = self._index_of(match)
        if not 0 <= index < len(self._words):
            name = "java.util.MissingFormatArgumentException"
            raise UnprintableMessage(f"{name}: Format specifier '{match[0]}'")
        self._last = index
        return self._words[index]

    def _index_of(self, match: re.Match[str]) -> int:
        if "<" in match["flags"]:
            return self._last
        if match["index"]:
            return int(match["index"]) - 1
        self._next += 1
        return self._next - 1


def _check_specifiers(template: str) -> None:
    """Java reads the whole template before it fills anything in."""
    at = template.find("%")
    while at >= 0:
        match = _SPECIFIER.match(template, at)
        fault = "%" if match is None else _find_unknown(match)
        if match is None or fault:
            name = "java.util.UnknownFormatConversionException"
            raise UnprintableMessage(f"{name}: Conversion = '{fault}'")
        if not match["time"] and match["conversion"] in "sSbB":
            _check_flags(match)
        at = template.find("%", match.end())


def _check_flags(match: re.Match[str]) -> None:
    """A word can be set to the left of a width; other flags are for numbers."""
    flags = match["flags"]
    if "-" in flags and not match["width"]:
        name = "java.util.MissingFormatWidthException"
        raise UnprintableMessage(f"{name}: {match[0]}")
    for flag in "+ 0,(#":
        if flag in flags:
            name = "java.util.FormatFlagsConversionMismatchException"
            conversion = match["conversion"].lower()
            raise UnprintableMessage(
                f"{name}: Conversion = {conversion}, Flags = {flag}"
            )


def _find_unknown(match: re.Match[str]) -> str:
    if match["time"] or match["conversion"] in _KNOWN:
        return ""
    return match["conversion"]


def _pad(shown: str, match: re.Match[str]) -> str:
    width = int(match["width"] or 0)
    return shown.ljust(width) if "-" in match["flags"] else shown.rjust(width)
