"""Every line once, in order, whatever happens to the runs that write them.

All of it on a real broker, with real processes that die by SIGKILL.
"""

import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from operations.stack import Addresses, Child, wait_for_service
from operations.verify import read_to_end
from runtime.config import KafkaSettings
from tests.producers import dying_order_service
from tests.services import running_command

STEPS = (
    "before:begin_transaction",
    "after:begin_transaction",
    "after:produce",
    "before:commit_transaction",
    "during:commit_transaction",
    "after:commit_transaction",
)
LINES = 4000
KILLS = 3
_ROOT = Path(__file__).parents[2]
_PROGRAM = str(Path(sys.executable).with_name("order-service"))
_TIMEOUT_S = 60.0

OrderService = Callable[..., Any]
Start = Callable[..., Child]
FindWrong = Callable[[range], dict[str, object]]


@pytest.fixture
def append(tmp_path: Path, order: dict[str, Any]) -> Callable[[range], Path]:
    """Return what adds orders with those numbers to the file of the test."""
    path = tmp_path / "orders.jsonl"

    def append_orders(numbers: range) -> Path:
        with path.open("a") as file:
            file.writelines(
                json.dumps(order | {"order_id": str(number)}) + "\n"
                for number in numbers
            )
        return path

    return append_orders


@pytest.fixture
def start(
    registered: Addresses, topic: str, positions_topic: str, tmp_path: Path
) -> Iterator[Start]:
    """Return what starts order-service, or another program with its flags."""
    with ExitStack() as processes:

        def start_program(*arguments: str, program: tuple[str, ...] = ()) -> Child:
            flags = ["--bootstrap-servers", registered.bootstrap_servers]
            flags += ["--registry-url", registered.registry_url, "--topic", topic]
            flags += ["--positions-topic", positions_topic, "--log-format", "json"]
            command = [*(program or (_PROGRAM,)), *flags, *arguments]
            return processes.enter_context(
                running_command(
                    "order-service", command, folder=tmp_path, PYTHONPATH=str(_ROOT)
                )
            )

        yield start_program


@pytest.fixture
def find_wrong(registered: Addresses, topic: str) -> FindWrong:
    """Return what tells missing, doubled and misplaced orders of those numbers."""
    kafka = KafkaSettings(bootstrap_servers=registered.bootstrap_servers)

    def find(numbers: range) -> dict[str, object]:
        records = read_to_end(kafka, topic)
        counts = Counter(int(record.key or b"-1") for record in records)
        written = [(record.partition, int(record.key or b"-1")) for record in records]
        wrong: dict[str, object] = {
            "missing": set(numbers) - set(counts),
            "unknown": set(counts) - set(numbers),
            "doubled": {each for each, count in counts.items() if count > 1},
            # `read_to_end` keeps the order within each partition.
            "misplaced": [
                each
                for each in range(3)
                if (found := [n for p, n in written if p == each]) != sorted(found)
            ],
        }
        return {kind: found for kind, found in wrong.items() if found}

    return find


def count_written(child: Child) -> int:
    """Return how many orders a running service has committed."""
    status = httpx.get(f"{wait_for_service(child)}/status").json()
    return int(status["records_written"])


def wait_until_written(child: Child, count: int) -> None:
    """Wait until a running service has committed so many orders."""
    child.wait_until(
        lambda: count_written(child) >= count or None, timeout_s=_TIMEOUT_S
    )


def test_death_at_every_step_loses_and_doubles_nothing(
    append: Callable[[range], Path], start: Start, find_wrong: FindWrong
) -> None:
    """Six victims, one at each step, and a successor that ends their work."""
    path = append(range(LINES))

    statuses = {step: die_at(step, start, path) for step in STEPS}
    successor = start("--from", str(path))

    assert statuses == dict.fromkeys(STEPS, 137)
    assert successor.wait(timeout_s=_TIMEOUT_S) == 0
    assert find_wrong(range(LINES)) == {}


