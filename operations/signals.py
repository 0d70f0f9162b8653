"""Signals of the `pipeline` command: an end in peace, however early they come."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Make SIGTERM what Ctrl-C is, KeyboardInterrupt, while inside."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore further signals while inside: what is stopping is already on its way."""
    previous = {
        each: signal.signal(each, signal.SIG_IGN)
        for each in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
