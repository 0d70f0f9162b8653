"""The console scripts of this package."""

from registry.starting import start


def pipeline() -> None:
    """Run `pipeline`."""
    start("operations.cli")


def dashboard() -> None:
    """Run `dashboard`."""
    start("operations.dashboard")
