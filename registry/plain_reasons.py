"""What is wrong with a schema text, in words for people and with its place."""

import re

from registry.errors import InvalidSchema

_JAVA_CLASS = re.compile(r"^(?:[a-z]+\.)+[A-Za-z.]+: ")
_JAVA_SOURCE = re.compile(r"\[Source: [^;]*; line: (\d+), column: (\d+)\]")
_JAVA_SETTING = re.compile(r", from `[^`]*`(?=\))")
_JAVA_END = re.compile(r"\s+at \[Source: [^\[\]]*\]$")


def plain_reason(error: InvalidSchema) -> str:
    """Return the registry's sentence in one line, as far as it is for people."""
    text = _JAVA_CLASS.sub("", error.reason)
    text = _JAVA_SETTING.sub("", _JAVA_END.sub("", text))
    return _JAVA_SOURCE.sub(r"line \1, column \2", text)


def place_of(error: InvalidSchema, source: str) -> str:
    """Return `source:line:column`; what concerns no place is said of the first one."""
    return f"{source}:{error.line or 1}:{error.column or 1}"
