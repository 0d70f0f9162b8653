"""A real Apache Kafka on this machine: KRaft, one node or three, no container."""

import base64
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Self

from operations.stack.broker_config import Node, plan_nodes, write_properties
from operations.stack.errors import StackError
from operations.stack.folder import StackFolder
from operations.stack.jars import get_jars
from operations.stack.java import get_java
from operations.stack.readiness import ReadinessProbe
from registry.errors import ConfigError
from runtime.processes import Child

_START_ATTEMPTS = 3
_START_TIMEOUT_S = 90.0
_STOP_S = 10.0
_STOP_WITHOUT_QUORUM_S = 3.0
_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")


class LocalKafka:
    """A running cluster.

    Attributes:
        bootstrap_servers: "host:port" of every broker, comma separated.
        brokers: Its processes, in the order of their node ids 1, 2, 3.
    """

    def __init__(self, nodes: Sequence[Node], brokers: Sequence[Child]) -> None:
        self.bootstrap_servers = ",".join(node.address for node in nodes)
        self.brokers = brokers

    @classmethod
    def start(cls, folder: StackFolder, *, brokers: int = 1) -> Self:
        """Start on what the folder holds, formatted first if it holds no cluster.

        Returns once transactions work. The ports are free ones, new at every start.

        Raises:
            ConfigError: No Java, no jars, or data of another number of brokers.
            ProcessEnded: A broker ended during its start.
            NotReadyInTime: Transactions did not work within 90 s.
        """
        java = _java_command(folder)
        _format_once(java, folder, brokers)
        for _ in range(_START_ATTEMPTS - 1):
            try:
                return cls._start_once(java, folder, brokers)
            except _PortTaken:
                continue
        return cls._start_once(java, folder, brokers)

    @classmethod
    def _start_once(
        cls, java: Sequence[str], folder: StackFolder, brokers: int
    ) -> Self:
        nodes = plan_nodes(folder.path / "kafka", brokers)
        write_properties(nodes)
        cluster = cls(nodes, [_start_broker(java, node, folder) for node in nodes])
        try:
            cluster.wait_until_ready()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def wait_until_ready(self) -> None:
        """Return once clients know every broker, and transactions and groups work.

        Raises:
            ProcessEnded: A broker has ended.
            NotReadyInTime: That was not so within 90 s.
        """
        probe = ReadinessProbe(self.bootstrap_servers, brokers=len(self.brokers))

        def ask() -> bool | None:
            self._check_alive()
            return probe.is_ready() or None

        with closing(probe):
            self.brokers[0].wait_until(ask, timeout_s=_START_TIMEOUT_S)

    def _check_alive(self) -> None:
        for broker in self.brokers:
            if broker.exit_status is not None and _lost_its_port(broker):
                raise _PortTaken
            broker.check_running()

    def stop(self) -> None:
        """Stop every broker; safe to call again."""
        # The last controllers wait in vain for a quorum to hand over to; by then
        # their records have long been closed in order.
        grace_s = _STOP_S if len(self.brokers) == 1 else _STOP_WITHOUT_QUORUM_S
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda broker: broker.stop(grace_s=grace_s), self.brokers))


class _PortTaken(StackError):
    """Another program took a port after it was found free."""


def _lost_its_port(broker: Child) -> bool:
    return "Address already in use" in broker.read_log()


def _start_broker(java: Sequence[str], node: Node, folder: StackFolder) -> Child:
    return folder.start(node.name, [*java, "kafka.Kafka", str(node.properties_path)])


def _java_command(folder: StackFolder) -> list[str]:
    # Native libraries are unpacked there; a killed broker leaves them behind.
    temporary = folder.make_empty("tmp")
    return [
        str(get_java()),
        "-Xmx512m",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={temporary}",
        f"-Dlog4j2.configurationFile={_LOG_SETTINGS}",
        "-cp",
        ":".join(str(jar) for jar in get_jars()),
    ]


def _format_once(java: Sequence[str], folder: StackFolder, brokers: int) -> None:
    """Make an empty cluster of `brokers` nodes unless there is one already."""
    cluster = folder.path / "kafka"
    if cluster.exists():
        _check_size(cluster, brokers)
        return
    # Formatted aside and renamed, so that an interrupted start leaves nothing half.
    staging = folder.make_empty("kafka.new")
    nodes = plan_nodes(staging, brokers)
    write_properties(nodes)
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}"]
    formats = [
        folder.start(f"format-{node.name}", [*tool, f"--config={node.properties_path}"])
        for node in nodes
    ]
    for each in formats:
        _finish(each)
    staging.rename(cluster)


def _check_size(cluster: Path, brokers: int) -> None:
    found = len(list(cluster.glob("broker-*")))
    if found != brokers:
        raise ConfigError(
            f"{cluster} holds a cluster of {found} brokers, not of {brokers}",
            hint="name another folder with --data, or delete this one",
        )


def _finish(child: Child) -> None:
    try:
        status = child.wait(timeout_s=_START_TIMEOUT_S)
    finally:
        child.stop()
    if status:
        raise child.to_ended(status)
