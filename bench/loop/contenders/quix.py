"""Quix Streams, exactly once, its own Avro serdes and defaults: commit every 5 s."""

import json
import sys
import urllib.request
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from quixstreams import (  # type: ignore[import-not-found] # own environment
    Application,
)
from quixstreams.models import (  # type: ignore[import-not-found] # as above
    SchemaRegistryClientConfig,
    SchemaRegistrySerializationConfig,
)
from quixstreams.models.serializers.avro import (  # type: ignore[import-not-found] # as above
    AvroDeserializer,
    AvroSerializer,
)


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


def main(
    bootstrap: str, registry_url: str, source: str, target: str, group: str
) -> None:
    """Run until killed."""
    url = f"{registry_url}/subjects/order-processed-value/versions/latest"
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own registry
        schema = json.loads(json.load(answer)["schema"])
    client = SchemaRegistryClientConfig(url=registry_url)
    config = SchemaRegistrySerializationConfig(
        auto_register_schemas=False,
        subject_name_strategy=lambda _context, _name: "order-processed-value",
    )
    app = Application(
        broker_address=bootstrap,
        consumer_group=group,
        processing_guarantee="exactly-once",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
    )
    orders = app.topic(
        source,
        value_deserializer=AvroDeserializer(schema_registry_client_config=client),
        key_deserializer="bytes",
    )
    priced = app.topic(
        target,
        value_serializer=AvroSerializer(
            schema,
            schema_registry_client_config=client,
            schema_registry_serialization_config=config,
        ),
        key_serializer="bytes",
    )
    app.dataframe(orders).apply(price).to_topic(priced)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
