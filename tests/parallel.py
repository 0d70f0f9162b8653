"""Which tests share a process when `pytest -n` runs several.

Tests of one file share its fixtures, brokers of their own among them. The compose
tests share one Docker engine and look at what is left on the machine after another.
"""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

_TOGETHER = ("tests/compose",)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out one file after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return find_scope(nodeid)


def find_scope(nodeid: str) -> str:
    """Return the file of a test, or the folder whose tests run one after the other."""
    file = nodeid.split("::", 1)[0]
    folder = str(PurePosixPath(file).parent)
    return folder if folder in _TOGETHER else file
