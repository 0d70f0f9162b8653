"""Two instances of transaction-service that believe to be the same worker."""

from operations.stack import Addresses, wait_for_service
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, send_orders

ORDERS = 6000
PATIENCE_S = 120.0
TWIN = ("--batch-records", "200", "--replica-id", "twin")


def test_of_two_with_one_name_the_orders_stay_exact(
    pipeline: Addresses, topics: Topics, start: Start, verify: Verify
) -> None:
    """The second takes the name over in the middle of work; the first one yields."""
    first = start(*TWIN)
    wait_for_service(first)
    send_orders(pipeline, topics.input, map(order, range(ORDERS)))
    second = start(*TWIN, "--until-idle", "2")

    statuses = [each.wait(timeout_s=PATIENCE_S) for each in (first, second)]

    assert statuses == [75, 0]
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == ORDERS
