"""The orders that sinks read: the contract, and what makes one unusable."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from registry.catalog import Catalog
from registry.codec import Numbers
from registry.errors import PipelineError
from registry.serdes import Deserializer, Event, SchemaRegistry
from runtime.errors import RejectedRecord
from runtime.loop import RECORD_ERRORS
from runtime.records import Record

Fact = TypeVar("Fact")

SUBJECT = "order-processed-value"
TOPIC = "order-processed"
_NO_CURRENCY = "XXX"


def open_deserializer(
    registry: SchemaRegistry,
    catalog: Catalog,
    *,
    service: str,
    numbers: Numbers = Numbers.EXACT,
) -> Deserializer:
    """Return what decodes the fields that `contracts.toml` says a service reads.

    It decodes all, if the service is not among the readers of the contract.

    Args:
        registry: Where writer schemas are.
        catalog: The contracts.
        service: The reader's name.
        numbers: What decimals and times are in orders.

    Raises:
        ContractNotRegistered: The registry does not hold the contract.
        RegistryUnavailable: No registry answers. Retryable.
    """
    contract = catalog.get_contract(SUBJECT)
    fields = [each.fields for each in contract.readers if each.name == service]
    return Deserializer(
        registry,
        contract,
        fields=fields[0] or None if fields else None,
        numbers=numbers,
    )


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
    outcomes: list[Fact | PipelineError] = []
    for record in records:
        try:
            outcomes.append(become(record))
        except RECORD_ERRORS as exc:
            outcomes.append(exc)
    return outcomes
