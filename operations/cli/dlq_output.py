"""What `pipeline dlq` prints: lines for people, one JSON document for machines."""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from operations.dead_letters.box import Settled
from operations.dead_letters.letter import Letter
from operations.dead_letters.stats import Cause

_MESSAGE_CHARACTERS = 120
_PREVIEW_BYTES = 256


def line_of(letter: Letter) -> str:
    """Return a letter on one line."""
    moment = letter.time.isoformat(timespec="seconds") if letter.time else "-"
    place = f"{letter.record.topic}[{letter.record.partition}]@{letter.record.offset}"
    message = _one_line(letter.message)[:_MESSAGE_CHARACTERS]
    return (
        f"{letter.id:<10} {letter.state:<8} {moment:<25} {letter.fingerprint}"
        f"  {place}  {letter.error}: {message}"
    )


def whole_of(letter: Letter) -> str:
    """Return all of a letter; of its value the beginning."""
    value = letter.record.value or b""
    lines = [f"{name}: {_one_line(str(text))}" for name, text in _facts(letter)]
    lines += [
        f"header {name}: {_one_line(_readable(content))}"
        for name, content in letter.record.headers
    ]
    lines.append(f"value: {_readable(value[:_PREVIEW_BYTES])}")
    if len(value) > _PREVIEW_BYTES:
        lines.append(f"  and {len(value) - _PREVIEW_BYTES} bytes more (--format json)")
    if letter.stacktrace:
        lines += ["", *map(_one_line, letter.stacktrace.splitlines())]
    return "\n".join(lines)


def to_full_json(letter: Letter) -> dict[str, Any]:
    """Return all of a letter; bytes in base64."""
    return {
        **letter.to_json(),
        "headers": [[name, _base64(value)] for name, value in letter.record.headers],
        "key_base64": _base64(letter.record.key),
        "value_base64": _base64(letter.record.value),
        "stacktrace": letter.stacktrace,
    }


def stats_text(causes: Sequence[Cause]) -> str:
    """Return a block a cause."""
    blocks = [
        f"{each.fingerprint}  open {each.counts['open']}, replayed"
        f" {each.counts['replayed']}, dropped {each.counts['dropped']}\n"
        f"  {each.error}: {_one_line(each.example)[:_MESSAGE_CHARACTERS]}"
        for each in causes
    ]
    return "\n".join(blocks) if blocks else "no dead letters"


class Tally:
    """Tells of letters as they are settled, and counts them."""

    def __init__(self, *, is_dry: bool, as_json: bool) -> None:
        self._is_dry = is_dry
        self._as_json = as_json
        self._counts: Counter[str] = Counter()
        self._letters: list[dict[str, Any]] = []

    @property
    def kept_count(self) -> int:
        """How many letters are still open, or were settled by another."""
        return self._counts["kept"]

    def add(self, settled: Settled) -> None:
        """Count a letter; tell of it now if there is something to say."""
        outcome = settled.outcome.value if settled.outcome else "kept"
        self._counts[outcome] += 1
        if self._as_json:
            self._letters.append(
                {"id": settled.letter.id, "outcome": outcome, "reason": settled.reason}
            )
        elif settled.reason:
            click.echo(f"{settled.letter.id} {outcome}: {_one_line(settled.reason)}")

    def finish(self, *, is_stopped: bool) -> None:
        """Tell the sums."""
        counts = {name: self._counts[name] for name in ("replayed", "dropped", "kept")}
        if self._as_json:
            facts = {"dry_run": self._is_dry, "stopped": is_stopped, **counts}
            click.echo(json.dumps({**facts, "letters": self._letters}))
            return
        verb = "would be " if self._is_dry else ""
        settled = [
            f"{count} {verb}{name}"
            for name, count in counts.items()
            if count and name != "kept"
        ]
        sums = [*(settled or ["nothing " + verb + "settled"]), f"{counts['kept']} kept"]
        click.echo(", ".join(sums) + ("; stopped by a signal" if is_stopped else ""))


def _facts(letter: Letter) -> list[tuple[str, object]]:
    return [(name.replace("_", " "), each) for name, each in letter.to_json().items()]


def _one_line(text: str) -> str:
    """Return text from outside so that a terminal shows it and does nothing else."""
    return text if text.isprintable() else repr(text)[1:-1]


def _readable(content: bytes | None) -> str:
    return "null" if content is None else repr(content)[2:-1]


def _base64(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()
