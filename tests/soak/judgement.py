"""What became of every order: at the source, in the topics, in both sinks."""

import mailbox
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

from operations.verify.command import Request, verify_topics
from operations.verify.evidence import TopicNames, read_to_end
from operations.verify.verdict import Verdict
from producers.order_service.faker_orders import FakerSource
from producers.order_service.orders import OrderRules
from registry.catalog import load_catalog
from runtime.config import KafkaSettings, RegistrySettings
from schemas import CONTRACTS
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.tables import open_store
from tests.faults.witness import Witness
from tests.soak.system import SEED_START, System

_JUNK_KEY = b"junk"


def find_violations(
    system: System, verdict: Verdict, witness: Witness, *, seed: int
) -> list[str]:
    """Return a sentence for every promise that does not hold."""
    return [
        *verdict.findings,
        *_compare_source(system, seed),
        *_compare_visible(verdict, witness),
        *_compare_figures(system, verdict),
        *_compare_mails(system, verdict),
    ]


def verify(system: System) -> Verdict:
    """Have the product's verifier judge the topics."""
    return verify_topics(
        Request(
            kafka=_kafka(system),
            registry=RegistrySettings(url=system.registry_url),
            catalog=load_catalog(CONTRACTS),
            names=TopicNames(),
        )
    )


def _kafka(system: System) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=system.stack.bootstrap_servers)


def _compare_source(system: System, seed: int) -> list[str]:
    """The orders of the series, from its first on, each once."""
    records = read_to_end(_kafka(system), "order-details")
    written = Counter(each.key for each in records if each.key != _JUNK_KEY)
    contract = load_catalog(CONTRACTS).get_contract("order-details-value")
    rules = OrderRules.from_version(contract.newest)
    start = datetime.fromisoformat(SEED_START).astimezone(UTC)
    source = FakerSource(rules, seed=seed, start=start)
    drawn = [source.find_order(wait_s=0).event for _ in written]
    due = {str(event["order_id"]).encode() for event in drawn}
    return [
        f"order-service: order {order_id!r} is missing"
        for order_id in due - set(written)
    ] + [
        f"order-service: order {order_id!r} was written {count} times"
        for order_id, count in written.items()
        if count > 1 or order_id not in due
    ]


def _compare_visible(verdict: Verdict, witness: Witness) -> list[str]:
    """What was visible while things broke is what is there in the end."""
    findings = [f"order {key!r} became visible twice" for key in witness.doubled]
    if len(witness.seen) != verdict.expected:
        findings.append(f"{len(witness.seen)} orders were seen live")
    return findings + witness.order_faults


def _compare_figures(system: System, verdict: Verdict) -> list[str]:
    """analytics-service counted what the verifier reads back."""
    store = open_store(f"sqlite:///{system.figures_path}", group="analytics-service")
    with closing(store.database):
        totals = Figures(store).get_totals()
    due = (verdict.expected, verdict.revenue_as_text())
    found = (totals["orders"], totals["revenue"])
    return [] if found == due else [f"analytics-service has {found}, must have {due}"]


def _compare_mails(system: System, verdict: Verdict) -> list[str]:
    """There is one letter an order."""
    letters = mailbox.Maildir(system.mail_path, create=False)
    names = Counter(name.partition(":")[0] for name in letters.iterkeys())
    if len(names) == sum(names.values()) == verdict.expected:
        return []
    return [f"{sum(names.values())} letters for {verdict.expected} orders"]
