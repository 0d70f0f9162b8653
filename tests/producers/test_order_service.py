"""The program itself: what it says, how it ends, and what is in Kafka then."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    Message,
    TopicPartition,
)
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from operations.stack import Addresses
from producers.order_service import main
from registry.catalog import Contract
from registry.serdes import Deserializer
from schemas import CONTRACTS

OrderService = Callable[..., "subprocess.CompletedProcess[str]"]
MakeBad = Callable[[dict[str, Any]], object]
WriteLines = Callable[[Callable[[dict[str, Any]], list[object]]], Path]
ReadTopic = Callable[[], list[Message]]

_TIMEOUT_S = 30.0


@pytest.fixture
def read_topic(registered: Addresses, topic: str) -> ReadTopic:
    """Return what reads all records of the topic of this test."""

    def read() -> list[Message]:
        consumer = Consumer(
            {
                "bootstrap.servers": registered.bootstrap_servers,
                "group.id": topic,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
            }
        )
        try:
            partitions = consumer.list_topics(topic, timeout=_TIMEOUT_S).topics[topic]
            places = [
                TopicPartition(topic, each, OFFSET_BEGINNING)
                for each in partitions.partitions
            ]
            consumer.assign(places)
            return consume(consumer, len(places))
        finally:
            consumer.close()

    return read


def consume(consumer: Consumer, partition_count: int) -> list[Message]:
    """Return the committed records up to the end of each partition."""
    messages: list[Message] = []
    deadline = time.monotonic() + _TIMEOUT_S
    while sum(message.error() is not None for message in messages) < partition_count:
        assert time.monotonic() < deadline
        messages += consumer.consume(1000, 1.0)
    return [message for message in messages if message.error() is None]


@contextmanager
def running(
    environment: dict[str, str], *arguments: str
) -> Iterator["subprocess.Popen[str]"]:
    """Run order-service in the background; it is killed if it is left running."""
    program = Path(sys.executable).with_name("order-service")
    with subprocess.Popen(
        [program, "--listen", "127.0.0.1:0", *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def find_url(process: "subprocess.Popen[str]") -> str:
    """Return the address that the service says it listens on."""
    assert process.stderr is not None
    for line in process.stderr:
        fields = json.loads(line)
        if fields["event"] == "service.listening":
            return str(fields["url"])
    pytest.fail("the service ended before it listened")


def wait_until_written(url: str, count: int) -> dict[str, Any]:
    """Return the status once so many orders are acknowledged."""
    deadline = time.monotonic() + _TIMEOUT_S
    status: dict[str, Any] = {}
    while status.get("records_written", -1) < count:
        assert time.monotonic() < deadline, status
        status = httpx.get(f"{url}/status").json()
        time.sleep(0.02)
    return status


@pytest.fixture
def write_lines(tmp_path: Path, order: dict[str, Any]) -> WriteLines:
    """Return what makes lines of a legal order; text goes into the file as it is."""

    def write(make: Callable[[dict[str, Any]], list[object]]) -> Path:
        entries = make(order)
        lines = [
            each if isinstance(each, str) else json.dumps(each) for each in entries
        ]
        path = tmp_path / "orders.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    return write


def test_help_has_examples_and_exit_codes(run_alone: OrderService) -> None:
    """Who asks for help learns how it is called and how it ends."""
    end = run_alone("--help")

    assert end.returncode == 0
    assert "order-service --count 100 --seed 7" in end.stdout
    assert "65 a line is no legal order" in end.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "missing.jsonl"], "File 'missing.jsonl' does not exist"),
        (["--count", "-1"], "-1 is not in the range x>=0"),
        (["--rate", "0"], "0.0 is not in the range x>0"),
        (["--start-time", "2026-01-31"], "must be a time of ISO 8601 with an offset"),
        (["--start-time", "9500-01-01T00:00:00Z"], "must be before the year 9001"),
        (["--from", "-", "--seed", "1"], "--seed is of Faker and has no meaning"),
        (["--on-bad-line", "ignore"], "'ignore' is not one of 'stop', 'skip'"),
        (["--listen", "8080"], "'8080' is not HOST:PORT"),
    ],
)
def test_wrong_usage_ends_with_2_naming_the_flag(
    arguments: list[str], sentence: str
) -> None:
    """Wrong usage is click's to say, before anything is set up."""
    end = CliRunner().invoke(main, arguments)

    assert end.exit_code == 2
    assert sentence in end.stderr


