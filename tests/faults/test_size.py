"""Records at the limit of a topic, and outputs beyond it."""

import random
from collections.abc import Callable

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public all the same
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from operations.stack import Addresses
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, send_orders, send_values

LIMIT_BYTES = 2**16
DEAD_LETTER_ROOM_BYTES = 2**14
BATCH_BYTES = 300
"""More than a batch of one record, its key and its trace take beside its value."""
DRAINED_S = 120.0
ORDERS = 60
DRAW = random.Random(6)  # noqa: S311 - a seed for a test, no secret

Limit = Callable[[str, int], None]


@pytest.fixture
def limit(pipeline: Addresses) -> Limit:
    """Return what sets the largest batch of records that a topic takes."""
    admin = AdminClient({"bootstrap.servers": pipeline.bootstrap_servers})

    def set_limit(topic: str, size_bytes: int) -> None:
        entry = ConfigEntry(
            "max.message.bytes",
            str(size_bytes),
            incremental_operation=AlterConfigOpType.SET,
        )
        resource = ConfigResource(
            ResourceType.TOPIC, topic, incremental_configs=[entry]
        )
        admin.incremental_alter_configs([resource])[resource].result(30)

    return set_limit


def test_dead_letter_of_a_record_at_the_limit_fits(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify, limit: Limit
) -> None:
    """A topic with 16 KiB more takes whatever the input topic took."""
    limit(topics.input, LIMIT_BYTES)
    limit(topics.dead_letters, LIMIT_BYTES + DEAD_LETTER_ROOM_BYTES)
    junk = DRAW.randbytes(LIMIT_BYTES - BATCH_BYTES)
    send_values(pipeline, topics.input, [(b"junk", b"\xff" + junk)])
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))

    service = start("--until-idle", "1")

    assert service.wait(timeout_s=DRAINED_S) == 0
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert (verdict.expected, verdict.dead_letters) == (ORDERS, 1)


def test_output_that_the_topic_refuses_is_the_only_dead_letter(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify, limit: Limit
) -> None:
    """Isolation finds it among its batch; the verifier names it, for it is an order."""
    limit(topics.output, LIMIT_BYTES)
    endless = DRAW.randbytes(2 * LIMIT_BYTES).hex()
    customer = {"id": "C2", "name": endless, "email": "long@shop.example"}
    orders = [order(each) for each in range(ORDERS)]
    orders[ORDERS // 2] = order(ORDERS // 2, customer=customer)
    send_orders(pipeline, topics.input, orders)

    service = start("--until-idle", "1")

    assert service.wait(timeout_s=DRAINED_S) == 0
    verdict = verify()
    assert (verdict.missing, verdict.dead_letters) == (1, 1)
    assert (verdict.duplicate, verdict.wrong, verdict.out_of_order) == (0, 0, 0)
    assert "order order-30 can be priced, but is a dead letter" in verdict.findings[0]
