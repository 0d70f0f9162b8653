"""This machine is spoken to directly, whatever proxy the environment names."""

import os
from collections.abc import MutableMapping

_HOSTS = ("127.0.0.1", "localhost", "::1")


def spare_loopback(environ: MutableMapping[str, str] = os.environ) -> None:
    """Except this machine from the proxy, for this process and its children.

    A network's proxy knows nothing of the registry that listens on 127.0.0.1 here.
    """
    # Of two spellings the small one wins, so it must have what the other lists.
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    names = [each.strip() for each in listed.split(",") if each.strip()]
    names += [each for each in _HOSTS if each not in names]
    environ["no_proxy"] = environ["NO_PROXY"] = ",".join(names)
