"""Contenders on one topic, taking turns, every output checked."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from bench.loop.field import Contender
from bench.loop.measure import Job, Measured, run
from bench.loop.site import Input, Site
from bench.loop.topics import LAST_BYTES, Check, check, create_target, delete_topics

Row = dict[str, Any]


class Turn(NamedTuple):
    """A contender, and how many processes of it share the work."""

    contender: Contender
    workers: int = 1


def take_turns(
    site: Site, source: Input, turns: Sequence[Turn], *, rounds: int
) -> list[Row]:
    """Run everybody once a round; return a row a turn, with all its rounds."""
    rows = [_row(each.contender, source, each.workers) for each in turns]
    for number in range(rounds):
        for turn, row in zip(turns, rows, strict=True):
            measured, found = run_once(
                site, source, turn.contender, workers=turn.workers
            )
            row["rounds"].append(asdict(measured))
            row["losses"] = found.losses
            _tell(number, row, measured)
    return rows


def run_once(
    site: Site, source: Input, contender: Contender, *, workers: int = 1
) -> tuple[Measured, Check]:
    """Run a contender into a topic of its own.

    Raises:
        SystemExit: An output is missing, doubled or wrong.
    """
    target = f"{contender.name.lower().replace(' ', '-')}-{uuid.uuid4().hex[:6]}"
    targets = create_target(site.bootstrap, target, source.partitions)
    command = contender.command(site, source, target)
    job = Job(
        source=source.topic,
        target=target,
        group=target,
        count=source.count,
        partitions=source.partitions,
    )
    measured = run(site, [command] * workers, job)
    found = _check(site, source, contender, target)
    delete_topics(site.bootstrap, targets)
    if not found.is_exact:
        raise SystemExit(f"{contender.name} did not price every order once: {found}")
    return measured, found


def _check(site: Site, source: Input, contender: Contender, target: str) -> Check:
    workload = source.workload
    return check(
        site.bootstrap,
        target,
        workload.expected if contender.prices else workload.copied,
        source.count,
        last_bytes=LAST_BYTES if contender.prices else 0,
    )


def _row(contender: Contender, source: Input, workers: int) -> Row:
    return {
        "contender": contender.name,
        "orders": source.count,
        "workers": workers,
        "partitions": source.partitions,
        "losses": [],
        "rounds": [],
    }


def _tell(number: int, row: Row, measured: Measured) -> None:
    print(
        f"  {row['orders']:>9,} orders, round {number + 1}: {row['contender']:18}"
        f"{measured.rate:>10,.0f} a second {measured.cpu_us:8.1f} us of CPU",
        flush=True,
    )


def warm_up(site: Site, source: Input, contenders: Iterable[Contender]) -> None:
    """Run without a record: a broker gets faster over its first million records."""
    for each in contenders:
        run_once(site, source, each)
