"""The request log: one line of JSON a request, on standard error."""

import logging
import sys

import structlog


def open_log() -> structlog.typing.FilteringBoundLogger:
    """Return a log that depends on no other configuration of logging."""
    log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        service="registry",
    )
    return log.bind()