def die_at(step: str, start: Start, path: Path) -> int:
    """Run a victim until it dies; return its exit status."""
    program = (sys.executable, dying_order_service.__file__, step)
    victim = start("--from", str(path), "--rate", "1000", program=program)
    return victim.wait(timeout_s=_TIMEOUT_S)


def test_death_at_any_time_loses_and_doubles_nothing(
    append: Callable[[range], Path], start: Start, find_wrong: FindWrong
) -> None:
    """Victims killed at random in the middle of a file; the last run ends it."""
    path = append(range(LINES))
    draw = random.Random(6)  # noqa: S311 - a seed for a test, no secret

    seen = [kill_after(draw.randrange(1, 400), start, path) for _ in range(KILLS)]
    successor = start("--from", str(path))

    assert sum(seen) < LINES
    assert successor.wait(timeout_s=_TIMEOUT_S) == 0
    assert find_wrong(range(LINES)) == {}


def kill_after(count: int, start: Start, path: Path) -> int:
    """Kill a victim once it has committed so many orders; return how many it had."""
    victim = start("--from", str(path), "--rate", "1000")
    wait_until_written(victim, count)
    seen = count_written(victim)
    victim.kill()
    return seen


def test_rival_run_of_a_source_takes_it_over(
    append: Callable[[range], Path], start: Start, find_wrong: FindWrong
) -> None:
    """Two runs at once: one ends with 75 and a sentence, the other writes the rest."""
    path = append(range(LINES))
    first = start("--from", str(path), "--rate", "100")
    wait_until_written(first, 10)

    second = start("--from", str(path), "--rate", "1000")
    ends = {each.wait(timeout_s=_TIMEOUT_S): each for each in (first, second)}

    assert set(ends) == {0, 75}
    assert "order-service: the source " in ends[75].read_log()
    assert " was taken over by another run: " in ends[75].read_log()
    assert "goes on from there" in ends[75].read_log()
    assert find_wrong(range(LINES)) == {}


def test_run_that_slept_while_another_took_over_writes_nothing_more(
    append: Callable[[range], Path], start: Start, find_wrong: FindWrong
) -> None:
    """A zombie is shut out: what it held is never seen."""
    path = append(range(LINES))
    zombie = start("--from", str(path), "--rate", "200")
    wait_until_written(zombie, 10)

    zombie.signal(signal.SIGSTOP)
    successor = start("--from", str(path))
    status = successor.wait(timeout_s=_TIMEOUT_S)
    zombie.signal(signal.SIGCONT)

    assert status == 0
    assert zombie.wait(timeout_s=_TIMEOUT_S) == 75
    assert find_wrong(range(LINES)) == {}


def test_signal_commits_what_was_taken_and_the_next_run_goes_on(
    append: Callable[[range], Path], start: Start, find_wrong: FindWrong
) -> None:
    """SIGTERM ends with 0; no order is written by both runs."""
    path = append(range(LINES))
    first = start("--from", str(path), "--rate", "500")
    wait_until_written(first, 50)

    first.signal(signal.SIGTERM)
    status = first.wait(timeout_s=_TIMEOUT_S)
    second = start("--from", str(path))

    assert status == 0
    assert second.wait(timeout_s=_TIMEOUT_S) == 0
    assert find_wrong(range(LINES)) == {}


def test_file_that_was_written_whole_is_not_written_again(
    run_order_service: OrderService,
    append: Callable[[range], Path],
    find_wrong: FindWrong,
) -> None:
    """The second run sends nothing and says so; lines added are sent by the third."""
    path = append(range(10))

    ends = [run_order_service("--from", path), run_order_service("--from", path)]
    append(range(10, 15))
    ends.append(run_order_service("--from", path))

    assert [end.returncode for end in ends] == [0, 0, 0]
    assert "order-service: 10 orders acknowledged\n" in ends[0].stderr
    assert (
        "order-service: 0 orders acknowledged, 10 by earlier runs\n"
        "  nothing is left to write; --restart writes all again\n"
    ) in ends[1].stderr
    assert "order-service: 5 orders acknowledged, 10 by earlier runs\n" in (
        ends[2].stderr
    )
    assert find_wrong(range(15)) == {}


