"""Places in a file, which are worked out only when somebody asks for them."""

import hashlib
from functools import partial

from producers.order_service.positions import Bookmark, Position

_MOST_KEPT = 1000


class Trail:
    """The lines of a file that were passed by, and the places between them.

    The fingerprint of lines is the SHA-256 of all their digests in a row. Digests of
    up to 1,000 lines are kept, so that a place among them costs nothing to remember.
    """

    def __init__(self) -> None:
        self._before_count = 0
        self._before = hashlib.sha256()
        self._digests: list[bytes] = []

    @property
    def entry_count(self) -> int:
        """Lines that were passed by."""
        return self._before_count + len(self._digests)

    def add(self, digest: bytes) -> None:
        """Pass a line by."""
        if len(self._digests) >= _MOST_KEPT:
            self._before = _hash(self._before, self._digests)
            self._before_count += len(self._digests)
            # Bookmarks have the others.
            self._digests = []
        self._digests.append(digest)

    def bookmark(self) -> Bookmark:
        """Return what gives the place after the line that was passed by last."""
        digests = self._digests
        return partial(
            _position, self._before_count, self._before, digests, len(digests)
        )


def _position(
    before_count: int, before: "hashlib._Hash", digests: list[bytes], count: int
) -> Position:
    """Return the place after so many of the digests, of which there may be more."""
    return Position(
        entry_count=before_count + count,
        fingerprint=_hash(before, digests[:count]).hexdigest(),
    )


def _hash(before: "hashlib._Hash", digests: list[bytes]) -> "hashlib._Hash":
    passed = before.copy()
    passed.update(b"".join(digests))
    return passed
