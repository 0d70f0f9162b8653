"""Long computations leave the registry's one thread, and their request comes again.

A request runs in the registry's thread. When it meets work that would hold up the
others, it ends with WorkPending; the work is done on another thread, and the request
is run anew, which finds the result. Such work is pure: it takes values and touches
no store, so nothing it sees can change under it.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from registry.errors import PipelineError

_T = TypeVar("_T")

_INLINE_CHARS = 20_000
_MOST_ROUNDS = 8


class WorkPending(Exception):
    """A request cannot go on before `work` has been done elsewhere."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__("work is pending")
        self.work = work


class Errand:
    """What has been computed for one request so far."""

    def __init__(self) -> None:
        self._results: dict[Hashable, object] = {}
        self._failures: dict[Hashable, PipelineError] = {}

    @property
    def is_patient(self) -> bool:
        """True if the request has come so often that it computes the rest itself."""
        return len(self._results) + len(self._failures) >= _MOST_ROUNDS

    def has(self, key: Hashable) -> bool:
        """Return whether the work is done, well or not."""
        return key in self._results or key in self._failures

    def take(self, key: Hashable) -> object:
        """Return the work's result, or raise what it raised."""
        if key in self._failures:
            raise self._failures[key]
        return self._results[key]

    def do(self, key: Hashable, work: Callable[[], object]) -> None:
        """Do the work and keep what comes of it."""
        try:
            self._results[key] = work()
        except PipelineError as exc:
            self._failures[key] = exc


class Offload:
    """Decides where work is done; used in the registry's thread alone."""

    def __init__(self) -> None:
        self._errand: Errand | None = None

    @contextmanager
    def serving(self, errand: Errand) -> Iterator[None]:
        """Let the work of the block count for the errand's request."""
        self._errand = errand
        try:
            yield
        finally:
            self._errand = None

    def compute(self, key: Hashable, work: Callable[[], _T], *, size_chars: int) -> _T:
        """Return what `work` returns, computed here if that is quick.

        Args:
            key: Equal for equal work.
            work: Pure; may raise PipelineError.
            size_chars: Of the schema texts that it looks at.

        Raises:
            WorkPending: It is not quick, and a request waits for it.
        """
        errand = self._errand
        if errand is None:
            return work()
        if errand.has(key):
            return cast("_T", errand.take(key))  # equal keys, equal work
        if size_chars <= _INLINE_CHARS or errand.is_patient:
            return work()

        def finish() -> None:
            errand.do(key, work)

        raise WorkPending(finish)
