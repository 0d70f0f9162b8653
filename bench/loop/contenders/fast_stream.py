"""FastStream with batches of 500 and fastavro, as its page on custom serialization.

At least once: it has no transactions. A batch is published without keys and headers,
since its batches have none; one record at a time it makes some hundreds a second.
"""

import asyncio
import io
import json
import sys
import urllib.request
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fastavro
from faststream import (  # type: ignore[import-not-found] # own environment
    AckPolicy,
    FastStream,
)
from faststream.confluent import (  # type: ignore[import-not-found] # as above
    KafkaBroker,
)

_BATCH = 500
_FRAME_BYTES = 5


def price(order: dict[str, Any]) -> dict[str, Any]:
    """Return the priced order."""
    total = sum(
        line["quantity"] * line["unit_price"] * (1 - line.get("discount", 0))
        for line in order["items"]
    )
    return {
        "order_id": order["order_id"],
        "customer": order["customer"],
        "item_count": len(order["items"]),
        "total": total.quantize(Decimal("0.0001")),
        "currency": order["currency"],
        "created_at": order["created_at"],
        "processed_at": datetime.now(UTC),
    }


class Serdes:
    """Reads with the writer's schema, writes with the newest."""

    def __init__(self, registry_url: str) -> None:
        self._registry_url = registry_url
        self._writers: dict[bytes, Any] = {}
        newest = self._ask("/subjects/order-processed-value/versions/latest")
        self._schema = fastavro.parse_schema(json.loads(newest["schema"]))
        self._frame = b"\0" + newest["id"].to_bytes(4, "big")

    def _ask(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self._registry_url + path) as answer:  # noqa: S310 - our own registry
            return dict(json.load(answer))

    def decode(self, value: bytes) -> dict[str, Any]:
        """Return the event."""
        frame = value[:_FRAME_BYTES]
        writer = self._writers.get(frame)
        if writer is None:
            answer = self._ask(f"/schemas/ids/{int.from_bytes(frame[1:], 'big')}")
            writer = fastavro.parse_schema(json.loads(answer["schema"]))
            self._writers[frame] = writer
        buffer = io.BytesIO(value)
        buffer.seek(_FRAME_BYTES)
        return fastavro.schemaless_reader(buffer, writer, None)  # type: ignore[return-value] # a record

    def encode(self, event: dict[str, Any]) -> bytes:
        """Return the bytes."""
        buffer = io.BytesIO()
        buffer.write(self._frame)
        fastavro.schemaless_writer(buffer, self._schema, event)
        return buffer.getvalue()


def main(
    bootstrap: str, registry_url: str, source: str, target: str, group: str
) -> None:
    """Run until killed."""
    serdes = Serdes(registry_url)
    broker = KafkaBroker(bootstrap, logger=None)

    @broker.subscriber(  # type: ignore[untyped-decorator] # unknown here
        source,
        batch=True,
        max_records=_BATCH,
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
        decoder=_as_it_is,
    )
    async def handle(values: list[bytes]) -> None:
        priced = [serdes.encode(price(serdes.decode(each))) for each in values]
        await broker.publish_batch(*priced, topic=target)

    asyncio.run(FastStream(broker, logger=None).run())


async def _as_it_is(message: Any) -> Any:  # noqa: ANN401 - FastStream's own
    return message.body


if __name__ == "__main__":
    main(*sys.argv[1:])
