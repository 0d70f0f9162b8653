"""The console scripts of this package."""

from registry.starting import start


def notification_service() -> None:
    """Run `notification-service`."""
    start("sinks.notification_service")


def analytics_service() -> None:
    """Run `analytics-service`."""
    start("sinks.analytics_service")
