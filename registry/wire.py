"""Confluent's wire format: byte 0, a 4-byte big-endian schema id, the Avro body.

Source: Confluent documentation, "Wire format" of the Schema Registry serializers.
"""

import struct

from registry.errors import NotFramed
from registry.names import SchemaId

PREFIX_BYTES = 5
_PREFIX = struct.Struct(">bI")


def prefix(schema_id: SchemaId) -> bytes:
    """Return the 5 bytes that stand before a body written with `schema_id`."""
    return _PREFIX.pack(0, schema_id)


def read_schema_id(value: bytes | None) -> SchemaId:
    """Return the schema id of a record's value.

    Raises:
        NotFramed: The value is missing, shorter than 5 bytes, or does not start
            with byte 0.
    """
    if value is None or len(value) < PREFIX_BYTES or value[0] != 0:
        raise NotFramed(
            first_byte=value[0] if value else None, length=len(value or b"")
        )
    return SchemaId(int.from_bytes(value[1:PREFIX_BYTES], "big"))
