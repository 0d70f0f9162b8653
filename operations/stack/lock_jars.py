"""Resolve the broker's jars anew and write their lock.

Run it after changing a version below: ``python -m operations.stack.lock_jars``
"""

import hashlib

import jgo

from operations.stack.jars import LOCK_PATH

KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
# Kafka names no log writer of its own. Resolved apart: together with Kafka, its
# bill of materials would pull other libraries down to its own versions.
LOG_WRITER = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"


def main() -> None:
    """Write the lock: every jar at run time, by name, with its checksum."""
    (log_writer, *_) = jgo.resolve(LOG_WRITER)
    lines = ["# Written by: python -m operations.stack.lock_jars"]
    for artifact in sorted([*jgo.resolve(KAFKA), log_writer], key=str):
        sha256 = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
        name = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        lines.append(f"{name} {sha256}")
    LOCK_PATH.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
