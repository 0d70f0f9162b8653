"""The generations of Avro that registries follow."""

from enum import StrEnum


class AvroVersion(StrEnum):
    """The generation of Avro whose rules a registry follows."""

    V1_11 = "1.11"
    V1_12 = "1.12"
