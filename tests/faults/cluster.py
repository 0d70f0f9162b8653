"""Stacks of the fault tests' own: nobody else suffers when their brokers die."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka.admin import AdminClient

from operations.stack import Child, Stack
from registry.errors import ConfigError
from tests import services

_ASK_S = 10.0
_STOP_S = 30.0

End = Callable[[Child], object]
"""Ends a broker."""


def stop_in_order(broker: Child) -> None:
    """End it as an operator does: it hands over, and closes its logs."""
    broker.stop(grace_s=_STOP_S)


@contextmanager
def own_stack(
    folder: Path, refuse: Callable[[str], None], *, brokers: int
) -> Iterator[Stack]:
    """Run a stack with the contracts in its registry."""
    try:
        running = Stack.start(folder, brokers=brokers)
    except ConfigError as exc:
        refuse(str(exc))
        return
    with running:
        services.let_contracts_in(running.registry_url)
        yield running


def find_leader(stack: Stack, topic: str) -> Child:
    """Return the broker that leads the first partition of a topic."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    partition = admin.list_topics(topic, timeout=_ASK_S).topics[topic].partitions[0]
    return stack.kafka.brokers[partition.leader - 1]
