"""The orders that sinks read: the contract, and what makes one unusable."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from registry.errors import PipelineError
from registry.serdes import Deserializer, Event
from runtime.errors import RejectedRecord
from runtime.loop import RECORD_ERRORS
from runtime.records import Record

Fact = TypeVar("Fact")

SUBJECT = "order-processed-value"
TOPIC = "order-processed"
_NO_CURRENCY = "XXX"


def decode_order(deserialize: Deserializer, record: Record) -> Event:
    """Return the order.

    Raises:
        RejectedRecord: Its currency is unknown to this reader.
        SerdeError, SchemaNotFound: It cannot be decoded.
        RegistryUnavailable: Ask again. Retryable.
    """
    order = deserialize(record.value)
    if order["currency"] == _NO_CURRENCY:
        raise RejectedRecord(
            "its currency is XXX: it was written in one that this reader does not know"
        )
    return order


def try_each(
    records: Sequence[Record], become: Callable[[Record], Fact]
) -> list[Fact | PipelineError]:
    """Return what each record becomes, or what is wrong with it.

    Raises:
        PipelineError: It does not concern one record alone.
    """
    return [_try(record, become) for record in records]


def _try(record: Record, become: Callable[[Record], Fact]) -> Fact | PipelineError:
    try:
        return become(record)
    except RECORD_ERRORS as exc:
        return exc
