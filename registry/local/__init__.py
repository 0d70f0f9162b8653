"""The embedded schema registry: a server of the Confluent REST interface for Avro.

It answers as the reference does, status and body, so that clients, serdes and tools
cannot tell the two apart; what it keeps is one SQLite file.
"""

from registry.local.accounts import Accounts
from registry.local.app import Options, create_app
from registry.local.dispatch import Limits
from registry.local.emulation import Emulation
from registry.local.server import Address, serve
from registry.local.store import SqliteStore

__all__ = [
    "Accounts",
    "Address",
    "Emulation",
    "Limits",
    "Options",
    "SqliteStore",
    "create_app",
    "serve",
]
