"""The checker where its memory and its exceptions show."""

import json

import pytest

from registry.compatibility import (
    AmbiguousField,
    AvroVersion,
    Incompatibility,
    IncompatibilityType,
    check_readable,
    parse_schema,
)
from registry.errors import TooMuchToCompare

CHECK = "registry.compatibility.check"
FIELD_LOST = IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE
POINT = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}]}
EMPTY_POINT = {"type": "record", "name": "P", "fields": []}


def check(
    reader: object, writer: object, avro: AvroVersion = AvroVersion.V1_12
) -> list[Incompatibility]:
    """Return the reasons for two schemas given as JSON values."""
    return check_readable(
        reader=parse_schema(json.dumps(reader), avro=avro),
        writer=parse_schema(json.dumps(writer), avro=avro),
    )


def wrap(*types: object) -> dict[str, object]:
    """Return a record with one field a type."""
    fields = [{"name": f"f{place}", "type": each} for place, each in enumerate(types)]
    return {"type": "record", "name": "R", "fields": fields}


def test_a_pair_met_again_is_reported_with_its_first_place() -> None:
    """The same two types in a second field repeat the reason of the first."""
    reasons = check(wrap(POINT, "P"), wrap(EMPTY_POINT, "P"))

    expected = Incompatibility(
        type=FIELD_LOST, location="/fields/0/type/fields/0", message="x"
    )
    assert reasons == [expected, expected]


def test_a_pair_first_tried_in_a_union_keeps_a_place_from_there() -> None:
    """What a union hid comes out later, with a path that starts at its branch."""
    reasons = check(wrap(["null", POINT], "P"), wrap(EMPTY_POINT, "P"))

    assert [each.location for each in reasons] == ["/fields/0/type", "/fields/0"]


def test_a_union_first_tried_as_a_branch_keeps_the_root_as_its_place() -> None:
    """Met again under another field, the same union is reported at ``/``."""
    holder = {"type": "record", "name": "N", "fields": [plain("u")]}
    nullable = [plain("u") | {"type": ["null", "int"]}]
    with_union = [plain("u") | {"type": ["null", POINT]}]
    with_point = [plain("u") | {"type": "P"}]

    reasons = check(
        wrap(holder | {"fields": nullable}, "N"),
        wrap(
            holder | {"fields": with_union},
            holder | {"fields": with_point, "namespace": "x"},
        ),
    )

    assert [each.location for each in reasons] == [
        "/fields/0/type/fields/0/type/1",
        "/",
    ]


@pytest.mark.parametrize(
    ("avro", "location"), [(AvroVersion.V1_11, "/"), (AvroVersion.V1_12, "/1")]
)
def test_a_writer_branch_has_a_place_since_1_12(
    avro: AvroVersion, location: str
) -> None:
    """A reader that is no union is compared with each branch of the writer."""
    (reason,) = check("int", ["int", "string"], avro)

    assert reason.location == location


@pytest.mark.parametrize(
    ("avro", "is_readable"), [(AvroVersion.V1_11, True), (AvroVersion.V1_12, False)]
)
def test_an_alias_without_namespace_is_lost_since_1_12(
    avro: AvroVersion, *, is_readable: bool
) -> None:
    """1.11 takes ``.A`` for the type A of no namespace, 1.12 for nothing."""
    reader = POINT | {"name": "B", "namespace": "n", "aliases": [".A"]}

    reasons = check(reader, POINT | {"name": "A"}, avro)

    assert (not reasons) is is_readable


def test_a_field_that_is_two_fields_of_the_writer_stops_the_check() -> None:
    """Even inside a union the exception ends everything; it quotes the writer."""
    reader = wrap(["null", POINT | {"fields": [aliased("b", "a")]}])
    writer = wrap(POINT | {"fields": [plain("a"), plain("b")]})

    with pytest.raises(AmbiguousField) as caught:
        check(reader, writer)

    assert caught.value.reason == (
        "Reader record field b type:INT pos:0 matches multiple fields in writer record"
        ' schema {"type":"record","name":"P","fields":[{"name":"a","type":"int"},'
        '{"name":"b","type":"int"}]}'
    )


def test_an_enum_default_does_not_stand_in_for_a_missing_field() -> None:
    """The field is told as a type mismatch with the record, as Avro does."""
    enum = {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}

    (reason,) = check(wrap(enum), wrap())

    assert reason.type is IncompatibilityType.TYPE_MISMATCH
    assert reason.location == "/fields/0/type"
    assert reason.message == "reader type: ENUM not compatible with writer type: RECORD"


def test_unions_too_large_to_be_compared_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each pair of types counts: of 10 branches on either side 1 + 10 + 100."""
    reader, writer = (
        [{"type": "fixed", "name": f"{side}{place}", "size": 1} for place in range(10)]
        for side in "RW"
    )

    monkeypatch.setattr(f"{CHECK}._MOST_PAIRS", 111)
    assert len(check(reader, writer)) == 10
    monkeypatch.setattr(f"{CHECK}._MOST_PAIRS", 110)
    with pytest.raises(TooMuchToCompare) as caught:
        check(reader, writer)
    assert caught.value.pair_count == 110


def test_the_caller_owns_the_list() -> None:
    """Changing an answer changes no other."""
    first = check("int", "int")
    first.append(Incompatibility(type=FIELD_LOST, location="/", message=""))

    assert check("int", "int") == []


def plain(name: str) -> dict[str, object]:
    """Return an int field."""
    return {"name": name, "type": "int"}


def aliased(name: str, alias: str) -> dict[str, object]:
    """Return an int field with an alias."""
    return plain(name) | {"aliases": [alias]}
