"""Lets ``python -m sinks.notification_service`` do what the console script does."""

from sinks.notification_service.command import main

main(prog_name="notification-service")
