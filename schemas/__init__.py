"""What an event is: the contracts, as data.

Here live `contracts.toml` (one table a subject) and one immutable `.avsc` file a
released version; `events.py` is made from the newest by `contracts codegen`. No other
code lives here but the path to that data; who wants to read it uses `registry.catalog`.
"""

from pathlib import Path

CONTRACTS = Path(__file__).parent
"""Folder that holds `contracts.toml` and one folder a subject."""
