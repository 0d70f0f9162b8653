"""Progress for who watches: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

_LINE_EVERY_S = 5.0


class Watcher(Protocol):
    """Who is told how far things are."""

    def say(self, sentence: str) -> None:
        """Tell that something has happened."""
        ...

    def show(self, label: str, *, done: int, total: int) -> None:
        """Tell how much of something is done; called often."""
        ...


class Bars:
    """A bar for each label, on a terminal."""

    def __init__(self, progress: Progress) -> None:
        # Not started before it has something to show: others may draw until then.
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def say(self, sentence: str) -> None:
        """Print above the bars."""
        self._progress.console.print(sentence, highlight=False)

    def show(self, label: str, *, done: int, total: int) -> None:
        """Move the label's bar."""
        if not self._tasks:
            self._progress.start()
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(label, total=total)
        self._progress.update(self._tasks[label], completed=done, total=total)


class Lines:
    """A line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, tuple[float, int]] = {}

    def say(self, sentence: str) -> None:
        """Print a line."""
        self._console.print(sentence, highlight=False, soft_wrap=True)

    def show(self, label: str, *, done: int, total: int) -> None:
        """Print a line if there is news and the last one is 5 s old."""
        shown_at, shown = self._shown.setdefault(label, (time.monotonic(), -1))
        is_due = time.monotonic() - shown_at >= _LINE_EVERY_S
        if done != shown and is_due:
            self._shown[label] = time.monotonic(), done
            self.say(f"{label}: {done} of {total}")


@contextmanager
def watching() -> Iterator[Watcher]:
    """Give the watcher that standard error deserves."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=console)
    try:
        yield Bars(progress)
    finally:
        progress.stop()
