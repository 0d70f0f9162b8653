"""What the brokers of the local stack are told."""

from pathlib import Path

import pytest

from operations.stack.broker_config import (
    Node,
    find_free_ports,
    plan_nodes,
    render_properties,
)

_FOLDER = Path("/data/kafka")


@pytest.mark.parametrize(
    "line",
    [
        "process.roles=broker,controller",
        "group.initial.rebalance.delay.ms=0",
        "auto.create.topics.enable=false",
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=4",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=4",
        "log.dirs=/data/kafka/broker-1/data",
        "log.retention.ms=-1",
    ],
)
def test_single_broker_is_told_what_the_pipeline_relies_on(line: str) -> None:
    """Each promise of the local stack is a line of its settings."""
    node = _node(1)

    assert line in render_properties(node, [node]).splitlines()


def test_broker_listens_on_this_machine_alone() -> None:
    """No other machine can reach a listener."""
    settings = _parse(render_properties(_node(1), [_node(1)]))

    assert settings["listeners"] == (
        "PLAINTEXT://127.0.0.1:9001,CONTROLLER://127.0.0.1:9101"
    )


def test_three_brokers_keep_every_topic_three_times() -> None:
    """One of three may die: two copies in sync are enough, and asked for."""
    nodes = [_node(1), _node(2), _node(3)]

    settings = _parse(render_properties(nodes[1], nodes))

    voters = "1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103"
    assert settings["controller.quorum.voters"] == voters
    assert settings["default.replication.factor"] == "3"
    assert settings["min.insync.replicas"] == "2"
    assert settings["transaction.state.log.min.isr"] == "2"


def test_free_ports_are_all_different() -> None:
    """Ports taken together never repeat, so brokers do not meet on one."""
    assert len(set(find_free_ports(50))) == 50


def test_planned_nodes_have_folders_and_ports_of_their_own() -> None:
    """Nodes are numbered from 1, each below the folder of the cluster."""
    nodes = plan_nodes(_FOLDER, 3)

    assert [node.folder.name for node in nodes] == ["broker-1", "broker-2", "broker-3"]
    assert len({port for n in nodes for port in (n.port, n.controller_port)}) == 6


def _node(number: int) -> Node:
    return Node(
        number=number,
        folder=_FOLDER / f"broker-{number}",
        port=9000 + number,
        controller_port=9100 + number,
    )


def _parse(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())