def test_version_that_is_not_in_the_contract_ends_with_78(
    run_alone: OrderService,
) -> None:
    """The sentence says which versions there are."""
    end = run_alone("--contract-version", "9")

    assert end.returncode == 78
    assert end.stderr == (
        "order-service: order-details-value: there is no version 9; there are: 1, 2\n"
    )


def test_taken_port_ends_with_78(run_alone: OrderService) -> None:
    """The sentence says which address, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        end = run_alone("--listen", address)

    assert end.returncode == 78
    assert f"order-service: cannot listen on {address}: Address already in use" in (
        end.stderr
    )
    assert "choose another address with --listen" in end.stderr


def test_registry_that_is_absent_at_start_ends_with_75(run_alone: OrderService) -> None:
    """It is waited for up to --startup-timeout."""
    end = run_alone("--startup-timeout", "0", "--registry-url", "http://127.0.0.1:1")

    assert end.returncode == 75
    assert "order-service: no schema registry answers at http://127.0.0.1:1" in (
        end.stderr
    )


def test_broker_that_is_absent_at_start_ends_with_75(
    run_order_service: OrderService,
) -> None:
    """It is waited for up to --startup-timeout."""
    end = run_order_service(
        "--startup-timeout", "0", "--bootstrap-servers", "127.0.0.1:1"
    )

    assert end.returncode == 75
    assert "order-service: no Kafka broker answers at 127.0.0.1:1" in end.stderr


def test_signal_while_the_broker_is_waited_for_ends_with_0(
    environment: dict[str, str], registered: Addresses
) -> None:
    """Who stops a service that has not begun gets no error."""
    environment["SCHEMA_REGISTRY_URL"] = registered.registry_url
    with running(environment, "--bootstrap-servers", "127.0.0.1:1") as process:
        find_url(process)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=_TIMEOUT_S)

    assert process.returncode == 0
    assert "order-service: 0 orders acknowledged\n" in said


def test_missing_topic_ends_with_78(run_order_service: OrderService) -> None:
    """Nothing creates a topic silently."""
    end = run_order_service("--topic", "no-such-topic", "--count", "1")

    assert end.returncode == 78
    assert "order-service: topic no-such-topic does not exist" in end.stderr


def test_version_that_is_not_registered_ends_with_78(
    run_order_service: OrderService, tmp_path: Path
) -> None:
    """The sentence says subject and version, and what to run."""
    schemas = tmp_path / "schemas"
    shutil.copytree(CONTRACTS, schemas, ignore=shutil.ignore_patterns("*.py"))
    newest = schemas / "order-details-value/v2.avsc"
    candidate = newest.read_text().replace("not priced yet", "without prices yet")
    newest.with_name("v3.avsc").write_text(candidate)

    end = run_order_service("--schemas", schemas, "--count", "1")

    assert end.returncode == 78
    assert "order-service: order-details-value version 3 is not registered\n" in (
        end.stderr
    )
    assert "run: contracts register" in end.stderr


def test_known_orders_are_read_back_by_the_stock_deserializer(
    run_order_service: OrderService,
    read_topic: ReadTopic,
    registry: SchemaRegistryClient,
    northwind: Path,
) -> None:
    """830 orders in, the same 830 in Kafka: keys, values, trace contexts."""
    end = run_order_service("--from", northwind)
    messages = read_topic()

    decode = AvroDeserializer(registry, conf={"subject.name.strategy.type": "TOPIC"})
    context = SerializationContext("order-details", MessageField.VALUE)
    written = {
        (message.key() or b"").decode(): decode(message.value(), context)
        for message in messages
    }
    traces = [find_trace(message) for message in messages]
    assert end.returncode == 0
    assert end.stdout == ""
    assert "order-service: 830 orders acknowledged\n" in end.stderr
    assert len(messages) == 830
    assert written == read_events(northwind)
    assert len(set(traces)) == 830
    assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", each) for each in traces)


def find_trace(message: Message) -> str:
    """Return the trace context, the only header of a record."""
    headers = message.headers()
    assert isinstance(headers, list)
    ((name, value),) = headers
    assert name == "traceparent"
    assert isinstance(value, bytes)
    return value.decode()


def read_events(path: Path) -> dict[str, Any]:
    """Return the events of a file by their order ids, amounts and times exact."""
    lines = path.read_text(encoding="utf-8").splitlines()
    events = [json.loads(line, object_hook=exact) for line in lines]
    return {event["order_id"]: event for event in events}


def exact(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object of JSON with amounts and time as Avro's readers give them."""
    amounts = fields.keys() & {"unit_price", "discount"}
    times = fields.keys() & {"created_at"}
    return (
        fields
        | {name: Decimal(fields[name]) for name in amounts}
        | {name: datetime.fromisoformat(fields[name]) for name in times}
    )


