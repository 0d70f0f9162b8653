"""Every command on a page is one that the command line understands."""

import importlib.util
import re
import shlex
import shutil
from collections.abc import Iterator

import click
import pytest

from tests.docs.test_docs import COMMANDS, DOCUMENTS, ROOT, SCRIPTS

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(sh|console)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
FOREIGN = {"createdb", "curl", "docker", "generate-orders", "kubectl"}
"""Programs of others; what they are told is not ours to check."""
SEPARATORS = {"|", "||", "&&", ";", "&"}


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield the name of a page and each command that its shell blocks hold."""
    for path in DOCUMENTS:
        for indent, kind, block in BLOCK.findall(path.read_text(encoding="utf-8")):
            text = re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
            for line in text.replace("\\\n", " ").splitlines():
                typed = line.removeprefix("$ ")
                if kind == "sh" or typed != line:
                    name = path.relative_to(ROOT).as_posix()
                    yield from ((name, shlex.join(each)) for each in commands_in(typed))


def commands_in(line: str) -> Iterator[list[str]]:
    """Yield the words of each program that a line starts; no files it writes to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&><")
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word in SEPARATORS:
            parts.append([])
        else:
            parts[-1].append(word)
    yield from (_without_redirection(part) for part in parts if part)


def _without_redirection(words: list[str]) -> list[str]:
    ends = [place for place, word in enumerate(words) if word in {">", ">>"}]
    return words[: ends[0]] if ends else words


LINES = sorted(set(command_lines()))


def refuse_unknown(words: list[str]) -> None:
    """Raise what is wrong with a command; its values are converted, not used."""
    program, *rest = words
    name = program.removeprefix(".venv/bin/")
    if name in SCRIPTS:
        _parse(name, rest)
    elif name == "make":
        _know_target(rest)
    elif name == "eval":
        refuse_unknown(shlex.split(rest[0].removeprefix("$(").removesuffix(")")))
    elif name == "python" and rest[0] == "-m":
        assert importlib.util.find_spec(rest[1]), rest[1]
    elif name == "python":
        assert rest[0].endswith(".py")
    else:
        known = FOREIGN | {"export", ".", "true"}
        assert name in known or shutil.which(name), name


def _parse(path: str, words: list[str]) -> None:
    command = COMMANDS[path]
    context = click.Context(command, info_name=path)
    values, rest, given = command.make_parser(context).parse_args(list(words))
    for each in given:
        # A file need not be here.
        if isinstance(each, click.Option) and not isinstance(each.type, click.Path):
            each.type_cast_value(context, values[str(each.name)])
    if isinstance(command, click.Group) and rest:
        _parse(f"{path} {rest[0]}", rest[1:])


def _know_target(words: list[str]) -> None:
    target = next(each for each in words if "=" not in each)
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


@pytest.mark.parametrize(("page", "line"), LINES)
def test_command_on_a_page_is_understood(page: str, line: str) -> None:
    """The program, the sub-command and every flag exist, and take such values."""
    assert page
    refuse_unknown(shlex.split(line))


@pytest.mark.parametrize(
    "line",
    [
        "contracts examine",
        "contracts check --agains git:main",
        "contracts check --format jsn",
        "pipeline dlq list --limit many",
        "make everything",
        "eval '$(pipeline environment)'",
        "nobodys-program --help",
    ],
)
def test_command_that_does_not_exist_is_noticed(line: str) -> None:
    """The test above would say so."""
    with pytest.raises((click.ClickException, KeyError, AssertionError)):
        refuse_unknown(shlex.split(line))
