"""What a broker of the local stack is told: its `server.properties`."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
_NEVER = -1
_MAX_INT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One broker, which is a controller too.

    Attributes:
        number: Its node id, from 1.
        folder: Its settings, and its records in `data`.
        port: Where clients reach it.
        controller_port: Where the other nodes reach its controller.
    """

    number: int
    folder: Path
    port: int
    controller_port: int

    @property
    def name(self) -> str:
        """What messages and its log file call it."""
        return f"broker-{self.number}"

    @property
    def properties_path(self) -> Path:
        """Its settings, written anew at every start."""
        return self.folder / "server.properties"

    @property
    def address(self) -> str:
        """Its "host:port" for clients."""
        return f"{HOST}:{self.port}"


def plan_nodes(folder: Path, count: int) -> list[Node]:
    """Return `count` nodes below `folder`, on ports that are free now."""
    ports = find_free_ports(2 * count)
    return [
        Node(
            number=number,
            folder=folder / f"broker-{number}",
            port=ports[2 * number - 2],
            controller_port=ports[2 * number - 1],
        )
        for number in range(1, count + 1)
    ]


def find_free_ports(count: int) -> list[int]:
    """Return that many different TCP ports that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def write_properties(nodes: Sequence[Node]) -> None:
    """Write the settings of every node to its folder."""
    for node in nodes:
        node.folder.mkdir(parents=True, exist_ok=True)
        text = render_properties(node, nodes)
        node.properties_path.write_text(text, encoding="utf-8")


def render_properties(node: Node, nodes: Sequence[Node]) -> str:
    """Return the text of the `server.properties` of `node`, one of `nodes`."""
    settings = {
        **_identity(node, nodes),
        **_internal_topics(len(nodes)),
        **_local_habits(),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _identity(node: Node, nodes: Sequence[Node]) -> dict[str, object]:
    # Voters by configuration, not by `--standalone`: the data then holds no port.
    voters = ",".join(f"{n.number}@{HOST}:{n.controller_port}" for n in nodes)
    controller = f"CONTROLLER://{HOST}:{node.controller_port}"
    return {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{node.address},{controller}",
        "advertised.listeners": f"PLAINTEXT://{node.address}",
        "log.dirs": node.folder / "data",
    }


def _internal_topics(replicas: int) -> dict[str, object]:
    in_sync = 1 if replicas == 1 else 2
    return {
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": 4,
    }


def _local_habits() -> dict[str, object]:
    return {
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        # A stack that rests for a week keeps its records and its readers' places:
        # losing offsets alone would make the next start count every order again.
        "log.retention.ms": _NEVER,
        "offsets.retention.minutes": _MAX_INT,
        # Default 10 s: a transaction with a shorter timeout would outlive it.
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
        # A broker killed and started anew waits for its former session to end.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "controller.quorum.election.timeout.ms": 500,
        "controller.quorum.fetch.timeout.ms": 1000,
        "log.cleaner.dedupe.buffer.size": 8 * 2**20,  # of a heap of 512 MiB
        "num.network.threads": 2,
        "num.io.threads": 4,
    }
