"""The fault tests stand on the fixtures of the processors' tests, and on a witness."""

from collections.abc import Iterator

import pytest

from operations.stack import Addresses
from operations.verify.verdict import Verdict
from tests import services
from tests.faults.witness import Witness
from tests.processors.conftest import Verify, pipeline, start, topics
from tests.processors.conftest import verify as verify_afterwards
from tests.services import Topics

__all__ = ["pipeline", "start", "topics", "verify_afterwards"]

CATCH_UP_S = 60.0


@pytest.fixture
def witness(pipeline: Addresses, topics: Topics) -> Iterator[Witness]:
    """Have a read_committed reader look on from the beginning of the test."""
    servers = pipeline.bootstrap_servers
    with Witness(servers, topics.output, partitions=services.PARTITIONS) as looking_on:
        yield looking_on


@pytest.fixture
def verify(verify_afterwards: Verify, witness: Witness) -> Verify:
    """Return what judges the test's topics, from outside and as they were seen live.

    What was visible while things broke must be what is there in the end: no record
    twice, none that vanished, offsets ascending.
    """

    def judge() -> Verdict:
        verdict = verify_afterwards()
        outputs = verdict.expected - verdict.missing + verdict.duplicate
        witness.wait_for(outputs, timeout_s=CATCH_UP_S)
        assert (witness.doubled, witness.order_faults) == ([], [])
        assert len(witness.seen) == outputs
        return verdict

    return judge
