"""Dead letters of a topic: each settled once, by whomever, whatever ends meanwhile."""

import threading
import time
from collections.abc import Callable

import pytest

from operations.dead_letters import (
    Letter,
    Outcome,
    Selection,
    Settled,
    TopicBox,
    drop,
    preview,
    settle,
)
from operations.dead_letters.errors import SettlingInterrupted
from operations.dead_letters.letter import REPLAYS_HEADER
from operations.dead_letters.settling import find_open, replay
from registry.errors import RegistryUnavailable
from runtime.errors import RejectedRecord, TopicMissing
from runtime.records import Output, Record
from tests.dead_letters.conftest import LIMIT_BYTES, Place

OpenBox = Callable[[], TopicBox]

# A batch of one record with a key of 5 bytes takes 80 bytes more than its value.
LARGEST_BYTES = LIMIT_BYTES - 80


def replay_all(box: TopicBox, *, max_replays: int = 3) -> list[Settled]:
    """Replay every open letter of a box that is held."""
    letters = find_open(box, Selection())
    decide = replay(box, max_replays=max_replays)
    return list(settle(box, letters, decide, rate=None, stop=threading.Event()))


def outcomes_of(settled: list[Settled]) -> list[tuple[str, Outcome | None]]:
    """Return what became of which letter, sorted."""
    return sorted((each.letter.id, each.outcome) for each in settled)


def incompressible(size_bytes: int) -> bytes:
    """Return bytes that no compression makes smaller."""
    state, found = 1, bytearray()
    while len(found) < size_bytes:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        found += (state >> 32).to_bytes(4)
    return bytes(found[:size_bytes])


def test_replayed_record_is_what_it_was(place: Place, open_box: OpenBox) -> None:
    """Partition, key, value, timestamp and headers; two headers tell of the replay."""
    records = place.bury(20)
    box = open_box()
    box.hold()

    settled = replay_all(box)

    assert [each.outcome for each in settled] == [Outcome.REPLAYED] * 20
    came_back = [
        each._replace(offset=0, headers=each.headers[:-2]) for each in place.replayed()
    ]
    assert sorted(came_back) == sorted(each._replace(offset=0) for each in records)
    assert {each.headers[-1] for each in place.replayed()} == {(REPLAYS_HEADER, b"1")}
    assert place.replayed_ids() == place.letter_ids()
    assert place.ledger() == dict.fromkeys(place.letter_ids(), "replayed")


def test_second_replay_finds_nothing_to_do(place: Place, open_box: OpenBox) -> None:
    """Another process, later: the ledger tells it."""
    place.bury(10)
    first, second = open_box(), open_box()
    first.hold()
    replay_all(first)

    second.hold()

    assert replay_all(second) == []
    assert len(place.replayed()) == 10


def test_replay_that_is_taken_over_commits_no_more(
    place: Place, open_box: OpenBox
) -> None:
    """The second fences the first, goes on after it, and the first gives up."""
    place.bury(10)
    first, second = open_box(), open_box()
    first.hold()
    letters = list(first.letters())
    first.settle(letters[:3], Outcome.REPLAYED)
    second.hold()

    with pytest.raises(SettlingInterrupted) as caught:
        first.settle(letters[3:], Outcome.REPLAYED)
    rest = replay_all(second)

    assert "run this again" in caught.value.hint
    assert len(rest) == 7
    assert place.replayed_ids() == place.letter_ids()


def test_letters_that_another_settled_meanwhile_are_left_alone(
    place: Place, open_box: OpenBox
) -> None:
    """What was read before the other was done is checked once more before writing."""
    place.bury(4)
    box, other = open_box(), open_box()
    stale = list(box.letters())
    other.hold()
    other.settle(stale[:2], Outcome.DROPPED)
    box.hold()

    settled = box.settle(stale, Outcome.REPLAYED)

    reasons = {each.letter.id: each.reason for each in settled}
    assert [reasons[each.id] for each in stale[:2]] == ["dropped already"] * 2
    assert place.replayed_ids() == sorted(each.id for each in stale[2:])


def test_dropped_letters_are_never_replayed(place: Place, open_box: OpenBox) -> None:
    """They can still be read, and say what became of them."""
    place.bury(6)
    box = open_box()
    box.hold()
    some = Selection(partition=next(box.letters()).record.partition)
    dropped = list(
        settle(box, find_open(box, some), drop, rate=None, stop=threading.Event())
    )

    replayed = replay_all(box)

    assert dropped
    assert len(dropped) + len(replayed) == 6
    assert place.replayed_ids() == sorted(each.letter.id for each in replayed)
    states = {each.id: each.state for each in open_box().letters()}
    assert {states[each.letter.id] for each in dropped} == {"dropped"}


def test_record_that_would_fail_again_is_kept(place: Place) -> None:
    """Nothing of it is written; the reason is told."""
    place.bury(3)

    def reject(record: Record) -> list[Output]:
        del record
        raise RejectedRecord("still wrong")

    box = TopicBox(place.kafka, place.topics.input, process=reject)
    box.hold()
    settled = replay_all(box)
    box.close()

    assert {each.reason for each in settled} == {"it would fail again: still wrong"}
    assert place.replayed() == []
    assert place.ledger() == {}


