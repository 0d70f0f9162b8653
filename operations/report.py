"""What the pipeline has done so far, in a handful of figures."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from operations.errors import ServiceSilent
from operations.lag import Reader, count_lag
from operations.mailbox import count_mails
from operations.services import ANALYTICS, NOTIFICATIONS, TRANSACTIONS
from operations.verify.evidence import TopicNames, read_to_end
from runtime.config import KafkaSettings
from sinks.analytics_service.figures import Figures
from sinks.analytics_service.tables import open_store

_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the figures come from.

    Attributes:
        analytics_url: analytics-service's API, asked first.
        database_url: Its database, read if there is no API; None: no figures.
        mail: Where mail goes, such as "maildir:/path".
        services: Base URLs of running services by name; they know their offsets best.
    """

    kafka: KafkaSettings
    names: TopicNames = field(default_factory=TopicNames)
    analytics_url: str | None = None
    database_url: str | None = None
    mail: str | None = None
    services: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures.

    Attributes:
        orders: Counted by analytics-service; None if it cannot be asked.
        revenue: Per currency, exact, four decimals.
        mails: In the Maildir, else those that notification-service has sent; None if
            nobody can be asked.
        dead_letters: In the topic and in the sinks' tables.
        lag: Records that some service has still to process.
        repeated_order_ids: Orders whose id came before.
    """

    orders: int | None
    revenue: dict[str, str]
    mails: int | None
    dead_letters: int
    lag: int
    repeated_order_ids: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the figures under their public names."""
        return asdict(self)


def make_report(sources: Sources) -> Report:
    """Ask everybody.

    Raises:
        ServiceSilent: analytics-service does not answer at its address.
        DatabaseUnavailable: Its database cannot be read.
        TopicMissing: A topic does not exist.
        BrokerUnavailable: No broker answered. Retryable.
    """
    totals, mails = find_totals(sources), _find_mails(sources)
    in_folder = count_mails(sources.mail)
    letters = read_to_end(sources.kafka, sources.names.dead_letters)
    return Report(
        orders=totals.get("orders"),
        revenue=totals.get("revenue", {}),
        mails=mails.get("mails") if in_folder is None else in_folder,
        dead_letters=len(letters) + _letters_of(totals) + _letters_of(mails),
        lag=count_lag(sources.kafka, _readers(sources)),
        repeated_order_ids=totals.get("repeated_order_ids"),
    )


def find_totals(sources: Sources) -> dict[str, Any]:
    """Return analytics-service's totals; empty if nobody can be asked."""
    if sources.analytics_url is not None:
        return _ask(ANALYTICS, f"{sources.analytics_url}/api/totals")
    if sources.database_url is None:
        return {}
    store = open_store(sources.database_url, group=ANALYTICS)
    with closing(store.database):
        return Figures(store).get_totals()


def _find_mails(sources: Sources) -> dict[str, Any]:
    """Return what notification-service has sent; empty if it cannot be asked."""
    url = sources.services.get(NOTIFICATIONS)
    try:
        return _ask(NOTIFICATIONS, f"{url}/api/mails") if url else {}
    except ServiceSilent:
        return {}


def _letters_of(answer: Mapping[str, Any]) -> int:
    return int(answer.get("dead_letters", 0))


def _readers(sources: Sources) -> list[Reader]:
    topics = {
        TRANSACTIONS: sources.names.inputs,
        NOTIFICATIONS: sources.names.outputs,
        ANALYTICS: sources.names.outputs,
    }
    return [
        Reader(group=name, topic=topic, statuses=_find_statuses(sources, name))
        for name, topic in topics.items()
    ]


def _find_statuses(sources: Sources, name: str) -> list[dict[str, Any]]:
    """Return what the service says; nothing if it is being started again."""
    url = sources.services.get(name)
    if url is None:
        return []
    try:
        return [_ask(name, f"{url}/status")]
    except ServiceSilent:
        return []


def _ask(name: str, url: str) -> dict[str, Any]:
    try:
        answer = httpx.get(url, timeout=_ANSWER_S).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as exc:
        raise ServiceSilent(name, url=url, reason=str(exc)) from exc
    if not isinstance(answer, dict):
        raise ServiceSilent(name, url=url, reason="it answered no JSON object")
    return answer
