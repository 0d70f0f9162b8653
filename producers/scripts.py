"""The console script of this package."""

from registry.starting import start


def order_service() -> None:
    """Run `order-service`."""
    start("producers.order_service")
