"""Python's names of Avro's records and enums, across several schemas."""

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass

from registry.codegen.types import IMPORTED, PythonTypes
from registry.compatibility import AvroSchema
from registry.compatibility.model import (
    EnumSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    find_parts,
)
from registry.names import Subject

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A record or enum, and the subject that it was found in."""

    subject: Subject
    schema: NamedSchema


def find_named(subject: Subject, schema: AvroSchema) -> list[Named]:
    """Return the schema's records and enums, inner ones first."""
    found: dict[int, Named] = {}
    entered: set[int] = set()

    def visit(part: Schema) -> None:
        if id(part) in entered:
            return
        entered.add(id(part))
        for inner in find_parts(part):
            visit(inner)
        if isinstance(part, RecordSchema | EnumSchema):
            found[id(part)] = Named(subject, part)

    visit(schema.root)
    return list(found.values())


class PythonNames:
    """One name a form: types that differ in form never share one.

    The name is Avro's simple name; where that means several forms, the subject's words
    stand before it.
    """

    def __init__(self, named: Sequence[Named]) -> None:
        self._names = {
            id(each.schema): _legal(each.schema.name.simple) for each in named
        }
        for spell in (_with_subject, _with_namespace, _with_number):
            for index, each in enumerate(self._find_ambiguous(named)):
                self._names[id(each.schema)] = _legal(spell(each, index))

    def of(self, schema: NamedSchema) -> str:
        """Return the name of the type."""
        return self._names[id(schema)]

    def of_subject(self, subject: Subject) -> str:
        """Return a name for what the subject holds."""
        name = _camel_case(subject)
        return f"{name}Event" if self.has(name) else name

    def has(self, name: str) -> bool:
        """Return whether a type has that name."""
        return name in self._names.values()

    def _find_ambiguous(self, named: Sequence[Named]) -> list[Named]:
        types = PythonTypes(self.of)
        forms: dict[str, set[str]] = {}
        for each in named:
            form = _form(each.schema, types)
            forms.setdefault(self.of(each.schema), set()).add(form)
        return [each for each in named if len(forms[self.of(each.schema)]) > 1]


def _form(schema: NamedSchema, types: PythonTypes) -> str:
    """Return what makes the type what it is; docs do not."""
    if isinstance(schema, EnumSchema):
        return f"enum {schema.symbols}"
    if isinstance(schema, RecordSchema):
        fields = [
            f"{each.name}: {types.annotation(each.type)}" for each in schema.fields
        ]
        return f"record {fields}"
    return "fixed"


def _with_subject(named: Named, _index: int) -> str:
    return f"{_camel_case(named.subject)}{named.schema.name.simple}"


def _with_namespace(named: Named, _index: int) -> str:
    return f"{_with_subject(named, 0)}Of{_camel_case(named.schema.name.namespace)}"


def _with_number(named: Named, index: int) -> str:
    return f"{_with_namespace(named, 0)}{index}"


def _camel_case(text: str) -> str:
    return "".join(word[0].upper() + word[1:] for word in _WORD.findall(text))


def _legal(name: str) -> str:
    """Return the name, changed if Python or the module needs it for something else."""
    legal = re.sub(r"\W", "_", name)
    taken = keyword.iskeyword(legal) or legal in IMPORTED or not legal.isidentifier()
    return (
        f"{legal}_"
        if taken and legal.isidentifier()
        else f"_{legal}"
        if taken
        else legal
    )
