"""Types nested without measure."""

import pytest

from registry.compatibility import (
    SchemaTooDeep,
    are_equivalent,
    canonical_text,
    check_readable,
    normalize,
    parse_schema,
)

ARRAYS = '{"type":"array","items":' * 900 + '"int"' + "}" * 900
# Each record has a field of the type before it: flat in the text, deep in the types.
CHAIN = "[{}]".format(
    ",".join(
        f'{{"type":"record","name":"R{number}","fields":'
        f'[{{"name":"f","type":["null","R{number - 1}"],"default":null}}]}}'
        for number in range(2_000)
    ).replace('"R-1"', '"int"')
)


def test_deep_nesting_in_the_text_is_refused_in_a_sentence() -> None:
    """Within the limit of JSON, types that are too deep raise no RecursionError."""
    with pytest.raises(SchemaTooDeep, match="nested too deeply"):
        parse_schema(ARRAYS)


def test_deep_nesting_by_name_prints_and_normalizes() -> None:
    """What is flat in the text stays flat."""
    schema = parse_schema(CHAIN)

    assert canonical_text(normalize(schema)) == canonical_text(schema)


def test_deep_nesting_by_name_is_refused_in_a_sentence_when_compared() -> None:
    """Following the names to their end raises no RecursionError."""
    last = '{"type":"array","items":"R1999"}'
    one = parse_schema(last, references=[CHAIN])
    other = parse_schema(last, references=[CHAIN])

    with pytest.raises(SchemaTooDeep):
        check_readable(reader=one, writer=other)
    with pytest.raises(SchemaTooDeep):
        are_equivalent(one, other)
    with pytest.raises(SchemaTooDeep):
        canonical_text(one)
