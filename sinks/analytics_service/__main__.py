"""Lets ``python -m sinks.analytics_service`` do what the console script does."""

from sinks.analytics_service.command import main

main(prog_name="analytics-service")
