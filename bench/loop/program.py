"""The whole benchmark, from an empty folder to the results."""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from bench.loop.budget import measure_steps
from bench.loop.environments import CACHE, Absent
from bench.loop.field import MINIMAL, OURS, QUIX, RAW, STREAMS, Contender, contenders
from bench.loop.growth import grow
from bench.loop.latency import RATE, measure_latency
from bench.loop.orders import SCATTERED, TEMPLATES
from bench.loop.page import print_table
from bench.loop.plot import draw
from bench.loop.rounds import Row, Turn, take_turns, warm_up
from bench.loop.serde import measure_serdes
from bench.loop.services import measure_services
from bench.loop.site import Input, Site, loaded, make_workload, open_site

RESULTS = CACHE / "loop.json"
PLOT = CACHE / "loop.svg"
_SHORT, _MIDDLE, _LONG = 100_000, 400_000, 1_000_000
_SERDE_ORDERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured.

    Attributes:
        short: Orders of the table of everybody.
        middle: Orders where a JVM has warmed up.
        long: Orders of the longest rows; 0 leaves them out.
        is_full: Rows that take long are measured, too.
    """

    short: int = _SHORT
    middle: int = _MIDDLE
    long: int = _LONG
    rounds: int = 3
    long_rounds: int = 1
    growth_rounds: int = 1
    latency_s: int = 30
    is_full: bool = False

    @classmethod
    def from_env(cls) -> "Extent":
        """Read FULL and QUICK."""
        if os.environ.get("QUICK"):
            return cls(short=20_000, middle=40_000, long=0, rounds=1, latency_s=5)
        if os.environ.get("FULL"):
            return cls(long_rounds=3, growth_rounds=2, latency_s=60, is_full=True)
        return cls()


def main() -> None:
    """Measure everything; print, and save table, plot and figures."""
    extent = Extent.from_env()
    started = time.monotonic()
    field, absent = _prepare()
    results: dict[str, Any] = {
        "machine": _machine(),
        "contenders": {each.name: _describe(each) for each in field.values()},
        "absent": absent,
    }
    with open_site() as site:
        for name, section in Programme(site, field, extent).sections.items():
            print(f"{name}, after {time.monotonic() - started:.0f} s", flush=True)
            results[name] = section()
            _save(results)
    results["machine"]["duration_s"] = round(time.monotonic() - started)
    _save(results)
    PLOT.write_text(draw(results), encoding="utf-8")
    print_table(results)
    print(f"saved: {RESULTS}, {PLOT}")


class Programme:
    """The sections of a run, in their order; each returns its figures."""

    def __init__(
        self, site: Site, field: Mapping[str, Contender], extent: Extent
    ) -> None:
        self._site = site
        self._field = field
        self._extent = extent
        self._workload = make_workload(site)

    @property
    def sections(self) -> dict[str, Callable[[], Any]]:
        """What is measured, by its name in the results."""
        values = [value for _, value in self._workload.records(_SERDE_ORDERS)]
        return {
            "serde": lambda: measure_serdes(self._site, values),
            "steps": lambda: measure_steps(self._site, values),
            "everybody": self._everybody,
            "latency": self._latency,
            "middle": self._middle,
            "long": self._long,
            "services": self._services,
            "growth": self._growth,
        }

    def _orders(self, count: int) -> AbstractContextManager[Input]:
        return loaded(self._site, self._workload, count)

    def _pick(self, *names: str) -> list[Contender]:
        return [self._field[each] for each in names if each in self._field]

    def _everybody(self) -> list[Row]:
        everybody = [Turn(each) for each in self._field.values()]
        with self._orders(self._extent.short) as source:
            warm_up(self._site, source, self._pick(RAW, RAW, RAW, OURS, MINIMAL))
            return take_turns(self._site, source, everybody, rounds=self._extent.rounds)

    def _middle(self) -> list[Row]:
        # One and two workers side by side: machines change within minutes.
        turns = [
            *(Turn(each, workers) for each in self._pick(OURS) for workers in (1, 2)),
            *map(Turn, self._pick(MINIMAL, STREAMS)),
        ]
        with self._orders(self._extent.middle) as source:
            return take_turns(self._site, source, turns, rounds=self._extent.rounds)

    def _long(self) -> list[Row]:
        if not self._extent.long:
            return []
        with self._orders(self._extent.long) as source:
            some = [Turn(each) for each in self._pick(OURS, STREAMS)]
            return take_turns(self._site, source, some, rounds=self._extent.long_rounds)

    def _latency(self) -> list[Row]:
        some = self._pick(OURS, STREAMS, QUIX)
        rows: list[Row] = [{"contender": each.name, "rounds": []} for each in some]
        for _ in range(min(self._extent.rounds, 2)):
            for contender, row in zip(some, rows, strict=True):
                found = measure_latency(
                    self._site,
                    contender,
                    self._workload,
                    seconds=self._extent.latency_s,
                )
                row["rounds"].append(found)
                print(f"  {contender.name:18} p50 {found['p50_ms']:.1f} ms", flush=True)
        return rows

    def _services(self) -> Row:
        scattered = make_workload(self._site, crowd=SCATTERED)
        count = self._extent.short
        with (
            self._orders(count) as source,
            loaded(self._site, scattered, count) as hardest,
        ):
            return measure_services(
                self._site,
                (source, hardest),
                self._field[OURS],
                file_orders=2 * self._extent.short,
                rounds=self._extent.rounds,
            )

    def _growth(self) -> list[Row]:
        return grow(
            self._site,
            self._pick(OURS, MINIMAL),
            rounds=self._extent.growth_rounds,
            is_full=self._extent.is_full,
        )


def _prepare() -> tuple[dict[str, Contender], dict[str, str]]:
    """Install everybody; who cannot be installed is left out, with the reason."""
    field, absent = {}, {}
    for each in contenders():
        try:
            each.environment.prepare()
            field[each.name] = each
        except Absent as exc:
            absent[each.name] = str(exc)
            print(f"{each.name} is left out: {exc}")
    return field, absent


def _describe(contender: Contender) -> dict[str, Any]:
    return {
        "guarantee": contender.guarantee,
        "settings": contender.settings,
        "versions": contender.environment.versions(),
    }


def _machine() -> dict[str, Any]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "rate_of_latency": RATE,
        "templates": TEMPLATES,
        "load_before": round(os.getloadavg()[0], 1),
    }


def _save(results: Mapping[str, Any]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