def test_both_versions_are_written_at_the_same_time(
    run_order_service: OrderService,
    environment: dict[str, str],
    read_topic: ReadTopic,
    registry: SchemaRegistryClient,
    contract: Contract,
) -> None:
    """Two producers, two versions, one topic: version 1 has no discount."""
    first = ["--count", "300", "--seed", "1", "--contract-version", "1"]
    with running({**environment}, *first) as process:
        end = run_order_service("--count", "300", "--seed", "2")
        process.communicate(timeout=_TIMEOUT_S)
    messages = read_topic()

    decode = Deserializer(registry, contract)
    values = [message.value() or b"" for message in messages]
    schema_ids = Counter(value[:5] for value in values)
    discounted = {
        value[:5]
        for value in values
        if any(item["discount"] for item in decode(value)["items"])
    }
    assert (process.returncode, end.returncode) == (0, 0)
    assert sorted(schema_ids.values()) == [300, 300]
    assert len(discounted) == 1


def test_same_seed_and_start_write_the_same_bytes(
    run_order_service: OrderService, read_topic: ReadTopic
) -> None:
    """A load can be repeated, byte for byte."""
    arguments = ["--count", "50", "--seed", "7"]
    arguments += ["--start-time", "2026-01-31T00:00:00Z"]
    ends = [
        run_order_service(*arguments, "--source-name", name) for name in ("one", "two")
    ]

    written = Counter((each.key(), each.value()) for each in read_topic())

    assert [end.returncode for end in ends] == [0, 0]
    assert set(written.values()) == {2}
    assert len(written) == 50


CURRENCIES = "USD, EUR, GBP, JPY, CHF, CAD, AUD, SEK, NOK, DKK, PLN, CZK, INR, CNY, BRL"
BAD_LINES: list[tuple[MakeBad, str]] = [
    (
        lambda _order: '{"order_id": "1"',
        "not JSON: Expecting ',' delimiter at column 17",
    ),
    (lambda order: order | {"items": []}, "items must have at least one entry"),
    (
        lambda order: change_item(order, quantity=-3),
        "items[0].quantity must be 1 to 2147483647, got -3",
    ),
    (
        lambda order: order | {"currency": "ATS"},
        f'currency must be one of {CURRENCIES}, got "ATS"',
    ),
    (
        lambda order: change_item(order, unit_price="9.995"),
        'items[0].unit_price must have at most 2 decimals, got "9.995"',
    ),
]


