"""The console script of this package."""

from registry.starting import start


def transaction_service() -> None:
    """Run `transaction-service`."""
    start("processors.transaction_service")
