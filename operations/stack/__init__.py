"""The local stack: a real Apache Kafka and a schema registry without containers.

    with Stack.start(Path(".local")) as stack:
        stack.create_topics(catalog)
        ...  # stack.bootstrap_servers, stack.registry_url

`runtime.processes` starts services next to it.
"""

from operations.stack.addresses import Addresses
from operations.stack.local import Stack
from runtime.errors import NotReadyInTime, ProcessEnded
from runtime.processes import Child, wait_for_service

__all__ = [
    "Addresses",
    "Child",
    "NotReadyInTime",
    "ProcessEnded",
    "Stack",
    "wait_for_service",
]
