"""The normal form of a schema."""

from registry.compatibility.schema import AvroSchema


def normalize(schema: AvroSchema) -> AvroSchema:
    """Return the schema in its normal form."""
    return schema
