"""How long the gate needs: a wide candidate against a long history, full matrix."""

import json
import time

from registry.gate.baselines import FolderBaseline
from registry.gate.folders import folder_of
from registry.gate.judge import Settings, judge
from registry.gate.references import Library
from registry.names import CompatibilityLevel

_FIELD_COUNT = 300
_HISTORIES = (50, 100, 200)
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
    start = time.perf_counter()
    report = judge(folder, [baseline], settings=settings)
    return time.perf_counter() - start, len(report.findings)


def _schema(number: int) -> str:
    """Return version `number`: each says in one more doc that it is another."""
    fields = [
        {
            "name": f"f{index}",
            "type": _TYPES[index % len(_TYPES)],
            "doc": "What it is." if index >= number else "What it is, as it was.",
        }
        for index in range(_FIELD_COUNT)
    ]
    record = {"type": "record", "name": "Wide", "namespace": "bench", "fields": fields}
    return json.dumps(record)
