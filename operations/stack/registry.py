"""Our own schema registry as a process of the stack."""

import sys
from typing import Self

from operations.stack.folder import StackFolder
from runtime.processes import Child

_TIMEOUT_S = 60.0


class LocalRegistry:
    """A running schema registry of our own.

    Attributes:
        url: Its base URL.
        process: The process that serves it.
    """

    def __init__(self, process: Child) -> None:
        self.process = process
        self.url = ""

    @classmethod
    def launch(cls, folder: StackFolder) -> Self:
        """Start it on `registry.db`; it may not be ready yet."""
        store = folder.path / "registry.db"
        serve = ["-P", "-m", "registry.local", "--host", "127.0.0.1", "--port", "0"]
        command = [sys.executable, *serve, "--store", str(store)]
        return cls(folder.start("registry", command))

    def wait_until_ready(self) -> None:
        """Set `url` once it is served."""
        started = self.process.wait_until(
            lambda: self.process.find_logged("url"), timeout_s=_TIMEOUT_S
        )
        self.url = str(started["url"])

    def stop(self) -> None:
        """Stop it; safe to call again."""
        self.process.stop()
