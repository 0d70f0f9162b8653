"""A bounded run of the whole pipeline, checked to the last ten-thousandth.

The 830 orders of Northwind first, whose revenue is known; then invented ones, written
by two producers at the same time, one with contract version 1 and one with version 2.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from operations.errors import DemoFailed, NotDrainedInTime, ServiceSilent
from operations.mailbox import count_mails
from operations.pipeline import Pipeline
from operations.progress import Watcher
from operations.report import Sources, find_totals
from operations.stack import Child
from operations.verify import TopicNames, Verdict
from operations.verify.command import Request, verify_topics
from registry.catalog import Catalog
from runtime.config import KafkaSettings, RegistrySettings

NORTHWIND = Path(__file__).with_name("data") / "northwind-orders.jsonl"
NORTHWIND_ORDERS = 830
NORTHWIND_REVENUE = {"USD": "1265793.0395"}

_POLL_S = 0.1
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the demo shows at its end.

    Attributes:
        northwind_revenue: As analytics-service had it after the first 830 orders.
        verdict: Of the verifier, over everything.
        revenue: As analytics-service has it, per currency.
        mails: In the Maildir.
        versions: Orders by the contract version that they were written with.
        duration_s: From the first order to the verdict.
    """

    northwind_revenue: dict[str, str]
    verdict: Verdict
    revenue: dict[str, str]
    mails: int
    versions: dict[int, int]
    duration_s: float


class Demo:
    """The run; the pipeline is started and empty."""

    def __init__(
        self,
        pipeline: Pipeline,
        catalog: Catalog,
        watcher: Watcher,
        *,
        faker_orders: int,
    ) -> None:
        self._pipeline = pipeline
        self._catalog = catalog
        self._watcher = watcher
        self._faker_orders = faker_orders
        self._order_count = NORTHWIND_ORDERS + faker_orders
        self._logs = pipeline.wiring.data / "logs"
        addresses = pipeline.addresses
        self._kafka = KafkaSettings(bootstrap_servers=addresses.bootstrap_servers)
        self._registry = RegistrySettings(url=addresses.registry_url)
        self._sources = Sources(
            kafka=self._kafka,
            analytics_url=addresses.analytics_url,
            mail=addresses.mail,
        )

    def run(self) -> DemoResult:
        """Write the orders, wait for all that comes of them, verify.

        Raises:
            ProcessEnded: A producer failed.
            NotDrainedInTime: The services stopped making progress.
            DemoFailed: A figure is not what it must be.
        """
        started = time.monotonic()
        northwind_revenue = self._run_northwind()
        self._run_faker()
        self._watcher.say("verifying every order from outside")
        verdict = self._verify()
        result = DemoResult(
            northwind_revenue=northwind_revenue,
            verdict=verdict,
            revenue=find_totals(self._sources)["revenue"],
            mails=count_mails(self._sources.mail) or 0,
            versions=self._count_versions(verdict),
            duration_s=time.monotonic() - started,
        )
        check_result(result, order_count=self._order_count)
        return result

    def _run_northwind(self) -> dict[str, str]:
        """Return the revenue that analytics-service has after the known orders."""
        self._watcher.say(f"writing the {NORTHWIND_ORDERS} orders of Northwind")
        self._produce({"northwind": ["--from", str(NORTHWIND)]})
        self._drain(NORTHWIND_ORDERS)
        counted: dict[str, str] = find_totals(self._sources)["revenue"]
        read_back = self._verify().revenue_as_text()
        require_revenue(counted, read_back=read_back, known=NORTHWIND_REVENUE)
        self._watcher.say(f"Northwind's revenue is {counted['USD']} USD, exactly")
        return counted

    def _run_faker(self) -> None:
        half = self._faker_orders // 2
        counts = {1: half, 2: self._faker_orders - half}
        self._watcher.say(
            f"writing {self._faker_orders} invented orders, half with contract"
            " version 1, half with 2, at the same time"
        )
        self._produce(
            {
                f"v{version}": [
                    "--count",
                    f"{count}",
                    "--contract-version",
                    f"{version}",
                ]
                for version, count in counts.items()
            }
        )
        self._drain(self._order_count)

    def _produce(self, sources: dict[str, list[str]]) -> None:
        """Run order-service, once for each source, all at the same time."""
        with ExitStack() as running:
            producers = [
                self._start_producer(label, arguments, running)
                for label, arguments in sources.items()
            ]
            self._wait_until(
                lambda: all(each.exit_status is not None for each in producers),
                "the end of the producers",
            )
        for each in producers:
            if each.exit_status:
                raise each.to_ended(each.exit_status)

    def _start_producer(
        self, label: str, arguments: list[str], running: ExitStack
    ) -> Child:
        producer = Child.start(
            f"order-service ({label})",
            self._pipeline.wiring.plan_orders(*arguments).command,
            log_path=self._logs / f"order-service-{label}.log",
        )
        running.callback(producer.stop)
        return producer

    def _drain(self, order_count: int) -> None:
        """Wait until so many orders are counted and mailed."""
        self._wait_until(
            lambda: min(self._count_done()) >= order_count,
            f"{order_count} counted orders and e-mails",
        )

    def _wait_until(self, is_done: Callable[[], bool], what: str) -> None:
        """Wait for as long as there is progress."""
        newest, changed_at = self._count_done(), time.monotonic()
        while not is_done():
            self._pipeline.check()
            done = self._count_done()
            if done != newest:
                newest, changed_at = done, time.monotonic()
            if time.monotonic() - changed_at > _PATIENCE_S:
                hint = f"read the logs in {self._logs}"
                raise NotDrainedInTime(what, timeout_s=_PATIENCE_S, hint=hint)
            time.sleep(_POLL_S)

    def _count_done(self) -> tuple[int, int]:
        """Return how many orders are counted and how many mails are delivered."""
        try:
            counted = int(find_totals(self._sources)["orders"])
        except ServiceSilent:  # it is being started again
            counted = 0
        mailed = count_mails(self._sources.mail) or 0
        self._watcher.show("orders counted", done=counted, total=self._order_count)
        self._watcher.show("e-mails", done=mailed, total=self._order_count)
        return counted, mailed

    def _verify(self) -> Verdict:
        return verify_topics(
            Request(
                kafka=self._kafka,
                registry=self._registry,
                catalog=self._catalog,
                names=TopicNames(),
                source=NORTHWIND,
            )
        )

    def _count_versions(self, verdict: Verdict) -> dict[int, int]:
        return {
            self._pipeline.versions[schema_id].version: count
            for schema_id, count in sorted(verdict.schema_ids.items())
        }


def require_revenue(
    counted: dict[str, str], *, read_back: dict[str, str], known: dict[str, str]
) -> None:
    """Raise DemoFailed unless database, topic and the known answer agree."""
    if counted != read_back:
        raise DemoFailed(
            f"analytics-service counted {counted}, but the topic holds {read_back}"
        )
    if counted != known:
        raise DemoFailed(f"revenue is {counted}, but must be {known}")


def check_result(result: DemoResult, *, order_count: int) -> None:
    """Raise DemoFailed if a figure is not what it must be.

    What the verifier found is shown by its own sentence and is not repeated here.
    """
    require_revenue(
        result.revenue,
        read_back=result.verdict.revenue_as_text(),
        known=result.revenue,
    )
    if result.mails != order_count:
        raise DemoFailed(f"{order_count} orders, but {result.mails} e-mails")
    if result.verdict.expected != order_count:
        raise DemoFailed(
            f"{order_count} orders written, but {result.verdict.expected} can be priced"
        )
