"""How long the gate needs, in seconds of processor time.

A wide candidate against a long history, full matrix; a schema of megabytes; and what
`contracts compat --batch` reads: pairs that have no schema in common, and all pairs of
some schemas.
"""

import json
import time
from itertools import product

from registry.batch import answer_lines
from registry.compatibility import AvroVersion
from registry.gate.baselines import FolderBaseline
from registry.gate.folders import folder_of
from registry.gate.judge import Settings, judge
from registry.gate.references import Library
from registry.names import CompatibilityLevel

_FIELD_COUNT = 300
_HISTORIES = (50, 100, 200)
_HUGE_FIELD_COUNT = 40_000
_PAIR_COUNT = 3_000
_SHARED_COUNT = 100
_PAIR_FIELD_COUNT = 12
_TYPES = ("string", "long", ["null", "string"])


def main() -> None:
    """Print the seconds for each length of history, and per version."""
    print(f"gate: a candidate of {_FIELD_COUNT} fields, FULL_TRANSITIVE, both ways")
    for version_count in _HISTORIES:
        spent_s, finding_count = _judge(version_count)
        each_ms = 1000 * spent_s / version_count
        print(
            f"  {version_count:4} versions: {spent_s:6.2f} s, {each_ms:5.1f} ms a"
            f" version, {finding_count} findings"
        )

    _time_huge()
    _time_pairs()


def _time_huge() -> None:
    files = {
        f"huge-value/v{number}.avsc": _schema(number, field_count=_HUGE_FIELD_COUNT)
        for number in (1, 2)
    }
    size_mb = len(files["huge-value/v2.avsc"]) / 1e6
    folder = folder_of("schemas", files, manifest=None)
    start = time.process_time()
    judge(folder, [], settings=Settings(level=CompatibilityLevel.FULL))
    spent_s = time.process_time() - start
    print(f"  a schema of {size_mb:.1f} MB against the one before: {spent_s:.2f} s")


def _time_pairs() -> None:
    single = [
        _pair(number, *(_narrow(each, f"Pair{number}") for each in (1, 2)))
        for number in range(_PAIR_COUNT)
    ]
    shared = [_narrow(each, "Shared") for each in range(_SHARED_COUNT)]
    every = [
        _pair(number, *pair)
        for number, pair in enumerate(product(shared, shared), start=1)
    ]
    for name, lines in (("of their own", single), ("that they share", every)):
        start = time.process_time()
        answered = sum(1 for _ in answer_lines(lines, avro=AvroVersion.V1_12))
        a_second = answered / (time.process_time() - start)
        print(f"  compat --batch, schemas {name}: {a_second:,.0f} pairs a second")


def _narrow(number: int, name: str) -> str:
    return _schema(number, field_count=_PAIR_FIELD_COUNT, name=name)


def _pair(number: int, reader: str, writer: str) -> bytes:
    return json.dumps({"id": number, "reader": reader, "writer": writer}).encode()


def _judge(version_count: int) -> tuple[float, int]:
    files = {
        f"wide-value/v{number}.avsc": _schema(number)
        for number in range(1, version_count + 1)
    }
    released = folder_of("released", files, manifest=None)
    last = _schema(version_count + 1).replace(
        '"f1", "type": "long"', '"f1", "type": "double"'
    )
    candidate = {**files, f"wide-value/v{version_count + 1}.avsc": last}
    folder = folder_of("schemas", candidate, manifest=None)
    baseline = FolderBaseline("dir:released", released, library=Library())
    settings = Settings(level=CompatibilityLevel.FULL_TRANSITIVE)
    start = time.process_time()
    report = judge(folder, [baseline], settings=settings)
    return time.process_time() - start, len(report.findings)


def _schema(number: int, *, field_count: int = _FIELD_COUNT, name: str = "Wide") -> str:
    """Return version `number`: each says in one more doc that it is another."""
    fields = [
        {
            "name": f"f{index}",
            "type": _TYPES[index % len(_TYPES)],
            "doc": "What it is." if index >= number else "What it is, as it was.",
        }
        for index in range(field_count)
    ]
    record = {"type": "record", "name": name, "namespace": "bench", "fields": fields}
    return json.dumps(record)
