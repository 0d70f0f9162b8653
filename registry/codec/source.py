"""Python source under construction, in which no text of a schema is ever code.

Three doors lead from a schema's text into the source: `name` gives an identifier that
is only ever made of ASCII letters, digits and underscores, `literal` a string literal,
and `constant` keeps the value out of the source and gives a name for it.
"""

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MOST_LETTERS = 40
# All that generated code can name besides what it is given.
_BUILTINS: dict[str, Any] = {
    each.__name__: each
    for each in (LookupError, ValueError, bool, bytes, dict, float, int, len, list)
} | {each.__name__: each for each in (range, str, tuple, type)}


class Source:
    """Lines of a module, what they are about, and the values they name.

    Attributes:
        path: Part of the schema that the next lines are about, for error messages.
        paths: That part, line by line.
    """

    def __init__(self, scope: Mapping[str, object], locals_: str) -> None:
        """Start empty.

        Args:
            scope: Values that the lines may name.
            locals_: Names that the lines use themselves, separated by spaces.
        """
        self.path = ""
        self.paths: list[str] = []
        self.depth = 0
        self._lines: list[str] = []
        self._scope: dict[str, object] = {**scope, "__builtins__": _BUILTINS}
        self._taken = {*scope, *_BUILTINS, *locals_.split()}

    @property
    def text(self) -> str:
        """The module so far."""
        return "\n".join(self._lines) + "\n"

    def line(self, *lines: str) -> None:
        """Add lines at the present depth."""
        self._lines.extend(4 * self.depth * " " + each for each in lines)
        self.paths.extend([self.path] * len(lines))

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Put a line, and what is added inside the context below it."""
        self.line(head)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def about(self, path: str) -> Iterator[None]:
        """Say what the lines added inside the context are about."""
        before, self.path = self.path, path
        try:
            yield
        finally:
            self.path = before

    def name(self, hint: str) -> str:
        """Return an identifier nobody uses yet, by the hint if it makes one."""
        stem = hint.strip("_")[:_MOST_LETTERS]
        if not _IDENTIFIER.fullmatch(stem) or keyword.iskeyword(stem):
            stem = "value"
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

    def constant(self, hint: str, value: object) -> str:
        """Return a name that stands for the value."""
        name = self.name(hint.upper())
        self._scope[name] = value
        return name

    def give(self, name: str, value: object) -> None:
        """Let the lines use the name, which they already know, for the value."""
        self._scope[name] = value

    def compile(self, entry: str) -> Callable[..., Any]:
        """Return the function of that name."""
        code = compile(self.text, f"<{entry} generated from a schema>", "exec")
        exec(code, self._scope)  # noqa: S102 - what the three doors are for
        function: Callable[..., Any] = self._scope[entry]  # type: ignore[assignment] # just defined
        return function


def literal(text: str) -> str:
    """Return the text as a literal: ASCII only, everything else escaped."""
    return ascii(text)
