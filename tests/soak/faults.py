"""The kinds of faults: each hurts the system and, when its block ends, heals it."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager

from operations.stack import Child
from tests.services import send_values
from tests.soak.system import System, freeze, thaw

_STOP_S = 30.0
_JUNK = (b"not Avro", b"\x00\x00\x00\xff\xff\xff", b"\x00\x00\x00\x00\x01\x02")

Fault = Callable[[System, random.Random], AbstractContextManager[None]]


def _draw_service(system: System, draw: random.Random) -> Child:
    return system.services[draw.choice(sorted(system.services))]


def _draw_broker(system: System, draw: random.Random) -> Child:
    return draw.choice(list(system.stack.kafka.brokers))


@contextmanager
def kill_service(system: System, draw: random.Random) -> Iterator[None]:
    """A service is killed (-9)."""
    service = _draw_service(system, draw)
    service.kill()
    yield
    service.restart()


@contextmanager
def stop_service(system: System, draw: random.Random) -> Iterator[None]:
    """A service is stopped and started, as an update does."""
    service = _draw_service(system, draw)
    service.stop(grace_s=_STOP_S)
    yield
    service.restart()


@contextmanager
def freeze_service(system: System, draw: random.Random) -> Iterator[None]:
    """A service is frozen (SIGSTOP), and goes on."""
    service = _draw_service(system, draw)
    freeze(service)
    yield
    thaw(service)


@contextmanager
def kill_broker(system: System, draw: random.Random) -> Iterator[None]:
    """One broker of three is killed (-9)."""
    broker = _draw_broker(system, draw)
    broker.kill()
    yield
    broker.restart()


@contextmanager
def stop_broker(system: System, draw: random.Random) -> Iterator[None]:
    """One broker of three is stopped and started."""
    broker = _draw_broker(system, draw)
    broker.stop(grace_s=_STOP_S)
    yield
    broker.restart()


@contextmanager
def kill_all_brokers(system: System, draw: random.Random) -> Iterator[None]:
    """All three brokers are killed (-9)."""
    del draw
    for broker in system.stack.kafka.brokers:
        broker.kill()
    yield
    for broker in system.stack.kafka.brokers:
        broker.restart()


@contextmanager
def kill_registry(system: System, draw: random.Random) -> Iterator[None]:
    """The registry is killed (-9), and a service that needs it to start."""
    with kill_service(system, draw):
        system.registry.kill()
        yield
        system.registry.restart()


@contextmanager
def lock_database(system: System, draw: random.Random) -> Iterator[None]:
    """The figures' database is locked."""
    del draw
    with closing(sqlite3.connect(system.figures_path, timeout=_STOP_S)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def add_worker(system: System, draw: random.Random) -> Iterator[None]:
    """A third worker of transaction-service joins, and leaves."""
    del draw
    worker = system.spare()
    yield
    worker.stop(grace_s=_STOP_S)


@contextmanager
def send_junk(system: System, draw: random.Random) -> Iterator[None]:
    """Records that are no orders."""
    values = [(b"junk", draw.choice(_JUNK)) for _ in range(3)]
    send_values(system.stack.addresses, "order-details", values)
    yield


@contextmanager
def two_at_once(system: System, draw: random.Random) -> Iterator[None]:
    """A broker and a service are killed together."""
    with ExitStack() as both:
        both.enter_context(kill_broker(system, draw))
        both.enter_context(kill_service(system, draw))
        yield


FAULTS = (
    kill_service,
    stop_service,
    freeze_service,
    kill_broker,
    stop_broker,
    kill_all_brokers,
    kill_registry,
    lock_database,
    add_worker,
    send_junk,
    two_at_once,
)
