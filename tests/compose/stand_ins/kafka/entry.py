"""Turn KAFKA_* into server.properties, format what is empty, become the broker."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

PROPERTIES = Path("/tmp/server.properties")  # noqa: S108 - inside a container
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-cp", "/opt/kafka/libs/*"]
_LOGS = "-Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties"
_CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw"
_NO_PROPERTIES = {"KAFKA_HEAP_OPTS", "KAFKA_OPTS", "KAFKA_JVM_PERFORMANCE_OPTS"}


def properties(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the properties that the variables name."""
    return {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environ.items()
        if name.startswith("KAFKA_") and name not in _NO_PROPERTIES
    }


def main() -> None:
    """Format once, then be the broker."""
    lines = [f"{name}={value}\n" for name, value in properties(os.environ).items()]
    PROPERTIES.write_text("".join(lines), encoding="utf-8")
    cluster_id = os.environ.get("CLUSTER_ID", _CLUSTER_ID)
    storage = ["kafka.tools.StorageTool", "format", "--ignore-formatted"]
    subprocess.run(
        [
            *JAVA[:1],
            "-Xmx128m",
            *JAVA[1:],
            *storage,
            "-t",
            cluster_id,
            "-c",
            str(PROPERTIES),
        ],
        check=True,
    )
    heap = os.environ.get("KAFKA_HEAP_OPTS", "-Xmx1G").split()
    os.execvp("java", [*JAVA, *heap, _LOGS, "kafka.Kafka", str(PROPERTIES)])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
