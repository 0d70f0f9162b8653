"""Which differences a registry sees."""

import pytest

from registry.compatibility import are_equivalent, parse_schema

LEAF = '{{"type":"record","name":"N","doc":"{doc}","fields":[]}}'


def is_same(one: str, other: str) -> bool:
    """Return whether the two texts are equivalent."""
    return are_equivalent(parse_schema(one), parse_schema(other))


FIELD_OF = '{"type":"record","name":"O","fields":[{"name":"f","type":{}}]}'


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        '["null",{}]',
        FIELD_OF,
        '[{"type":"record","name":"M","fields":[]},{}]',
        FIELD_OF.replace("{}", '["null",{}]'),
    ],
)
def test_docs_count_in_records_and_unions(around: str) -> None:
    """Two texts with different docs there are two schemas."""
    one, other = LEAF.format(doc="a"), LEAF.format(doc="b")

    assert not is_same(around.replace("{}", one), around.replace("{}", other))


@pytest.mark.parametrize(
    "around", ['{"type":"array","items":{}}', '{"type":"map","values":{}}']
)
def test_docs_do_not_count_inside_arrays_and_maps(around: str) -> None:
    """The registry does not look there; structure counts nevertheless."""
    one, other = LEAF.format(doc="a"), LEAF.format(doc="b")

    assert is_same(around.replace("{}", one), around.replace("{}", other))
    assert not is_same(around.replace("{}", one), around.replace("{}", '"int"'))


ENUM = '{"type":"enum","name":"E","symbols":["A","B"]OTHER}'
FIXED = '{"type":"fixed","name":"F","size":1OTHER}'
RECORD = '{"type":"record","name":"R","fields":[]OTHER}'
FIELD = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"OTHER}]}'


@pytest.mark.parametrize("kind", [ENUM, FIXED, RECORD, FIELD])
def test_docs_and_aliases_count_whatever_they_are_on(kind: str) -> None:
    """The order of aliases does not."""
    both, turned, one = (
        kind.replace("OTHER", f',"aliases":[{aliases}]')
        for aliases in ('"x","y"', '"y","x"', '"x"')
    )
    documented = kind.replace("OTHER", ',"doc":"d"')

    assert is_same(both, turned)
    assert not is_same(both, one)
    assert not is_same(documented, kind.replace("OTHER", ""))


def test_the_default_of_an_enum_counts() -> None:
    """It decides what readers get for a symbol they do not know."""
    first, second = (
        ENUM.replace("OTHER", f',"default":"{each}"') for each in ("A", "B")
    )

    assert is_same(first, first)
    assert not is_same(first, second)
    assert not is_same(first, ENUM.replace("OTHER", ""))


def test_recursive_schemas_compare() -> None:
    """A record that contains itself is compared without end, and found equal."""
    text = '{"type":"record","name":"R","fields":[{"name":"n","type":["null","R"]}]}'

    assert is_same(text, text)
    assert not is_same(text, text.replace('["null","R"]', '["R","null"]'))
