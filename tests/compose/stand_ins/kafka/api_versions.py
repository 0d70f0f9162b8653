#!/usr/bin/env python3
"""Ask a broker which versions it speaks: `--bootstrap-server HOST:PORT`."""

import socket
import struct
import sys

_API_VERSIONS = 18
_TIMEOUT_S = 5.0


def main() -> None:
    """Exit 0 if the broker answers without an error."""
    host, port = sys.argv[sys.argv.index("--bootstrap-server") + 1].split(":")
    body = struct.pack(">hhih", _API_VERSIONS, 0, 1, -1)
    with socket.create_connection((host, int(port)), _TIMEOUT_S) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        answer = connection.makefile("rb").read(10)
    _, _, error = struct.unpack(">iih", answer)
    sys.exit(error)


if __name__ == "__main__":
    main()
