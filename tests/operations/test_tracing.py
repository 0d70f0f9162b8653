"""One order is followed through all stages; unasked, nothing is in its way."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from operations.stack import Addresses, wait_for_service
from operations.verify.evidence import read_to_end
from producers.order_service.orders import SourcedOrder
from producers.order_service.transactional_publishing import OrderEncoder
from registry.errors import ConfigError
from runtime.config import KafkaSettings
from runtime.records import Output, Record
from runtime.tracing import OpenSpans, TracingSettings, open_tracer, trace_process
from tests import services
from tests.operations.otlp import Receiver, receiving

WaitUntil = Callable[[Callable[[], bool]], None]

READERS = ("transaction-service", "notification-service", "analytics-service")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver of spans."""
    with receiving() as started:
        yield started


@pytest.fixture
def topics(stack: Addresses, unique_name: Callable[[str], str]) -> services.Topics:
    """Return the topics of a pipeline; the contracts are let in."""
    services.let_contracts_in(stack.registry_url)
    return services.create_topics(stack, unique_name("traced"))


@contextmanager
def pipeline(
    stack: Addresses, topics: services.Topics, folder: Path, **environ: str
) -> Iterator[None]:
    """Run the three readers, each ready."""
    common = (
        *("--bootstrap-servers", stack.bootstrap_servers),
        *("--registry-url", stack.registry_url, "--group", topics.input),
    )
    flags = {
        "transaction-service": (
            *("--input-topic", topics.input, "--output-topic", topics.output),
        ),
        "notification-service": (
            *("--input-topic", topics.output, "--group", f"{topics.input}-n"),
            *("--mail", f"maildir:{folder / 'mail'}"),
            *("--database", f"sqlite:///{folder / 'n.db'}"),
        ),
        "analytics-service": (
            *("--input-topic", topics.output, "--group", f"{topics.input}-a"),
            *("--database", f"sqlite:///{folder / 'a.db'}"),
        ),
    }
    with ExitStack() as running:
        for name in READERS:
            command = services.running(
                name, *common, *flags[name], folder=folder, **environ
            )
            wait_for_service(running.enter_context(command))
        yield


def write_orders(
    stack: Addresses, topics: services.Topics, folder: Path, **environ: str
) -> None:
    """Have order-service write one order, and wait for its end."""
    flags = (
        *("--bootstrap-servers", stack.bootstrap_servers),
        *("--registry-url", stack.registry_url),
        *("--topic", topics.input, "--count", "1"),
    )
    with services.running("order-service", *flags, folder=folder, **environ) as child:
        assert child.wait(timeout_s=60) == 0, child.read_log()


def test_one_order_is_followed_through_all_stages(
    stack: Addresses,
    topics: services.Topics,
    receiver: Receiver,
    tmp_path: Path,
    wait_until: WaitUntil,
) -> None:
    """One trace: written, priced under that, mailed and counted under the pricing."""
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
    environ |= {"OTEL_BSP_SCHEDULE_DELAY": "100"}
    with pipeline(stack, topics, tmp_path, **environ):
        write_orders(stack, topics, tmp_path, **environ)
        wait_until(lambda: len(receiver.spans) == 4)

    [written] = receiver.named("order-service")
    [priced] = receiver.named("transaction-service")
    [mailed] = receiver.named("notification-service")
    [counted] = receiver.named("analytics-service")
    assert {each.trace_id for each in receiver.spans} == {written.trace_id}
    assert written.parent_id == ""
    assert priced.parent_id == written.span_id
    assert (mailed.parent_id, counted.parent_id) == (priced.span_id, priced.span_id)
    assert [each.name for each in (written, priced, mailed, counted)] == [
        f"create {topics.input}",
        f"process {topics.input}",
        f"process {topics.output}",
        f"process {topics.output}",
    ]
    assert not any(each.has_failed for each in receiver.spans)


def test_trace_context_reaches_the_sinks_without_any_configuration(
    stack: Addresses, topics: services.Topics, tmp_path: Path, wait_until: WaitUntil
) -> None:
    """What order-service began stands unchanged on the priced order."""
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers)

    with pipeline(stack, topics, tmp_path):
        write_orders(stack, topics, tmp_path)
        wait_until(lambda: len(read_to_end(kafka, topics.output)) == 1)

    [order], [priced] = (
        read_to_end(kafka, each) for each in (topics.input, topics.output)
    )
    assert [name for name, _ in order.headers] == ["traceparent"]
    assert priced.headers == order.headers


