"""`pipeline wire` on topics that hold more than the contracts."""

import json
from collections.abc import Callable

from operations.stack import Addresses
from tests import services
from tests.operations.conftest import run


def test_records_are_counted_by_the_version_that_wrote_them(
    stack: Addresses, new_topic: Callable[..., str]
) -> None:
    """Versions by name; an id that nobody knows and what is no Avro as such."""
    services.let_contracts_in(stack.registry_url)
    topic = new_topic("wire", partitions=2)
    services.send_orders(stack, topic, [services.order(n) for n in (1, 2, 3)])
    unknown = b"\x00" + (2**31 - 1).to_bytes(4) + b"?"
    services.send_values(stack, topic, [(b"a", unknown), (b"b", b"plain")])
    flags = ["--bootstrap-servers", stack.bootstrap_servers, "--topic", topic]
    flags += ["--registry-url", stack.registry_url]

    counted = run("pipeline", "wire", *flags, "--format", "json")
    shown = run("pipeline", "wire", *flags)

    rows = [
        (each["subject"], each["version"], each["records"])
        for each in json.loads(counted.stdout)
    ]
    assert rows == [
        (None, None, 1),
        ("order-details-value", 1, 2),
        ("order-details-value", 2, 1),
        (None, None, 1),
    ]
    assert "no Avro" in shown.stdout
    assert f"schema id {2**31 - 1}, unknown to the registry" in shown.stdout
