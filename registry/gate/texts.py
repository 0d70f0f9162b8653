"""What a field says, as one text: fields that say the same need no comparison."""

from functools import lru_cache

from registry.compatibility.canonical import canonical_type_text
from registry.compatibility.json_print import to_json_text
from registry.compatibility.model import Field, Schema


@lru_cache(maxsize=4096)
def text_of(schema: Schema) -> str:
    """Return the schema as one text with every name defined in it."""
    return canonical_type_text(schema)


@lru_cache(maxsize=1 << 18)
def field_text(field: Field) -> str:
    """Return everything that the field says but its name."""
    default = to_json_text(field.default) if field.default is not None else ""
    doc, aliases = field.doc or "", " ".join(field.aliases)
    return "\0".join((canonical_type_text(field.type), default, doc, aliases))


def says_the_same(reader: Field, writer: Field) -> bool:
    """True if the two are one field to every reader.

    A type that is only named counts as the same: it is compared where it is defined.
    Types with aliases are never the same, since aliases reach beyond their field.
    """
    if reader.name != writer.name:
        return False
    text = field_text(reader)
    return text == field_text(writer) and '"aliases":' not in text
