"""Changes to a candidate that may answer a finding; the gate tries each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from registry.gate.editing import Document, Unplaceable
from registry.gate.findings import Direction
from registry.gate.paths import Path

_EMPTY: dict[str, Any] = {
    "boolean": False,
    "int": 0,
    "long": 0,
    "float": 0.0,
    "double": 0.0,
    "string": "",
    "bytes": "\0",
    "array": [],
    "map": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wound:
    """What a remedy knows: both texts, the way to the place, and who reads.

    Attributes:
        candidate: A copy that the remedy may change.
        earlier: The version that the candidate does not get on with.
    """

    candidate: Document
    earlier: Document
    path: Path
    old_path: Path
    direction: Direction | None

    @property
    def is_backward(self) -> bool:
        """True if the candidate is the one that reads."""
        return self.direction is Direction.BACKWARD


Remedy = Callable[[Wound], str]
"""Changes the wound's candidate and returns what it did; raises Unplaceable."""


def restore_type(wound: Wound) -> str:
    """Give the field the type it had."""
    field = wound.candidate.field_at(wound.path)
    field["type"] = wound.earlier.field_at(wound.old_path)["type"]
    return f"leave the type of {field['name']} as it was"


def restore_default(wound: Wound) -> str:
    """Give the field the default it had."""
    field = wound.candidate.field_at(wound.path)
    field["default"] = wound.earlier.field_at(wound.old_path)["default"]
    return f"leave the default of {field['name']} as it was"


def add_default(wound: Wound) -> str:
    """Give the field a default that means nothing."""
    field = wound.candidate.field_at(wound.path)
    default = _neutral(wound.candidate, field["type"])
    if default is None and not _allows_null(field["type"]):
        raise Unplaceable("no neutral default")
    field["default"] = default
    if isinstance(field["type"], list) and default is None:
        field["type"] = ["null", *[each for each in field["type"] if each != "null"]]
    return f"give {field['name']} the default {_shown(default)}"


def restore_field(wound: Wound) -> str:
    """Put the field back that earlier readers need."""
    lost = wound.earlier.field_at(wound.old_path)
    record = wound.candidate.record_at(wound.path)
    record["fields"].append(lost)
    return f"keep the field {lost['name']}"


def add_old_name(wound: Wound) -> str:
    """Give the new field its old name as an alias."""
    field = wound.candidate.field_at(wound.path)
    former = wound.earlier.field_at(wound.old_path)["name"]
    field["aliases"] = [*field.get("aliases", []), former]
    return f"give {field['name']} the alias {former}"


def drop_aliases(wound: Wound) -> str:
    """Take the field's aliases away."""
    field = wound.candidate.field_at(wound.path)
    del field["aliases"]
    return f"remove the aliases of {field['name']}"


def exchange_aliases(wound: Wound) -> str:
    """Exchange the field's aliases with another field's."""
    field = wound.candidate.field_at(wound.path)
    record = wound.candidate.record_at(wound.path.parent)
    for other in record["fields"]:
        if other is not field and other.get("aliases"):
            field["aliases"], other["aliases"] = other["aliases"], field["aliases"]
            return f"exchange the aliases of {field['name']} and {other['name']}"
    raise Unplaceable("no other field has aliases")


def drop_type_aliases(wound: Wound) -> str:
    """Take the type's aliases away."""
    for path in (wound.path, Path(wound.path.root)):
        for named in _named_at(wound.candidate, path):
            if named.pop("aliases", None) is not None:
                return f"remove the aliases of {named['name']}"
    raise Unplaceable("no aliases")


def add_type_alias(wound: Wound) -> str:
    """Give the type its old full name as an alias."""
    named = wound.candidate.record_at(_to_named(wound.path))
    former = wound.earlier.record_at(_to_named(wound.old_path))
    space, name = former.get("namespace", ""), former["name"]
    full = name if "." in name or not space else f"{space}.{name}"
    named["aliases"] = [*named.get("aliases", []), full]
    return f"give {named['name']} the alias {full}"


def restore_symbols(wound: Wound) -> str:
    """Put the symbols back that were removed, or take the new ones out."""
    named = wound.candidate.record_at(wound.path)
    former = wound.earlier.record_at(wound.old_path)
    if wound.is_backward:
        lost = [each for each in former["symbols"] if each not in named["symbols"]]
        named["symbols"] = [*named["symbols"], *lost]
        return f"keep the symbols {', '.join(lost)}"
    new = [each for each in named["symbols"] if each not in former["symbols"]]
    named["symbols"] = [each for each in named["symbols"] if each not in new]
    return f"give readers a default first; leave out {', '.join(new)} until then"