def test_changed_file_is_refused_until_it_is_restarted(
    run_order_service: OrderService,
    append: Callable[[range], Path],
    find_wrong: FindWrong,
) -> None:
    """65 and a sentence, nothing sent; --restart sends all of it."""
    path = append(range(3))
    run_order_service("--from", path)
    path.write_text(path.read_text().replace('"0"', '"7"', 1))

    refused = run_order_service("--from", path)
    wrong = find_wrong(range(3))
    restarted = run_order_service("--from", path, "--restart")
    again = run_order_service("--from", path)

    assert refused.returncode == 65
    assert (
        f"order-service: {path} cannot be gone on with: its first 3 lines were written"
        " already and have changed\n"
    ) in refused.stderr
    assert "--restart" in refused.stderr
    assert wrong == {}
    assert "order-service: 3 orders acknowledged\n" in restarted.stderr
    assert "order-service: 0 orders acknowledged, 3 by earlier" in again.stderr


def test_bad_line_is_met_again_once_it_is_mended(
    run_order_service: OrderService,
    append: Callable[[range], Path],
    find_wrong: FindWrong,
) -> None:
    """The run that stopped at a line goes on with that line."""
    path = append(range(2))
    path.write_text(path.read_text() + "half\n")
    append(range(3, 5))

    stopped = run_order_service("--from", path)
    path.write_text(path.read_text().replace("half\n", ""))
    resumed = run_order_service("--from", path)

    assert stopped.returncode == 65
    assert "order-service: 2 orders acknowledged\n" in stopped.stderr
    assert "order-service: 2 orders acknowledged, 2 by earlier runs" in resumed.stderr
    assert find_wrong(range(5)) == {"missing": {2}}


def test_seed_goes_on_to_the_count_of_all_runs(
    run_order_service: OrderService, registered: Addresses, topic: str
) -> None:
    """30 and then 50 in all are the 50 orders of one run, not 80."""
    flags = ["--seed", "7", "--start-time", "2026-01-31T00:00:00Z"]
    begun = run_order_service(*flags, "--count", "30")
    resumed = run_order_service(*flags, "--count", "50")
    whole = run_order_service(*flags, "--count", "50", "--source-name", "whole")

    kafka = KafkaSettings(bootstrap_servers=registered.bootstrap_servers)
    written = Counter((each.key, each.value) for each in read_to_end(kafka, topic))
    assert [each.returncode for each in (begun, resumed, whole)] == [0, 0, 0]
    assert "20 orders acknowledged, 30 by earlier runs" in resumed.stderr
    assert len(written) == 50
    assert set(written.values()) == {2}


def test_source_name_of_another_topic_is_refused(
    run_order_service: OrderService,
    append: Callable[[range], Path],
    new_topic: Callable[..., str],
) -> None:
    """A name that stands for two topics would leave orders out of one."""
    path, other = append(range(3)), new_topic("other")
    run_order_service("--from", path, "--source-name", "mine")

    end = run_order_service("--from", path, "--source-name", "mine", "--topic", other)

    assert end.returncode == 65
    assert "order-service: mine cannot be gone on with: its orders went to topic" in (
        end.stderr
    )


def test_missing_topic_of_positions_ends_with_78(
    run_order_service: OrderService, append: Callable[[range], Path]
) -> None:
    """Nothing creates it silently, and nothing is sent without it."""
    end = run_order_service(
        "--from", append(range(1)), "--positions-topic", "no-such-topic"
    )

    assert end.returncode == 78
    assert "order-service: topic no-such-topic does not exist\n" in end.stderr
