"""What two schemas must agree in, beside their text, to be the same one."""

from registry.compatibility import AvroSchema, RecordSchema
from registry.local.entities import CONFLUENT_VERSION, Metadata, SchemaEntity


def may_be_same(one: AvroSchema, other: AvroSchema) -> bool:
    """Return False at once for records that differ in the names of their fields."""
    left, right = one.root, other.root
    if not isinstance(left, RecordSchema) or not isinstance(right, RecordSchema):
        return True
    return [each.name for each in left.fields] == [each.name for each in right.fields]


def have_same_metadata(wanted: SchemaEntity, stored: SchemaEntity) -> bool:
    """Return whether the two agree, apart from a version that only one of them claims.

    A claim of the wanted one alone must be the stored one's number.
    """
    claimed, kept = wanted.claimed_version, stored.claimed_version
    if (claimed is None) == (kept is None):
        return wanted.metadata == stored.metadata
    if claimed is None:
        return (wanted.metadata or Metadata()) == _unclaimed(stored)
    is_its_number = claimed == stored.version
    return is_its_number and _unclaimed(wanted) == (stored.metadata or Metadata())


def _unclaimed(entity: SchemaEntity) -> Metadata:
    return (entity.metadata or Metadata()).without_property(CONFLUENT_VERSION)
