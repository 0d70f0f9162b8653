"""A module of Python types: a `TypedDict` a record, a `Literal` an enum.

Values are those of our serdes and of fastavro: a decimal is a `Decimal`, a timestamp a
`datetime`. Types of one name and one form, in whatever subjects, become one type.
"""

import json
import keyword
import textwrap
from collections.abc import Iterable, Iterator

from registry.codegen.names import Named, PythonNames, find_named
from registry.codegen.types import IMPORTED, PythonTypes
from registry.compatibility import AvroSchema
from registry.compatibility.model import (
    EnumSchema,
    Field,
    RecordSchema,
)
from registry.names import Subject

_HEADER = '''\
"""What events look like in Python: made by `contracts codegen`, not by hand.

One type a record or enum of the newest versions. A decoded event has every field.
"""
'''
_WIDTH = 88
_ANNOTATIONS = {"bool", "bytes", "dict", "float", "int", "list", "str", *IMPORTED}


def generate_types(schemas: Iterable[tuple[Subject, AvroSchema]]) -> str:
    """Return a Python module with the types of the schemas.

    The same schemas give the same text; it imports nothing but the standard library.
    """
    roots = list(schemas)
    named = [each for subject, schema in roots for each in find_named(subject, schema)]
    names = PythonNames(named)
    module = _Module(names)
    for each in named:
        module.define(each)
    for subject, schema in roots:
        module.define_root(subject, schema)
    return module.text()


class _Module:
    """One module as it grows, inner types before those that use them."""

    def __init__(self, names: PythonNames) -> None:
        self._names = names
        self._types = PythonTypes(names.of)
        self._blocks: dict[str, str] = {}

    def define(self, named: Named) -> None:
        """Add the type, unless one of that name is there."""
        name = self._names.of(named.schema)
        if name in self._blocks:
            return
        if isinstance(named.schema, EnumSchema):
            self._blocks[name] = self._enum(name, named.schema)
        elif isinstance(named.schema, RecordSchema):
            self._blocks[name] = self._record(name, named.schema)

    def define_root(self, subject: Subject, schema: AvroSchema) -> None:
        """Add a name for what a subject holds, if that has none of its own."""
        if isinstance(schema.root, RecordSchema | EnumSchema):
            return
        name = self._names.of_subject(subject)
        annotation = self._types.annotation(schema.root)
        self._types.uses("typing", "TypeAlias")
        self._blocks[name] = f"{name}: TypeAlias = {annotation}\n"

    def text(self) -> str:
        """Return the module."""
        imports = self._types.import_lines()
        head = f"{_HEADER}\n{imports}" if imports else _HEADER
        body = "\n\n".join(self._blocks.values())
        # Sorters of imports want two blank lines before a class, one before the rest.
        gap = "\n\n" if body.startswith("class ") else "\n"
        return f"{head}{gap}{body}" if body else head

    def _enum(self, name: str, schema: EnumSchema) -> str:
        self._types.uses("typing", "Literal")
        self._types.uses("typing", "TypeAlias")
        symbols = [json.dumps(symbol) for symbol in schema.symbols] or ["None"]
        listed = "".join(f"    {symbol},\n" for symbol in symbols)
        inside = f"\n{listed}" if len(symbols) > 1 else "".join(symbols)
        lines = f"{name}: TypeAlias = Literal[{inside}]\n"
        return lines + "".join(_docstring(schema.doc, "") if schema.doc else ())

    def _record(self, name: str, schema: RecordSchema) -> str:
        self._types.uses("typing", "TypedDict")
        if not all(map(self._is_plain, schema.fields)):
            return self._functional(name, schema)
        doc = schema.doc or f"The Avro record {schema.name}."
        lines = [f"class {name}(TypedDict):\n", *_docstring(doc, "    ")]
        for field in schema.fields:
            annotation = self._annotation(field, name)
            lines.append(f"\n    {field.name}: {annotation}\n")
            lines.extend(_docstring(field.doc, "    ") if field.doc else ())
        return "".join(lines)

    def _functional(self, name: str, schema: RecordSchema) -> str:
        """Return the form of a TypedDict that allows any field name."""
        members = "".join(
            f'        "{field.name}": {self._annotation(field, name)},\n'
            for field in schema.fields
        )
        doc = schema.doc or f"The Avro record {schema.name}."
        head = f'{name} = TypedDict(\n    "{name}",\n    {{\n{members}    }},\n)\n'
        return head + "".join(_docstring(doc, ""))

    def _is_plain(self, field: Field) -> bool:
        """Return whether the name can stand in a class without hiding a type."""
        hides = field.name in _ANNOTATIONS or self._names.has(field.name)
        is_mangled = field.name.startswith("__")
        return not (hides or is_mangled or keyword.iskeyword(field.name))

    def _annotation(self, field: Field, inside: str) -> str:
        """Return the field's type; in quotes if it is not defined at that place."""
        annotation = self._types.annotation(field.type)
        names = self._types.names_in(field.type)
        is_later = any(each == inside or each not in self._blocks for each in names)
        return f'"{annotation}"' if is_later else annotation


def _docstring(text: str, indent: str) -> Iterator[str]:
    words = " ".join(text.split()).replace("\\", "\\\\").replace('"""', '\\"""')
    if words.endswith('"'):
        words = words[:-1] + '\\"'
    lines = textwrap.wrap(words, _WIDTH - len(indent) - len('"""'))
    if len(lines) == 1 and len(lines[0]) <= _WIDTH - len(indent) - len('""""""'):
        yield f'{indent}"""{lines[0]}"""\n'
        return
    yield f'{indent}"""{lines[0] if lines else ""}\n'
    yield from (f"{indent}{line}\n" for line in lines[1:])
    yield f'{indent}"""\n'
