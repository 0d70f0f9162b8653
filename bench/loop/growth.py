"""What an order costs as the work grows: lines, versions on the wire, partitions."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.loop.field import Contender
from bench.loop.rounds import Row, Turn, take_turns
from bench.loop.site import PARTITIONS, Site, let_in, loaded, make_workload
from registry.catalog import load_catalog
from schemas import CONTRACTS

_LINES = (1, 10, 100)
_VERSIONS = (2, 10, 50)
_PARTITIONS = (1, PARTITIONS, 24)
_MANY_PARTITIONS = 48
_COUNT = 100_000
_MANY_LINES = 50
_COUNT_OF_MANY_LINES = 20_000


def grow(
    site: Site, contenders: Sequence[Contender], *, rounds: int, is_full: bool
) -> list[Row]:
    """Return a row a value and a contender."""
    partitions = (*_PARTITIONS, _MANY_PARTITIONS) if is_full else _PARTITIONS
    rows = []
    for lines in _LINES:
        rows += _grow_lines(site, contenders, lines, rounds)
    for versions in _VERSIONS:
        rows += _grow_versions(site, contenders[:1], versions, rounds)
    for each in partitions:
        rows += _grow_partitions(site, contenders, each, rounds)
    return rows


def _grow_lines(
    site: Site, contenders: Sequence[Contender], lines: int, rounds: int
) -> list[Row]:
    workload = make_workload(site, lines=(lines, lines))
    count = _COUNT if lines < _MANY_LINES else _COUNT_OF_MANY_LINES
    with loaded(site, workload, count) as source:
        rows = take_turns(site, source, [*map(Turn, contenders)], rounds=rounds)
    return [{**row, "axis": "lines an order", "value": lines} for row in rows]


def _grow_partitions(
    site: Site, contenders: Sequence[Contender], partitions: int, rounds: int
) -> list[Row]:
    workload = make_workload(site)
    with loaded(site, workload, _COUNT, partitions=partitions) as source:
        rows = take_turns(site, source, [*map(Turn, contenders)], rounds=rounds)
    return [{**row, "axis": "partitions", "value": partitions} for row in rows]


def _grow_versions(
    site: Site, contenders: Sequence[Contender], versions: int, rounds: int
) -> list[Row]:
    folder = _evolved(site.folder / f"schemas-{versions}", versions)
    catalog = load_catalog(folder)
    let_in(site.registry_url, catalog)
    workload = make_workload(site, catalog=catalog)
    with loaded(site, workload, _COUNT, schemas=str(folder)) as source:
        rows = take_turns(site, source, [*map(Turn, contenders)], rounds=rounds)
    return [{**row, "axis": "versions on the wire", "value": versions} for row in rows]


def _evolved(folder: Path, versions: int) -> Path:
    """Return contracts whose order has so many versions, each with a field more."""
    shutil.copytree(CONTRACTS, folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    subject = folder / "order-details-value"
    schema: dict[str, Any] = json.loads((subject / "v2.avsc").read_text("utf-8"))
    for version in range(3, versions + 1):
        added = {
            "name": f"note_{version}",
            "type": "string",
            "doc": "A remark.",
            "default": "",
        }
        schema["fields"].append(added)
        text = json.dumps(schema, indent=2)
        (subject / f"v{version}.avsc").write_text(text, "utf-8")
    return folder