def test_registry_that_is_down_keeps_nobody_from_trying_later(place: Place) -> None:
    """It is no verdict about the letters: the replay ends, they stay open."""
    place.bury(3)

    def cannot_tell(record: Record) -> list[Output]:
        del record
        raise RegistryUnavailable

    box = TopicBox(place.kafka, place.topics.input, process=cannot_tell)
    box.hold()
    with pytest.raises(RegistryUnavailable):
        replay_all(box)
    box.close()

    assert place.ledger() == {}


def test_record_that_came_back_too_often_is_kept(
    place: Place, open_box: OpenBox
) -> None:
    """The count travels in a header from replay to replay."""
    place.bury(1)
    box = open_box()
    for _ in range(2):
        box.hold()
        replay_all(box)
        place.bury_records(place.replayed()[-1:])

    settled = replay_all(box, max_replays=2)

    assert [each.reason for each in settled] == ["replayed 2 times already"]
    assert [each.headers[-1] for each in place.replayed()] == [
        (REPLAYS_HEADER, b"1"),
        (REPLAYS_HEADER, b"2"),
    ]


def test_preview_changes_nothing_and_disturbs_nobody(
    place: Place, open_box: OpenBox
) -> None:
    """It tells what would be done while another replay is under way."""
    place.bury(5)
    working, looking = open_box(), open_box()
    working.hold()
    letters = list(working.letters())
    working.settle(letters[:2], Outcome.REPLAYED)

    shown = list(
        preview(find_open(looking, Selection()), replay(looking, max_replays=3))
    )
    working.settle(letters[2:], Outcome.REPLAYED)

    assert outcomes_of(shown) == sorted(
        (each.id, Outcome.REPLAYED) for each in letters[2:]
    )
    assert place.replayed_ids() == place.letter_ids()


def bury_largest(place: Place, value: bytes) -> None:
    """Write a record that its topic just takes, and make it a dead letter."""
    place.send([Output(place.topics.input, b"large", value, [], 0, 1)])
    place.bury_records(place.read(place.topics.input))


def test_letter_at_the_size_limit_is_replayed(place: Place, open_box: OpenBox) -> None:
    """Two headers more, but compressed; its neighbours come with it."""
    bury_largest(place, b"0123456789" * (LARGEST_BYTES // 10))
    place.bury(3)
    box = open_box()
    box.hold()

    settled = replay_all(box)

    assert len(settled) == 4
    assert place.replayed_ids() == place.letter_ids()


def test_letter_that_its_topic_cannot_take_any_more_is_kept(
    place: Place, open_box: OpenBox
) -> None:
    """The sentence says what to raise; every other letter is replayed, once."""
    bury_largest(place, incompressible(LARGEST_BYTES))
    place.bury(10)
    box = open_box()
    box.hold()

    kept = [each for each in replay_all(box) if each.outcome is None]

    assert [each.letter.record.key for each in kept] == [b"large"]
    assert f"raise max.message.bytes of {place.topics.input}" in kept[0].reason
    left = {each.letter.id for each in kept}
    assert place.replayed_ids() == sorted(set(place.letter_ids()) - left)
    assert set(place.ledger()) == set(place.replayed_ids())


def test_records_that_come_during_the_run_wait_for_the_next(
    place: Place, open_box: OpenBox
) -> None:
    """A letter that comes back at once is not replayed in a circle."""
    place.bury(3)
    box = open_box()
    box.hold()
    seen: list[Letter] = []
    for letter in box.letters():
        seen.append(letter)
        place.bury_records([letter.record])

    assert len(seen) == 3
    assert len(place.letter_ids()) == 6


def test_rate_is_kept(place: Place, open_box: OpenBox) -> None:
    """At 20 a second 11 letters take half a second, in transactions of 20 at most."""
    place.bury(11)
    box = open_box()
    box.hold()
    letters = find_open(box, Selection())
    decide = replay(box, max_replays=3)

    started = time.monotonic()
    settled = list(settle(box, letters, decide, rate=20, stop=threading.Event()))

    assert len(settled) == 11
    assert time.monotonic() - started >= 0.5


def test_signal_leaves_what_is_not_begun(place: Place, open_box: OpenBox) -> None:
    """After it nothing more is written, and nothing is half done."""
    place.bury(5)
    box = open_box()
    box.hold()
    stop = threading.Event()
    stop.set()

    letters = find_open(box, Selection())
    settled = list(settle(box, letters, drop, rate=None, stop=stop))

    assert settled == []
    assert place.ledger() == {}


def test_topic_that_does_not_exist_is_named(place: Place) -> None:
    """Nothing is created by asking."""
    bare = TopicBox(place.kafka, "nowhere")

    with pytest.raises(TopicMissing, match="nowhere"):
        bare.hold()
    with pytest.raises(TopicMissing, match=r"nowhere\.dlq"):
        next(bare.letters())
    bare.close()
