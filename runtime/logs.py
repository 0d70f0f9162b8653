"""Logs: one fact a line, JSON for machines, columns for a terminal."""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor


def configure_logs(service: str, *, log_format: str = "auto") -> None:
    """Send everything that is logged from here on to standard error.

    Args:
        service: Field of every line.
        log_format: "console", "json", or "auto": console on a terminal.
    """
    is_console = log_format == "console" or (
        log_format == "auto" and sys.stderr.isatty()
    )
    renderer = (
        structlog.dev.ConsoleRenderer()
        if is_console
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            _name(service),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.EventRenamer("event"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _name(service: str) -> Processor:
    """Return what adds the service to every line, of whatever thread."""

    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {**event, "service": service}

    return add
