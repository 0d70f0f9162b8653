"""A default of a schema text as the value that it stands for."""

from registry.compatibility.json_values import (
    JsonArray,
    JsonBoolean,
    JsonNull,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
)
from registry.compatibility.model import (
    ArraySchema,
    AvroType,
    EnumSchema,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from registry.gate.samples import Branch, Sample, Unsampleable, smallest


def default_sample(  # noqa: PLR0911 - one line a type
    schema: Schema, default: JsonValue
) -> Sample:
    """Return the default as a sample of its type.

    Raises:
        Unsampleable: It is no value of the type.
    """
    match schema, default:
        case UnionSchema(), _:
            return _branch_sample(schema, default)
        case RecordSchema(), JsonObject():
            return [
                _field_sample(each.type, each.default, default.get(each.name))
                for each in schema.fields
            ]
        case ArraySchema(), JsonArray():
            return [default_sample(schema.items, each) for each in default.items]
        case MapSchema(), JsonObject():
            return {
                key: default_sample(schema.values, each)
                for key, each in default.members.items()
            }
        case EnumSchema(), JsonString():
            return default.value
        case FixedSchema(), JsonString():
            return default.value.encode("latin-1", "replace")
        case PrimitiveSchema(), _:
            return _primitive_sample(schema.type, default)
    raise Unsampleable(f"the default is no {schema.type}")


def is_neutral(schema: Schema, default: JsonValue) -> bool:
    """True if the default says "nothing": null, zero, empty, the enum's own default."""
    try:
        sample = default_sample(schema, default)
    except Unsampleable:
        return True  # an invalid default is another rule's business
    branch = schema
    if isinstance(schema, UnionSchema) and isinstance(sample, Branch):
        branch, sample = schema.branches[sample.index], sample.value
        if sample is not None and _is_nullable(schema):
            return False
    if isinstance(branch, EnumSchema):
        return sample == branch.default
    return _is_empty(branch, sample)


def _is_empty(schema: Schema, sample: Sample) -> bool:
    if isinstance(schema, FixedSchema | PrimitiveSchema) and isinstance(sample, bytes):
        return not any(sample)
    if isinstance(schema, RecordSchema):
        try:
            return sample == smallest(schema)
        except Unsampleable:
            return True
    return not sample


def _is_nullable(schema: UnionSchema) -> bool:
    return any(each.type is AvroType.NULL for each in schema.branches)


def _field_sample(
    schema: Schema, own: JsonValue | None, given: JsonValue | None
) -> Sample:
    value = own if given is None else given
    if value is None:
        raise Unsampleable("a field of the default has no value")
    return default_sample(schema, value)


def _branch_sample(schema: UnionSchema, default: JsonValue) -> Branch:
    for index, branch in enumerate(schema.branches):
        try:
            return Branch(index, default_sample(branch, default))
        except Unsampleable:
            continue
    raise Unsampleable("the default is of no branch")


def _primitive_sample(  # noqa: PLR0911 - one line a type
    kind: AvroType, default: JsonValue
) -> Sample:
    match kind, default:
        case AvroType.NULL, JsonNull():
            return None
        case AvroType.BOOLEAN, JsonBoolean():
            return default.value
        case ((AvroType.INT | AvroType.LONG), JsonNumber(value=int())):
            return default.value
        case ((AvroType.FLOAT | AvroType.DOUBLE), JsonNumber()):
            return float(default.value)
        case ((AvroType.FLOAT | AvroType.DOUBLE), JsonString()):
            return _parsed_float(default.value)
        case AvroType.STRING, JsonString():
            return default.value
        case AvroType.BYTES, JsonString():
            return default.value.encode("latin-1", "replace")
    raise Unsampleable(f"the default is no {kind}")


def _parsed_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Unsampleable(f"{text!r} is no number") from None
