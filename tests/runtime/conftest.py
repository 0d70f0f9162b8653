"""What tests of the runtime do to a broker."""

from collections.abc import Callable

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from operations.stack import Addresses


@pytest.fixture
def delete_records(stack: Addresses) -> Callable[[str, int], None]:
    """Return what cuts the start off partition 0 of a topic, up to an offset."""
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers})

    def delete(topic: str, before: int) -> None:
        cut = TopicPartition(topic, 0, before)
        for answer in admin.delete_records([cut]).values():
            answer.result(30)

    return delete
