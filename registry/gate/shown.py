"""Decoded values as people read them."""

import datetime as dt
import json


def shown(value: object) -> str:
    """Return the value for people: JSON where it can be, else as its type prints."""
    if isinstance(value, dict | list | str | bool | int | float) or value is None:
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return f"bytes {value.hex(' ')}" if value else "no bytes"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
