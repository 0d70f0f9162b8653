"""Contenders on one topic, taking turns, every output checked."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from bench.loop.field import Contender
from bench.loop.measure import Job, Measured, run
from bench.loop.site import Input, Site
from bench.loop.topics import LAST_BYTES, Check, check, create_target, delete_topics

Row = dict[str, Any]


def take_turns(
    site: Site,
    source: Input,
    contenders: Sequence[Contender],
    *,
    rounds: int,
    workers: int = 1,
) -> list[Row]:
    """Run everybody once a round; return a row a contender, with all its rounds."""
    rows = [_row(each, source, workers) for each in contenders]
    for number in range(rounds):
        for contender, row in zip(contenders, rows, strict=True):
            measured, found = run_once(site, source, contender, workers=workers)
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