def change_item(order: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Return the order with other values in its first line item."""
    return order | {"items": [order["items"][0] | changes]}


@pytest.mark.parametrize(
    ("make_bad", "reason"),
    BAD_LINES,
    ids=["malformed", "no items", "quantity", "currency", "price"],
)
def test_bad_line_ends_with_65_naming_file_line_and_reason(
    make_bad: MakeBad,
    reason: str,
    run_order_service: OrderService,
    read_topic: ReadTopic,
    write_lines: WriteLines,
) -> None:
    """What came before is in Kafka, and it is said how many; the rest is not."""
    path = write_lines(lambda order: [order, order, make_bad(order), order])

    end = run_order_service("--from", path)

    assert end.returncode == 65
    assert end.stderr.endswith(
        "order-service: 2 orders acknowledged\n"
        f"order-service: {path}:3: {reason}\n"
        "  mend it, or pass over such lines with --on-bad-line skip\n"
    )
    assert len(read_topic()) == 2


def test_bad_lines_are_said_and_passed_over_when_told_so(
    run_order_service: OrderService,
    read_topic: ReadTopic,
    write_lines: WriteLines,
) -> None:
    """Each bad line is said, they are counted, and the run succeeds."""
    path = write_lines(
        lambda order: [order, *(make_bad(order) for make_bad, _ in BAD_LINES), order]
    )

    end = run_order_service("--from", path, "--on-bad-line", "skip")

    said = re.findall(r"^order-service: (.*)$", end.stderr, re.MULTILINE)
    assert end.returncode == 0
    assert said == [
        *(
            f"skipped {path}:{number}: {reason}"
            for number, (_, reason) in enumerate(BAD_LINES, start=2)
        ),
        "2 orders acknowledged, 5 lines skipped",
    ]
    assert len(read_topic()) == 2


def test_order_with_discount_is_refused_by_version_1(
    run_order_service: OrderService, order: dict[str, Any]
) -> None:
    """The order cannot be written without becoming dearer."""
    end = run_order_service(
        "--from", "-", "--contract-version", "1", stdin=json.dumps(order)
    )

    assert end.returncode == 65
    assert (
        "order-service: stdin:1: items[0].discount is 0.15,"
        " but contract version 1 has no discount\n"
    ) in end.stderr


def test_standard_input_that_stays_open_is_left_when_idle(
    environment: dict[str, str], run_order_service: OrderService, order: dict[str, Any]
) -> None:
    """`--until-idle` ends what the end of the input would end otherwise."""
    del run_order_service  # sets the stack's addresses in the environment
    with running(environment, "--from", "-", "--until-idle", "0.5") as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        status = process.wait(_TIMEOUT_S)
        _, said = process.communicate()

    assert status == 0
    assert "order-service: 1 order acknowledged\n" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_an_endless_run_with_everything_acknowledged(
    number: signal.Signals,
    environment: dict[str, str],
    run_order_service: OrderService,
    read_topic: ReadTopic,
) -> None:
    """What is written is acknowledged, its number is said, and the exit is clean."""
    del run_order_service  # sets the stack's addresses in the environment
    with running(environment, "--rate", "500") as process:
        wait_until_written(find_url(process), 50)
        process.send_signal(number)
        _, said = process.communicate(timeout=_TIMEOUT_S)

    acknowledged = re.search(r"order-service: (\d+) orders acknowledged\n", said)
    assert process.returncode == 0
    assert acknowledged is not None
    assert len(read_topic()) == int(acknowledged[1])


def test_service_tells_how_it_is_doing(
    environment: dict[str, str], run_order_service: OrderService
) -> None:
    """Probes, status and metrics agree on what was written."""
    del run_order_service  # sets the stack's addresses in the environment
    with running(environment, "--rate", "100", "--contract-version", "1") as process:
        url = find_url(process)
        status = wait_until_written(url, 20)
        probes = [
            httpx.get(f"{url}/{each}").status_code for each in ("livez", "readyz")
        ]
        metrics = httpx.get(f"{url}/metrics").text

    written = re.search(r"^accord_records_written_total (\d+)", metrics, re.MULTILINE)
    assert probes == [200, 200]
    assert status["service"] == "order-service"
    assert status["state"] == "running"
    assert status["contract_version"] == 1
    assert written is not None
    assert int(written[1]) >= status["records_written"] >= 20


def test_terminal_gets_a_progress_bar(
    environment: dict[str, str], run_order_service: OrderService
) -> None:
    """The bar is drawn on standard error, and only there."""
    del run_order_service  # sets the stack's addresses in the environment
    terminal, program_end = os.openpty()
    program = Path(sys.executable).with_name("order-service")
    with subprocess.Popen(
        [program, "--count", "20", "--rate", "40"],
        env=environment | {"TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=program_end,
    ) as process:
        os.close(program_end)
        drawn = read_until_closed(terminal)
        printed, _ = process.communicate(timeout=_TIMEOUT_S)

    assert process.returncode == 0
    assert printed == b""
    assert "\N{BOX DRAWINGS HEAVY HORIZONTAL}" in drawn
    assert re.search(r"\d+ orders", drawn)


def read_until_closed(terminal: int) -> str:
    """Return what a terminal is sent until its last writer ends; close it."""
    drawn = b""
    # Linux answers EIO, macOS an empty read.
    with suppress(OSError), open(terminal, "rb", buffering=0) as screen:
        while chunk := screen.read(2**16):
            drawn += chunk
    return drawn.decode()


def test_rate_spreads_a_file_over_time(
    run_order_service: OrderService, read_topic: ReadTopic, order: dict[str, Any]
) -> None:
    """40 orders at 40 a second take nearly a second."""
    lines = "".join(f"{json.dumps(order)}\n" for _ in range(40))

    run_order_service("--from", "-", "--rate", "40", stdin=lines)

    times = [message.timestamp()[1] for message in read_topic()]
    assert 900 <= max(times) - min(times) <= 5000


def test_module_is_the_same_program(environment: dict[str, str]) -> None:
    """`python -m producers.order_service` is `order-service`."""
    end = subprocess.run(
        [sys.executable, "-m", "producers.order_service", "--help"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )

    assert end.stdout.startswith("Usage: order-service [OPTIONS]")