def record_of(
    *, offset: int = 7, traceparent: bytes | None = PARENT.encode()
) -> Record:
    """Return a record with a trace context and another header."""
    headers = [("kind", b"test"), ("traceparent", traceparent)]
    return Record("orders", 2, offset, b"k", b"v", headers, -1)


def forward(record: Record) -> Sequence[Output]:
    """Process a record as services do: with its headers."""
    return [Output("priced", record.key, record.value, record.headers)]


@pytest.fixture
def traced(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """Have this very process send its spans to the receiver."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    return receiver


def test_batch_that_is_dropped_ends_its_spans_as_failed(traced: Receiver) -> None:
    """What is done, what comes again and a dead letter are told apart."""
    error = ConfigError("it is wrong")
    with open_tracer("s") as tracer:
        assert tracer is not None
        spans = OpenSpans(tracer)
        spans.begin(record_of(offset=1))
        spans.begin(record_of(offset=2))
        spans.begin(record_of(offset=2))
        spans.begin(record_of(offset=3)).fail(error)
        spans.end([record_of(offset=3)])
        spans.end_batch(1)

    assert [(each.name, each.has_failed) for each in traced.spans] == [
        ("process orders", True),
        ("process orders", False),
        ("process orders", True),
    ]
    assert traced.spans[0].attributes["error.type"] == "ConfigError"


def test_output_names_the_span_of_its_stage_as_parent(traced: Receiver) -> None:
    """Same trace, another span; every other header is handed on."""
    with open_tracer("s") as tracer:
        assert tracer is not None
        spans = OpenSpans(tracer)
        [output] = map(Output._make, trace_process(forward, spans)(record_of()))
        spans.end_batch(1)

    [span] = traced.spans
    _, trace_id, parent_id, _ = PARENT.split("-")
    assert (span.trace_id, span.parent_id) == (trace_id, parent_id)
    assert dict(output.headers) == {
        "kind": b"test",
        "traceparent": f"00-{trace_id}-{span.span_id}-01".encode(),
    }


def test_order_of_a_file_begins_its_trace_like_any_other() -> None:
    """Orders that are written in transactions are traced as well."""
    encoder = OrderEncoder(
        lambda _event: b"", topic="orders", begin_trace=lambda topic: f"for {topic}"
    )

    output = encoder.encode(SourcedOrder("orders.jsonl:1", {"order_id": "1"}))

    assert list(output.headers) == [("traceparent", b"for orders")]


@pytest.mark.parametrize("context", [None, b"", b"\x00\xff", b"00-1-2-01"])
def test_context_that_cannot_be_read_is_handed_on_as_it_came(
    context: bytes | None, traced: Receiver
) -> None:
    """The record begins a trace of its own; its headers stay."""
    with open_tracer("s") as tracer:
        assert tracer is not None
        spans = OpenSpans(tracer)
        traced_process = trace_process(forward, spans)
        [output] = map(Output._make, traced_process(record_of(traceparent=context)))
        spans.end_batch(1)

    assert list(output.headers) == [("kind", b"test"), ("traceparent", context)]
    assert [each.parent_id for each in traced.spans] == [""]


@pytest.mark.parametrize(
    ("environ", "is_on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}, False),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
                "OTEL_TRACES_EXPORTER": "none",
            },
            False,
        ),
    ],
)
def test_tracing_is_on_if_opentelemetry_says_so(
    environ: dict[str, str],
    is_on: bool,  # noqa: FBT001 - a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its own variables decide; there is no flag."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert TracingSettings.from_env().is_on is is_on


def test_nothing_is_imported_or_wrapped_without_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process of a service is then the very one that it was given."""
    monkeypatch.setitem(sys.modules, "runtime.spans", None)
    with open_tracer("s") as tracer:
        assert tracer is None

    assert trace_process(forward, None) is forward


def test_missing_extra_is_said_and_does_not_stop_the_service(
    traced: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A line says what to install; records are processed without spans."""
    del traced
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "runtime.spans", raising=False)
    with open_tracer("s") as tracer:
        assert tracer is None

    assert "pip install '.[otel]'" in capsys.readouterr().out


def test_malformed_variable_is_refused_in_a_sentence(
    traced: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback of the library."""
    del traced
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "10")

    with pytest.raises(ConfigError, match="OpenTelemetry refuses"), open_tracer("s"):
        pass


def test_absent_collector_does_not_keep_a_service_from_ending(
    stack: Addresses, topics: services.Topics, tmp_path: Path
) -> None:
    """The order is written, the program ends with 0 and says what it could not send."""
    nobody = "http://127.0.0.1:9"
    write_orders(stack, topics, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=nobody)
