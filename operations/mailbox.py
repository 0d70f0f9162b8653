"""The mail folder, seen from outside."""

import os
from pathlib import Path

_MAILDIR = "maildir:"


def count_mails(mail: str | None) -> int | None:
    """Return how many mails lie in a Maildir; None if mail goes elsewhere."""
    if mail is None or not mail.startswith(_MAILDIR):
        return None
    folder = Path(mail.removeprefix(_MAILDIR))
    return sum(_count_files(folder / each) for each in ("new", "cur"))


def _count_files(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(1 for each in entries if not each.name.startswith("."))
    except FileNotFoundError:
        return 0
