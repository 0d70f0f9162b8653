"""transaction-service as a process on a real broker."""

import socket
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from operations.stack import Addresses, wait_for_service
from operations.verify.evidence import read_to_end
from runtime.config import KafkaSettings
from tests import services
from tests.processors.conftest import Start, Verify
from tests.services import PARTITIONS, Topics, order, send_orders, send_values

DRAINED_S = 120.0
SHORT = ("--session-timeout", "6", "--transaction-timeout", "5")


def test_every_order_is_priced_whatever_version_wrote_it(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """Records of versions 1 and 2 side by side: every total is right."""
    send_orders(pipeline, topics.input, map(order, range(2000)))

    service = start("--until-idle", "1")

    assert service.wait(timeout_s=DRAINED_S) == 0
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 2000


def test_key_partition_and_trace_are_kept(
    pipeline: Addresses, topics: Topics, start: Start
) -> None:
    """An order keeps its partition number and its traceparent through the pipeline."""
    send_orders(pipeline, topics.input, map(order, range(50)))
    start("--until-idle", "1").wait(timeout_s=DRAINED_S)

    kafka = KafkaSettings(bootstrap_servers=pipeline.bootstrap_servers)
    ours = {
        (each.key, each.partition, tuple(each.headers))
        for each in read_to_end(kafka, topics.input)
    }
    theirs = {
        (each.key, each.partition, tuple(each.headers))
        for each in read_to_end(kafka, topics.output)
    }

    assert ours == theirs


def test_records_that_are_no_orders_become_dead_letters(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """What cannot be decoded or priced is kept whole, with its reason."""
    send_orders(pipeline, topics.input, [order(1), order(2, items=[])])
    send_values(
        pipeline,
        topics.input,
        [(b"a", b"not avro"), (b"b", b"\x00\x7f\xff\xff\xff"), (b"c", b"")],
    )
    dearest = {"quantity": 2**31 - 1, "unit_price": Decimal("9999999999.99")}
    too_dear = order(5, items=[{**order(5)["items"][0], **dearest}])
    send_orders(pipeline, topics.input, [order(3, currency="XXX"), too_dear, order(4)])

    service = start("--until-idle", "1")

    assert service.wait(timeout_s=DRAINED_S) == 0
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert (verdict.expected, verdict.dead_letters) == (2, 6)


def test_restart_goes_on_where_it_stopped(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """A second run does nothing twice."""
    send_orders(pipeline, topics.input, map(order, range(100)))
    start("--until-idle", "1").wait(timeout_s=DRAINED_S)
    send_orders(pipeline, topics.input, map(order, range(100, 200)))

    start("--until-idle", "1").wait(timeout_s=DRAINED_S)

    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 200


@pytest.mark.parametrize("answer", ["offsets of long ago", "none at all"])
def test_group_that_forgets_how_far_it_came_doubles_nothing(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify, answer: str
) -> None:
    """Offsets expire and coordinators err; what is marked commits with the outputs."""
    send_orders(pipeline, topics.input, map(order, range(100)))
    start("--until-idle", "1", *SHORT).wait(timeout_s=DRAINED_S)
    send_orders(pipeline, topics.input, map(order, range(100, 200)))

    forget(pipeline, topics.input, 1 if answer == "offsets of long ago" else None)
    service = start("--until-idle", "1", *SHORT)

    assert service.wait(timeout_s=DRAINED_S) == 0
    assert "offset.behind_mark" in service.read_log()
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 200


def test_positions_with_too_few_partitions_are_refused(
    topics: Topics, start: Start, new_topic: Callable[..., str]
) -> None:
    """A partition without a place for its mark would never be processed."""
    name = new_topic("positions", partitions=1)

    service = start("--positions-topic", name)

    assert service.wait(timeout_s=60) == 78
    reason = f"topic {name} has 1 partitions, {topics.input} has 6"
    assert reason in service.read_log()


def test_sigterm_drains_and_exits_0(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """A stopped service leaves no batch half done."""
    service = start()
    wait_for_service(service)
    send_orders(pipeline, topics.input, map(order, range(500)))

    assert service.stop(grace_s=30) == 0
    start("--until-idle", "1").wait(timeout_s=DRAINED_S)

    assert verify().is_clean


def test_two_bare_processes_share_the_work(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """Without any flag two workers take different slots and fence nobody."""
    workers = [start(), start()]
    urls = [wait_for_service(each) for each in workers]
    workers[0].wait_until(lambda: _share_evenly(urls), timeout_s=60)
    send_orders(pipeline, topics.input, map(order, range(3000)))

    workers[0].wait_until(lambda: _have_processed(urls, 3000), timeout_s=60)
    counts = [httpx.get(f"{url}/status").json()["records_processed"] for url in urls]

    assert sum(counts) == 3000
    assert min(counts) > 0
    assert verify().is_clean


def test_registry_that_goes_away_is_waited_for(
    pipeline: Addresses,
    topics: Topics,
    start: Start,
    tmp_path: Path,
    verify: Verify,
) -> None:
    """With the registry down new schema ids are held, not buried; then it goes on."""
    with services.own_registry(tmp_path) as (_, registry_url):
        services.let_contracts_in(registry_url)
        service = start("--registry-url", registry_url)
        url = wait_for_service(service)

    send_orders(pipeline, topics.input, map(order, range(100)))
    service.wait_until(lambda: _is_holding(url), timeout_s=60)
    held = _status(url)["held"]
    probes = [httpx.get(f"{url}/{each}").status_code for each in ("livez", "readyz")]
    port = int(registry_url.rpartition(":")[2])
    with services.own_registry(tmp_path, port=port):
        service.wait_until(lambda: _has_processed(url, 100), timeout_s=60)

    assert "no schema registry answers" in str(held)
    assert probes == [200, 503]
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 100


@pytest.mark.parametrize(
    ("flags", "sentence", "exit_code"),
    [
        (
            ["--bootstrap-servers", "127.0.0.1:9", "--startup-timeout", "1"],
            "no Kafka broker answers at 127.0.0.1:9",
            75,
        ),
        (
            ["--registry-url", "http://127.0.0.1:9", "--startup-timeout", "1"],
            "no schema registry answers at http://127.0.0.1:9",
            75,
        ),
        (["--output-topic", "nowhere"], "topic nowhere does not exist", 78),
        (["--positions-topic", "absent"], "topic absent does not exist", 78),
        (["--replica-id", "a", "--listen", "127.0.0.1:{taken}"], "cannot listen", 78),
        (["--transaction-timeout", "60"], "must be less than --session-timeout", 78),
        (["--kafka-property", "nonsense"], "must have the form NAME=VALUE", 78),
        (["--batch-records", "0"], "0 is not in the range x>=1", 2),
    ],
)
def test_start_that_cannot_succeed_ends_with_one_sentence(
    start: Start, flags: list[str], sentence: str, exit_code: int
) -> None:
    """The sentence says what is wrong; there is no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        service = start(*(flag.replace("{taken}", port) for flag in flags))
        status = service.wait(timeout_s=60)

    assert sentence in service.read_log()
    assert "Traceback" not in service.read_log()
    assert status == exit_code


def test_contract_nobody_registered_stops_the_service(
    start: Start, tmp_path: Path
) -> None:
    """The sentence names subject and version, and what to run; nothing registers."""
    with services.own_registry(tmp_path) as (_, registry_url):
        service = start("--registry-url", registry_url)
        status = service.wait(timeout_s=60)
        subjects = httpx.get(f"{registry_url}/subjects").json()

    assert status == 78
    assert "order-details-value version 2 is not registered" in service.read_log()
    assert "contracts register" in service.read_log()
    assert subjects == []


def forget(pipeline: Addresses, group: str, offset: int | None) -> None:
    """Delete a group, which bears its topic's name; it then remembers `offset`.

    Kafka allows it once the group's last member is gone: at the end of its session.
    """
    admin = AdminClient({"bootstrap.servers": pipeline.bootstrap_servers})
    deadline = monotonic() + DRAINED_S
    while admin.delete_consumer_groups([group])[group].exception(30) is not None:
        assert monotonic() < deadline
    if offset is not None:
        places = [TopicPartition(group, each, offset) for each in range(PARTITIONS)]
        asked = ConsumerGroupTopicPartitions(group, places)
        admin.alter_consumer_group_offsets([asked])[group].result(30)


def _status(url: str) -> dict[str, Any]:
    status: dict[str, Any] = httpx.get(f"{url}/status").json()
    return status


def _share_evenly(urls: list[str]) -> bool | None:
    placed = [_status(url).get("next_offsets", {}) for url in urls]
    return [len(each) for topic in placed for each in topic.values()] == [3, 3] or None


def _have_processed(urls: list[str], count: int) -> bool | None:
    return sum(_status(url)["records_processed"] for url in urls) == count or None


def _has_processed(url: str, count: int) -> bool | None:
    return _status(url)["records_processed"] == count or None


def _is_holding(url: str) -> bool | None:
    return _status(url)["state"] == "holding" or None
