"""librdkafka's own mock cluster: a broker that answers with the error we choose.

Right for what our code decides about an error; it keeps no transactional offsets and
hides nothing from a read_committed consumer, so outcomes are tested on a real broker.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

import confluent_kafka

_PRODUCER = 0
_NO_BROKER = -1
_THE_BROKER = 1
_ERROR_TEXT_BYTES = 512


LIST_OFFSETS = 2
"""The request for the ends of logs, which is no part of a transaction."""


class Request(IntEnum):
    """Requests of a transaction (Kafka protocol, "Api Keys")."""

    PRODUCE = 0
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS_TO_TXN = 24
    ADD_OFFSETS_TO_TXN = 25
    END_TXN = 26
    TXN_OFFSET_COMMIT = 28


class MockCluster:
    """One mock broker.

    Attributes:
        bootstrap_servers: Where it answers.
    """

    def __init__(self, library: ctypes.CDLL, cluster: int) -> None:
        self._library = library
        self._cluster = ctypes.c_void_p(cluster)
        self.bootstrap_servers = library.rd_kafka_mock_cluster_bootstraps(
            self._cluster
        ).decode()

    def create_topic(self, name: str, *, partitions: int = 1) -> None:
        """Create a topic."""
        self._library.rd_kafka_mock_topic_create(
            self._cluster, name.encode(), partitions, 1
        )

    def take_leader(self, topic: str, partition: int) -> None:
        """Leave a partition without a leader."""
        self._set_leader(topic, partition, _NO_BROKER)

    def elect_leader(self, topic: str, partition: int) -> None:
        """Have the broker lead a partition anew, in the next leader epoch."""
        self._set_leader(topic, partition, _THE_BROKER)

    def _set_leader(self, topic: str, partition: int, broker: int) -> None:
        self._library.rd_kafka_mock_partition_set_leader(
            self._cluster, topic.encode(), partition, broker
        )

    def answer(self, request: int, errors: Sequence[int]) -> None:
        """Answer the next requests of a kind with these error codes, in order."""
        array = (ctypes.c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(request), ctypes.c_size_t(len(errors)), array
        )


@contextmanager
def mock_cluster() -> Iterator[MockCluster]:
    """Run a mock cluster from here to the end of the block."""
    library = _load()
    text = ctypes.create_string_buffer(_ERROR_TEXT_BYTES)
    conf = ctypes.c_void_p(library.rd_kafka_conf_new())
    owner = library.rd_kafka_new(_PRODUCER, conf, text, ctypes.c_size_t(len(text)))
    assert owner, text.value
    cluster = library.rd_kafka_mock_cluster_new(ctypes.c_void_p(owner), 1)
    assert cluster
    try:
        yield MockCluster(library, cluster)
    finally:
        library.rd_kafka_mock_cluster_destroy(ctypes.c_void_p(cluster))
        library.rd_kafka_destroy(ctypes.c_void_p(owner))


def _load() -> ctypes.CDLL:
    """Return the librdkafka that confluent-kafka has loaded."""
    package = Path(confluent_kafka.__file__).parent
    bundled = sorted(package.parent.glob("confluent_kafka.libs/librdkafka*.so*"))
    inside = sorted(package.glob(".dylibs/librdkafka*.dylib"))
    library = ctypes.CDLL(str((bundled + inside)[0]))
    pointers = (
        "rd_kafka_conf_new",
        "rd_kafka_new",
        "rd_kafka_mock_cluster_new",
    )
    for name in pointers:
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library
