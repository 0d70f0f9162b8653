"""docs/reference/errors.md, row by row, on librdkafka's mock cluster."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from confluent_kafka import Consumer, KafkaError

from registry.errors import PipelineError
from runtime.config import KafkaSettings, LoopSettings
from runtime.errors import BrokerRefused, ProducerFenced, TransactionAborted
from runtime.kafka import build_transactional_producer
from runtime.records import Output
from runtime.transactions import Transactor
from tests.runtime.mock_cluster import MockCluster, Request, mock_cluster

DOCUMENT = Path(__file__).parents[2] / "docs/reference/errors.md"


class Row(NamedTuple):
    """One row of the table."""

    request: str
    error: str
    answer: str


ROWS = [
    Row(*found)
    for found in re.findall(
        r"^\| ([A-Z_]+) \| ([A-Z_]+) \| ([a-z, ]+) \|$",
        DOCUMENT.read_text(),
        re.MULTILINE,
    )
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[MockCluster]:
    """Run one mock cluster for all rows."""
    with mock_cluster() as running:
        running.create_topic("in")
        running.create_topic("out")
        yield running


@pytest.fixture(scope="module")
def member(cluster: MockCluster) -> Iterator[Consumer]:
    """Return a consumer whose group metadata a transaction may use."""
    consumer = Consumer(
        {"bootstrap.servers": cluster.bootstrap_servers, "group.id": "group"}
    )
    yield consumer
    consumer.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.request}-{row.error}")
def test_service_answers_as_the_table_says(
    row: Row, cluster: MockCluster, member: Consumer
) -> None:
    """The first batch meets the error; what becomes of it is what the row says."""
    builds = []

    def build() -> object:
        builds.append(row)
        return build_transactional_producer(
            KafkaSettings(bootstrap_servers=cluster.bootstrap_servers),
            LoopSettings(group="group"),
            transactional_id=f"{row.request}-{row.error}",
        )

    transactor = Transactor(build, transactional_id="worker-0")  # type: ignore[arg-type] # a producer
    code = getattr(KafkaError, row.error)
    if row.request != "INIT_PRODUCER_ID":
        transactor.open()

    cluster.answer(Request[row.request], [code])

    assert _answer(transactor, member, builds) == row.answer


def test_table_names_every_request_of_a_transaction() -> None:
    """The table is read, and no request is left out."""
    requests = {row.request for row in ROWS}

    assert len(ROWS) > 40
    assert requests == {request.name for request in Request}


def _answer(transactor: Transactor, member: Consumer, builds: list[Row]) -> str:
    """Commit two batches; return what happened to the first, in the table's words."""
    try:
        _commit(transactor, member)
    except (ProducerFenced, BrokerRefused):
        return "stops"
    except TransactionAborted as aborted:
        transactor.open()
        is_rebuilt = len(builds) > 1
        _commit_at_last(transactor, member)
        if is_rebuilt:
            return "rebuilds"
        return "aborts, isolates" if aborted.is_record_fault else "aborts"
    except PipelineError as unforeseen:
        return repr(unforeseen)
    return "goes on"


def _commit_at_last(transactor: Transactor, member: Consumer) -> None:
    """Commit as the loop does: again after an abort."""
    with suppress(TransactionAborted):
        _commit(transactor, member)
        return
    _commit(transactor, member)


def _commit(transactor: Transactor, member: Consumer) -> None:
    transactor.commit(
        [Output("out", b"key", b"value")],
        {("in", 0): 1},
        member.consumer_group_metadata(),
    )
