"""`pipeline dlq` on a real broker: mended, killed, raced, and judged from outside."""

import base64
import io
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema

from operations.stack import Addresses
from registry import wire
from registry.catalog import load_catalog
from registry.names import SchemaId
from runtime.config import RegistrySettings
from runtime.records import Record
from runtime.registry import connect_registry
from schemas import CONTRACTS
from tests import services
from tests.dead_letters import dying_replay, strict_service
from tests.dead_letters.conftest import Dlq, Place, command_for, program
from tests.processors.conftest import Start, Verify
from tests.services import Topics, order, running_command, send_orders, send_values

UniqueName = Callable[[str], str]

ORDERS = 200
LETTERS = 160
NO_DATABASE = "--database sqlite:///nowhere.db"
FILLER = {"type": "fixed", "size": 3}
STEPS = (
    "before:begin_transaction",
    "after:begin_transaction",
    "after:produce",
    "before:commit_transaction",
    "during:commit_transaction",
    "after:commit_transaction",
)
DRAINED_S = 120.0


def run_buggy_service(pipeline: Addresses, topics: Topics, folder: Path) -> None:
    """Let a service with a bug take all there is; half of it becomes dead letters."""
    program = [sys.executable, strict_service.__file__, "--state-dir", str(folder)]
    flags = [*services.flags_for(pipeline, topics), "--until-idle", "1"]
    with running_command("strict", [*program, *flags], folder=folder) as child:
        assert child.wait(timeout_s=DRAINED_S) == 0, child.read_log()


def drain(start: Start) -> None:
    """Run the service as it should be until nothing is left."""
    service = start("--until-idle", "1")
    assert service.wait(timeout_s=DRAINED_S) == 0, service.read_log()


def test_mended_bug_and_a_replay_leave_nothing_missing_duplicate_or_wrong(
    place: Place, start: Start, verify: Verify, dlq: Dlq, tmp_path: Path
) -> None:
    """Replayed twice; those that were right to reject stay; the verifier agrees."""
    send_orders(place.addresses, place.topics.input, map(order, range(ORDERS)))
    send_values(place.addresses, place.topics.input, [(b"bad", b"not avro")])
    run_buggy_service(place.addresses, place.topics, tmp_path)

    first, second = dlq("replay", "--format", "json"), dlq("replay")
    drain(start)

    letters = len(place.letter_ids())
    assert letters == ORDERS // 2 + 1
    assert (first.status, first.json["replayed"], first.json["kept"]) == (
        1,
        letters - 1,
        1,
    )
    assert second.status == 1
    assert "not in the Confluent wire format" in second.output
    assert "nothing settled, 1 kept" in second.output
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.dead_letters == letters


def test_schema_that_is_registered_late_makes_letters_readable(
    place: Place, start: Start, verify: Verify, dlq: Dlq, unique_name: UniqueName
) -> None:
    """Records of an unknown schema id wait in the dead letters until it is known."""
    contract = load_catalog(CONTRACTS).get_contract("order-details-value").newest
    note = {"name": "note", "type": "string", "default": ""}
    schema = {**contract.schema, "fields": [*contract.schema["fields"], note]}
    with connect_registry(RegistrySettings(url=place.addresses.registry_url)) as client:
        name = unique_name("filler").replace("-", "_")
        filler = Schema(json.dumps({**FILLER, "name": name}), "AVRO")
        late_id = client.register_schema(unique_name("filler"), filler) + 1
        values = [written(schema, late_id, number) for number in range(5)]
        send_values(place.addresses, place.topics.input, values)
        drain(start)
        before = dlq("replay")
        late = Schema(json.dumps(schema), "AVRO")
        assert client.register_schema(unique_name("late"), late) == late_id

    after = dlq("replay", "--format", "json")
    drain(start)

    assert before.status == 1
    assert f"no schema with id {late_id}" in before.output
    assert (after.status, after.json["replayed"]) == (0, 5)
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert (verdict.expected, verdict.dead_letters) == (5, 5)


def written(schema: dict[str, Any], schema_id: int, number: int) -> tuple[bytes, bytes]:
    """Return key and value of an order, written with a schema and its id."""
    event = {**order(number), "note": "gift"}
    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), event)
    key: str = event["order_id"]
    return key.encode(), wire.prefix(SchemaId(schema_id)) + body.getvalue()


def test_replay_that_is_killed_anywhere_is_gone_on_with(
    place: Place, dlq: Dlq, tmp_path: Path
) -> None:
    """Killed at six moments of a transaction; in the end each came back once."""
    orders = map(order, range(LETTERS))
    send_orders(place.addresses, place.topics.input, orders)
    place.bury_records(place.read(place.topics.input))

    statuses = {step: _die_at(step, place, tmp_path) for step in STEPS}
    left = len(place.letter_ids()) - len(place.replayed())
    last = dlq("replay", "--format", "json")

    assert statuses == dict.fromkeys(STEPS, 137)
    assert left > 0
    assert (last.status, last.json["replayed"]) == (0, left)
    assert place.replayed_ids() == place.letter_ids()
    assert place.ledger() == dict.fromkeys(place.letter_ids(), "replayed")


