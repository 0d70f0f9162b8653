"""Random schemas and data: the same values, bytes and verdicts as fastavro's."""

import fastavro
from fastavro.schema import SchemaParseException
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from registry.errors import InvalidContract, InvalidSchema
from tests.codec.reference import REFUSED, decode, encode, try_decode, try_read, write
from tests.codec.schemas import readers, records

moderate = settings(max_examples=150, deadline=None)


@moderate
@given(data=st.data())
def test_what_fastavro_writes_is_read_alike(data: st.DataObject) -> None:
    """A body decodes to what fastavro reads, type by type."""
    typed = data.draw(records())
    event = data.draw(typed.values)

    body = write(typed.schema, event)

    assert repr(decode(body, typed.schema)) == repr(try_read(body, typed.schema))


@moderate
@given(data=st.data())
def test_bytes_equal_those_of_fastavro(data: st.DataObject) -> None:
    """An event is written byte for byte as fastavro writes it."""
    typed = data.draw(records())
    event = data.draw(typed.values)

    assert encode(event, typed.schema) == write(typed.schema, event)


@moderate
@given(data=st.data())
def test_another_reader_reads_alike_or_refuses_alike(data: st.DataObject) -> None:
    """Whatever fastavro resolves is resolved alike, and nothing else is."""
    typed = data.draw(records())
    reader = data.draw(readers(typed.schema))
    assume(_is_schema(reader))
    body = write(typed.schema, data.draw(typed.values))

    expected = try_read(body, typed.schema, reader)

    assert repr(try_decode(body, typed.schema, reader)) == repr(expected)


def _is_schema(schema: object) -> bool:
    try:
        fastavro.parse_schema(schema)  # type: ignore[arg-type] # JSON
        decode(b"", schema)
    except (SchemaParseException, ValueError, InvalidSchema, InvalidContract):
        return False
    except Exception:  # noqa: BLE001 - an empty body is none of it
        return True
    return True


@moderate
@given(data=st.data())
def test_damaged_bytes_never_give_another_value(data: st.DataObject) -> None:
    """A value from damaged bytes is the one that fastavro finds in them."""
    typed = data.draw(records())
    body = data.draw(damaged(write(typed.schema, data.draw(typed.values))))

    found = try_decode(body, typed.schema)

    expected = try_read(body, typed.schema)
    assert found is REFUSED or repr(found) == repr(expected)
    assert found is not REFUSED or _is_never_written(body, typed.schema, expected)


def _is_never_written(body: bytes, schema: object, value: object) -> bool:
    """Tell whether no writer gives these bytes for what fastavro sees in them."""
    return value is REFUSED or write(schema, value) != body


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """Draw bytes that were cut off, changed, or had others put in between."""
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 3)))
    put_in = draw(
        st.binary(max_size=3)
        | st.sampled_from([b"\xff\xff\xff\xff\x0f", b"\x01", b"\xfe\xff\xff\xff\x7f"])
    )
    tail = draw(st.sampled_from([body[end:], b""]))
    return body[:start] + put_in + tail
