"""transaction-service with a bug: it rejects every order of more than 20 pieces."""

from collections.abc import Iterable
from dataclasses import replace
from unittest.mock import patch

from processors import transaction_service
from registry.serdes import Event
from runtime.dead_letters import DeadLetterGuard
from runtime.errors import RejectedRecord

MOST_PIECES = 20


def reject_large(order: Event) -> Iterable[Event]:
    """Return the order, priced, unless it is one that the bug hits."""
    quantity = order["items"][0]["quantity"]
    if quantity > MOST_PIECES:
        raise RejectedRecord(f"quantity {quantity} is too much for me")
    return transaction_service.price_now(order)


def main() -> None:
    """Run the service with the flags that follow."""
    buggy = replace(transaction_service.SERVICE, transform=reject_large)
    with (
        patch.object(transaction_service, "SERVICE", buggy),
        patch.object(DeadLetterGuard, "check"),
    ):
        transaction_service.main()


if __name__ == "__main__":
    main()