def test_two_replays_at_once_replay_each_letter_once(
    place: Place, dlq: Dlq, tmp_path: Path
) -> None:
    """Three start together; who is fenced ends with 75, and one more does the rest."""
    orders = map(order, range(LETTERS))
    send_orders(place.addresses, place.topics.input, orders)
    place.bury_records(place.read(place.topics.input))
    command = [program("pipeline"), *_replay_words(place), "--rate", "100"]

    with ExitStack() as rivals:
        racing = [
            rivals.enter_context(running_command("rival", command, folder=tmp_path))
            for _ in range(3)
        ]
        statuses = [each.wait(timeout_s=120) for each in racing]
    last = dlq("replay")

    assert set(statuses) <= {0, 75}
    assert 0 in statuses
    assert last.status == 0, last.errors
    assert place.replayed_ids() == place.letter_ids()


def test_what_is_replayed_is_taken_by_the_service_that_runs(
    place: Place, start: Start, verify: Verify, dlq: Dlq, tmp_path: Path
) -> None:
    """The service need not stop for a replay, nor orders for the service."""
    send_orders(place.addresses, place.topics.input, map(order, range(100)))
    run_buggy_service(place.addresses, place.topics, tmp_path)
    service = start("--until-idle", "3")
    send_orders(place.addresses, place.topics.input, map(order, range(100, 200)))

    replayed = dlq("replay", "--rate", "200")

    assert replayed.status == 0, replayed.output
    assert service.wait(timeout_s=DRAINED_S) == 0
    verdict = verify()
    assert verdict.is_clean, verdict.findings
    assert verdict.expected == 200


def test_service_that_rejects_a_replayed_record_gets_it_again_once_mended(
    place: Place, start: Start, dlq: Dlq, tmp_path: Path
) -> None:
    """Replayed too early, the record is a dead letter again, and can be replayed."""
    send_orders(place.addresses, place.topics.input, map(order, range(40)))
    run_buggy_service(place.addresses, place.topics, tmp_path)
    early = dlq("replay", "--format", "json")
    run_buggy_service(place.addresses, place.topics, tmp_path)

    late = dlq("replay", "--format", "json")
    drain(start)

    assert (early.json["replayed"], late.json["replayed"]) == (20, 20)
    priced = place.read(place.topics.output)
    assert sorted(each.key or b"" for each in priced) == sorted(
        f"order-{number}".encode() for number in range(40)
    )


def test_letters_are_listed_counted_and_shown(place: Place, dlq: Dlq) -> None:
    """By cause, by place, by time; the content only where it is asked for."""
    place.bury(4, "items is empty")
    place.bury(3, "quantity is 0")
    dlq("drop", "--partition", "1")

    listed = dlq("list", "--first-offset", "1001", "--format", "json").json
    shown = dlq("show", listed["dead_letters"][0]["id"], "--format", "json").json
    counted = dlq("stats", "--format", "json").json["causes"]
    none = dlq("list", "--since", "2026-01-02T00:00:00Z", "--state", "all")

    assert [
        (each["partition"], each["message"]) for each in listed["dead_letters"]
    ] == [
        (2, "items is empty"),
        (2, "quantity is 0"),
        (3, "items is empty"),
    ]
    assert base64.b64decode(shown["value_base64"]) == b"\0\0\0\0\x01 of no matter"
    assert shown["headers"] == [["traceparent", "AP8="], ["empty", None]]
    assert "RejectedRecord" in shown["stacktrace"]
    assert [(each["example"], each["open"], each["dropped"]) for each in counted] == [
        ("items is empty", 3, 1),
        ("quantity is 0", 2, 1),
    ]
    assert (none.status, none.output) == (0, "")


def test_text_for_people_shows_no_control_characters(place: Place, dlq: Dlq) -> None:
    """What stands in a record cannot steer the terminal of who looks at it."""
    record = Record(
        place.topics.input, 0, 5, b"\x1b[2J", b"\x1b[31m", [("a", b"\x07")], 0
    )
    place.bury_records([record], "bad \x1b]0;title\x07 text")

    listed, shown, counted = dlq("list"), dlq("show", "0:0"), dlq("stats")

    said = listed.output + shown.output + counted.output
    assert listed.output.startswith("0:0 ")
    assert "\\x1b]0;title" in said
    assert "\x1b" not in said
    assert "\x07" not in said


@pytest.mark.parametrize(
    ("words", "sentence", "status"),
    [
        ("show 3:999", "there is no dead letter 3:999", 1),
        ("drop", "choose letters", 2),
        ("list --since yesterday", "'yesterday' is not a time such as", 2),
        ("list --since 2026-03-01T12:00:00", "is not a time such as", 2),
        ("replay --registry-url http://127.0.0.1:9", "no schema registry", 75),
        ("list --service order-service", "order-service", 2),
        ("list --service analytics-service", "name its database", 78),
        (f"drop --all --service analytics-service {NO_DATABASE}", "there is no", 78),
        (f"replay --service notification-service {NO_DATABASE}", "give --mail", 78),
    ],
)
def test_command_that_cannot_succeed_ends_with_one_sentence(
    dlq: Dlq, words: str, sentence: str, status: int
) -> None:
    """The sentence says what is wrong and what to do."""
    ended = dlq(*words.split())

    assert sentence in ended.errors
    assert ended.status == status


def _die_at(step: str, place: Place, folder: Path) -> int:
    """Run a victim until it dies; return its exit status."""
    command = [sys.executable, dying_replay.__file__, step, *_replay_words(place)]
    with running_command("victim", command, folder=folder) as victim:
        return victim.wait(timeout_s=60)


def _replay_words(place: Place) -> list[str]:
    return command_for(place.addresses, place.topics, "replay")
