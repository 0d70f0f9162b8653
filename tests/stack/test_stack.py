"""The whole stack: real transactions, real restarts, nothing left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from operations.stack import Addresses, Stack
from operations.stack.folder import is_in_use
from registry.errors import ConfigError

Refuse = Callable[[str], None]
StartParent = Callable[..., tuple[subprocess.Popen[str], list[str]]]
WaitUntilGone = Callable[..., None]

_PARENT = """
import sys
from pathlib import Path
from operations.stack import Stack
stack = Stack.start(Path(sys.argv[1]))
pids = [stack.registry.process.pid, *(broker.pid for broker in stack.kafka.brokers)]
print(stack.bootstrap_servers, stack.registry_url, *pids, flush=True)
"""


@pytest.fixture(autouse=True)
def _only_local(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--stack") != "local":
        pytest.skip("it is about the local stack alone")


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start a stack where a killed one left a half made cluster and addresses."""
    data = tmp_path_factory.mktemp("own")
    (data / "kafka.new" / "broker-1" / "data").mkdir(parents=True)
    (data / "addresses.json").write_text("{}")
    with Stack.start(data) as running:
        yield running


def test_transactions_work_as_soon_as_the_stack_is_there(
    stack: Addresses, new_topic: Callable[..., str]
) -> None:
    """A committed record is seen by read_committed, an aborted one is not."""
    topic = new_topic("transactions")
    producer = Producer(
        {"bootstrap.servers": stack.bootstrap_servers, "transactional.id": topic}
    )
    producer.init_transactions(10)

    producer.begin_transaction()
    producer.produce(topic, b"aborted")
    producer.flush(10)
    producer.abort_transaction(10)
    producer.begin_transaction()
    producer.produce(topic, b"committed")
    producer.commit_transaction(10)

    assert _read_one(stack.bootstrap_servers, topic) == b"committed"


def test_registry_answers(stack: Addresses) -> None:
    """The registry is there when the stack is."""
    assert httpx.get(f"{stack.registry_url}/subjects").status_code == 200


def test_topics_are_never_created_by_accident(stack: Addresses) -> None:
    """A misspelt topic is an error, not a new topic."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})

    assert admin.list_topics("misspelt", timeout=10).topics["misspelt"].error


def test_killed_parent_leaves_nothing_and_loses_nothing(
    tmp_path: Path, start_parent: StartParent, wait_until_gone: WaitUntilGone
) -> None:
    """After `kill -9` all processes go, and the data is there at the next start."""
    parent, (servers, registry_url, *pids) = start_parent(_PARENT, tmp_path)
    _write(servers, "kept", b"acknowledged")
    level = {"compatibility": "FORWARD"}
    httpx.put(f"{registry_url}/config", json=level).raise_for_status()

    parent.kill()
    wait_until_gone(*map(int, pids))

    with Stack.start(tmp_path) as again:
        assert _read_one(again.bootstrap_servers, "kept") == b"acknowledged"
        config = httpx.get(f"{again.registry_url}/config").json()
    assert config == {"compatibilityLevel": "FORWARD"}


def test_everything_killed_at_once_starts_again(
    tmp_path: Path, start_parent: StartParent, wait_until_gone: WaitUntilGone
) -> None:
    """A machine that lost its power is no different from a restart."""
    parent, (servers, _, *words) = start_parent(_PARENT, tmp_path)
    _write(servers, "kept", b"acknowledged")

    pids = [parent.pid, *map(int, words)]
    list(map(os.kill, pids, [signal.SIGKILL] * len(pids)))
    wait_until_gone(*pids)

    with Stack.start(tmp_path) as again:
        assert _read_one(again.bootstrap_servers, "kept") == b"acknowledged"


def test_stack_stops_in_seconds(tmp_path: Path, wait_until_gone: WaitUntilGone) -> None:
    """Stopping ends every process and frees the folder; stopping twice is safe."""
    stack = Stack.start(tmp_path)
    pids = [stack.registry.process.pid, *(each.pid for each in stack.kafka.brokers)]

    started = time.monotonic()
    stack.stop()
    stack.stop()

    assert time.monotonic() - started < 5
    wait_until_gone(*pids, timeout_s=0)
    assert not is_in_use(tmp_path)
    assert Addresses.find(tmp_path) is None


def test_folder_of_a_running_stack_is_refused(own_stack: Stack) -> None:
    """Two stacks on one folder would destroy it."""
    with pytest.raises(ConfigError, match="another stack runs on"):
        Stack.start(own_stack.data)


def test_two_stacks_run_side_by_side(own_stack: Stack, stack: Addresses) -> None:
    """On different folders they share no port."""
    assert own_stack.bootstrap_servers != stack.bootstrap_servers
    assert own_stack.registry_url != stack.registry_url


def test_running_stack_is_found_by_its_folder(own_stack: Stack) -> None:
    """Other programs learn the addresses of this start, not of one before."""
    assert Addresses.find(own_stack.data) == own_stack.addresses


def test_interrupted_format_is_done_again(own_stack: Stack) -> None:
    """What a start left half made did not stand in the way, and is gone."""
    assert not (own_stack.data / "kafka.new").exists()


def test_data_of_another_size_is_refused(tmp_path: Path) -> None:
    """A cluster keeps the number of brokers that it was made with."""
    (tmp_path / "kafka" / "broker-1").mkdir(parents=True)

    with pytest.raises(ConfigError, match="holds a cluster of 1 brokers, not of 3"):
        Stack.start(tmp_path, brokers=3)


@pytest.mark.soak
def test_three_brokers_survive_the_loss_of_one(tmp_path: Path) -> None:
    """With three, what was acknowledged is read while one is dead."""
    with Stack.start(tmp_path, brokers=3) as stack:
        _write(stack.bootstrap_servers, "kept", b"acknowledged")

        stack.kafka.brokers[0].kill()

        assert _read_one(stack.bootstrap_servers, "kept") == b"acknowledged"


def _write(bootstrap_servers: str, topic: str, value: bytes) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result(30)
    producer = Producer(
        {"bootstrap.servers": bootstrap_servers, "acks": "all", "log_level": 0}
    )
    producer.produce(topic, value)
    assert producer.flush(20) == 0


def _read_one(bootstrap_servers: str, topic: str) -> bytes:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": topic,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "log_level": 0,
        }
    )
    consumer.subscribe([topic])
    record = consumer.poll(60)
    consumer.close()
    assert record is not None
    return record.value() or b""
