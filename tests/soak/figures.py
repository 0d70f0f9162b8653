"""What a soak found, as a section of docs/guarantees.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import confluent_kafka

_TABLE_HEAD = (
    "| fault | how often | longest stall, s | median stall, s |",
    "|---|---:|---:|---:|",
)
_BEGIN, _END = "<!-- soak: written by make soak -->", "<!-- /soak -->"


@dataclass(slots=True, kw_only=True)
class Figures:
    """Counts of one run.

    Attributes:
        minutes: How long faults were made.
        seed: What they were drawn with.
        orders: Orders that were written and priced.
        dead_letters: Records that were no orders.
        stalls_s: By kind of fault, per fault: the longest time in which no priced
            order became visible, from the fault until priced orders came again.
        restarts: How often a service ended with 75 and was started again.
        violations: A sentence for each promise that did not hold.
    """

    minutes: float
    seed: int
    orders: int = 0
    missing: int = 0
    duplicate: int = 0
    wrong: int = 0
    out_of_order: int = 0
    dead_letters: int = 0
    stalls_s: dict[str, list[float]] = field(default_factory=dict)
    restarts: int = 0
    violations: list[str] = field(default_factory=list)

    def to_markdown(self) -> str:
        """Return the section, without its heading."""
        return "\n".join([self._summary(), "", *_TABLE_HEAD, *_rows(self.stalls_s)])

    def _summary(self) -> str:
        fault_count = sum(map(len, self.stalls_s.values()))
        version = confluent_kafka.libversion()[0]
        return (
            f"{fault_count} faults in {self.minutes:g} minutes (seed {self.seed},"
            f" librdkafka {version}), on three brokers with four services under load:"
            f" **{self.orders} orders, {self.missing} lost, {self.duplicate} doubled,"
            f" {self.wrong} wrong, {self.out_of_order} out of order**;"
            f" {self.dead_letters} records that are no orders became dead letters."
            f" Promises that did not hold: {len(self.violations)}. Services that ended"
            f" with 75 and were started again: {self.restarts}."
        )

    def write_to(self, page: Path) -> None:
        """Put the section where the page keeps it."""
        text = page.read_text(encoding="utf-8")
        section = f"{_BEGIN}\n\n{self.to_markdown()}\n\n{_END}"
        pattern = re.escape(_BEGIN) + ".*?" + re.escape(_END)
        page.write_text(re.sub(pattern, lambda _: section, text, flags=re.DOTALL))


def _rows(stalls_s: Mapping[str, list[float]]) -> list[str]:
    return [
        f"| {kind} | {len(each)} | {max(each):.1f} | {median(each):.1f} |"
        for kind, each in sorted(stalls_s.items())
    ]