def keep_symbols(wound: Wound) -> str:
    """Put removed symbols back; for new ones deployment has an order, not a fix."""
    if not wound.is_backward:
        raise Unplaceable("readers first")
    return restore_symbols(wound)


def restore_enum_default(wound: Wound) -> str:
    """Give the enum the default it had."""
    named = wound.candidate.record_at(wound.path)
    named["default"] = wound.earlier.record_at(wound.old_path)["default"]
    return f"leave the default of {named['name']} as it was"


def own_type_first(wound: Wound) -> str:
    """Put the writer's own type in front of the union."""
    field = wound.candidate.field_at(wound.path)
    former = wound.earlier.field_at(wound.old_path)["type"]
    types = former if isinstance(former, list) else [former]
    if not isinstance(field["type"], list):
        raise Unplaceable("not a union")
    rest = [each for each in field["type"] if each not in types]
    field["type"] = [*types, *rest]
    return f"put {', '.join(map(str, types))} first into the union of {field['name']}"


REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "READER_FIELD_MISSING_DEFAULT_VALUE": (add_default, restore_field),
    "TYPE_MISMATCH": (restore_type,),
    "NAME_MISMATCH": (add_type_alias, restore_type),
    "MISSING_ENUM_SYMBOLS": (restore_symbols,),
    "MISSING_UNION_BRANCH": (restore_type,),
    "FIXED_SIZE_MISMATCH": (restore_type,),
    "FIELD_MATCHES_TWICE": (drop_aliases,),
    "LOGICAL_TYPE_CHANGED": (restore_type,),
    "LOGICAL_TYPE_ADDED": (restore_type,),
    "LOGICAL_TYPE_REMOVED": (restore_type,),
    "DECIMAL_SCALE_CHANGED": (restore_type,),
    "DECIMAL_PRECISION_LOWERED": (restore_type,),
    "NUMBER_LOSES_DIGITS": (restore_type,),
    "BYTES_READ_AS_STRING": (restore_type,),
    "STRING_READ_AS_BYTES": (restore_type,),
    "UNION_CHANGES_TYPE": (own_type_first, restore_type),
    "ENUM_SYMBOL_SWALLOWED": (keep_symbols,),
    "ENUM_DEFAULT_CHANGED": (restore_enum_default,),
    "FIELD_RENAMED_WITHOUT_ALIAS": (add_old_name,),
    "FIELD_READ_AS_INVENTED": (add_default,),
    "DEFAULT_CHANGED": (restore_default,),
    "FIELDS_CROSSED": (exchange_aliases, drop_aliases),
    "ALIAS_MOVED": (drop_aliases,),
    "ALIAS_CLAIMED_TWICE": (drop_aliases,),
    "NAMESPACE_HIDES_ALIAS": (add_type_alias,),
    "TYPE_ALIAS_COLLIDES": (drop_type_aliases,),
    "NAMESPACE_CHANGED": (add_type_alias,),
}
"""What may answer each rule, the best first."""


def _named_at(document: Document, path: Path) -> Iterator[dict[str, Any]]:
    found = document.type_at(path.steps)
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict) and "name" in each:
            yield each


def _to_named(path: Path) -> Path:
    """Return the path of the record that a field path ends in, else the path."""
    if path.steps and path.steps[-1].kind == "field":
        return path.parent
    return path


def _allows_null(schema: Any) -> bool:  # noqa: ANN401 - JSON of a schema
    return isinstance(schema, list) and "null" in schema


def _neutral(document: Document, schema: Any) -> Any:  # noqa: ANN401 - JSON of a schema
    if isinstance(schema, list):
        first = schema[0] if schema and "null" not in schema else None
        return None if first is None else _neutral(document, first)
    if isinstance(schema, dict):
        if schema.get("type") == "enum":
            return schema.get("default")
        if schema.get("type") == "fixed":
            return "\0" * int(schema["size"])
        return _neutral(document, schema.get("type"))
    return _EMPTY.get(schema)


def _shown(default: object) -> str:
    return "null" if default is None else repr(default).replace("'", '"')
