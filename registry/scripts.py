"""The console script of this package."""

from registry.starting import start


def contracts() -> None:
    """Run `contracts`."""
    start("registry.cli")
