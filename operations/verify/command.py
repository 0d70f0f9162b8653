"""The verifier at work on a running broker."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from operations.verify.decoding import StockDecoder
from operations.verify.evidence import TopicNames, read_evidence
from operations.verify.judging import Judge
from operations.verify.pricing import Law
from operations.verify.source_file import check_presence, read_orders
from operations.verify.verdict import Verdict
from registry.catalog import Catalog
from runtime.config import KafkaSettings, RegistrySettings
from runtime.registry import connect_registry

_NO_CURRENCY = "XXX"
_PRICED = "order-processed-value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to verify.

    Attributes:
        source: JSON Lines file whose orders must all be among the inputs, or None.
    """

    kafka: KafkaSettings
    registry: RegistrySettings
    catalog: Catalog
    names: TopicNames
    source: Path | None = None


def verify_topics(request: Request) -> Verdict:
    """Read the topics and judge them.

    Raises:
        BadInput: The file has a line that is no order.
        TopicMissing: A topic does not exist.
        BrokerUnavailable: No broker answered. Retryable.
        RegistryUnavailable: No registry answered. Retryable.
    """
    file_orders = read_orders(request.source) if request.source else []
    evidence = read_evidence(request.kafka, request.names)
    law = Law(currencies=find_currencies(request.catalog))
    with connect_registry(request.registry) as registry:
        judge = Judge(evidence, StockDecoder(registry), law)
        verdict = judge.judge()
    check_presence(file_orders, judge.orders, verdict)
    return verdict


def find_currencies(catalog: Catalog) -> Collection[str]:
    """Return the currencies that the contract of priced orders names, XXX left out."""
    schema = catalog.get_contract(_PRICED).newest.schema
    types = [field["type"] for field in schema["fields"] if field["name"] == "currency"]
    return frozenset(types[0]["symbols"]) - {_NO_CURRENCY}
