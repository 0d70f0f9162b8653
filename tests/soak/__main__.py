"""Random faults for a while, then the verdict: python -m tests.soak --minutes 30.

Exits with 1 if a promise did not hold; then everything is kept for a look.
"""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from operations.lag import Reader, count_lag
from runtime.config import KafkaSettings
from tests.faults.witness import Witness
from tests.soak.faults import FAULTS, Fault
from tests.soak.figures import Figures
from tests.soak.judgement import find_violations, verify
from tests.soak.system import SESSION_S, System, run_system

PAGE = Path(__file__).parents[2] / "docs/guarantees.md"
PARTITIONS = 6
_LONGEST_FAULT_S = 2.0 * SESSION_S
_LONGEST_REST_S = 5.0
_RECOVERY_S = 180.0
_LOOK_S = 0.2

Tell = Callable[[str], None]


class Soak:
    """One run: faults one after the other, each until priced orders come again."""

    def __init__(
        self, system: System, witness: Witness, figures: Figures, tell: Tell
    ) -> None:
        self._system = system
        self._witness = witness
        self._figures = figures
        self._tell = tell
        self._draw = random.Random(figures.seed)  # noqa: S311 - faults, no secrets

    def run(self) -> None:
        """Make faults until the time is over."""
        self._await_more()
        deadline = time.monotonic() + 60 * self._figures.minutes
        while time.monotonic() < deadline:
            self._hurt(self._draw.choice(FAULTS))
            self._pass(self._draw.uniform(0, _LONGEST_REST_S))

    def finish(self) -> None:
        """Let everything drain, and judge it."""
        self._tell("draining")
        services = self._system.services
        self._stop("order-service")
        kafka = KafkaSettings(bootstrap_servers=self._system.stack.bootstrap_servers)
        readers = [
            Reader(group="transaction-service", topic="order-details"),
            Reader(group="notification-service", topic="order-processed"),
            Reader(group="analytics-service", topic="order-processed"),
        ]
        least, fell_at = sys.maxsize, time.monotonic()
        while lag := count_lag(kafka, readers):
            if lag < least:
                least, fell_at = lag, time.monotonic()
            if time.monotonic() - fell_at > _RECOVERY_S:
                said = (
                    f"{lag} records are left, and none was done for {_RECOVERY_S:g} s"
                )
                self._figures.violations.append(said)
                break
            self._tend()
            time.sleep(_LOOK_S)
        for name in [*services]:
            self._stop(name)
        self._tell("judging")
        self._judge()

    def _hurt(self, fault: Fault) -> None:
        kind = (fault.__doc__ or "").strip().rstrip(".")
        self._tell(kind)
        self._witness.longest_silence_s = 0.0
        with fault(self._system, self._draw):
            self._pass(self._draw.uniform(0, _LONGEST_FAULT_S))
        self._await_more()
        stall_s = self._witness.longest_silence_s
        self._figures.stalls_s.setdefault(kind, []).append(stall_s)

    def _stop(self, name: str) -> None:
        status = self._system.services.pop(name).stop(grace_s=30)
        if status:
            self._figures.violations.append(f"{name} ended with {status}, not with 0")

    def _tend(self) -> None:
        self._figures.restarts += self._system.tend(self._figures.violations.append)

    def _await_more(self) -> None:
        """Return once priced orders become visible again."""
        before, deadline = len(self._witness.seen), time.monotonic() + _RECOVERY_S
        while len(self._witness.seen) <= before:
            if time.monotonic() > deadline:
                self._figures.violations.append(f"nothing came for {_RECOVERY_S:g} s")
                return
            self._tend()
            self._pass(_LOOK_S)

    def _pass(self, duration_s: float) -> None:
        deadline = time.monotonic() + duration_s
        while (left_s := deadline - time.monotonic()) > 0:
            time.sleep(min(_LOOK_S, left_s))

    def _judge(self) -> None:
        figures = self._figures
        verdict = verify(self._system)
        self._witness.wait_for(verdict.expected, timeout_s=_RECOVERY_S)
        figures.orders, figures.missing = verdict.expected, verdict.missing
        figures.duplicate, figures.wrong = verdict.duplicate, verdict.wrong
        figures.out_of_order = verdict.out_of_order
        figures.dead_letters = verdict.dead_letters
        figures.violations += find_violations(
            self._system, verdict, self._witness, seed=figures.seed
        )


@click.command()
@click.option("--minutes", type=float, default=30.0, show_default=True)
@click.option("--seed", type=int, help="Draws the faults.  [default: the time]")
@click.option("--rate", type=int, default=100, help="Orders a second.")
@click.option("--page", type=Path, default=PAGE, help="Takes the figures.")
def main(minutes: float, seed: int | None, rate: int, page: Path) -> None:
    """Break the pipeline at random, and say what became of the orders."""
    figures = Figures(minutes=minutes, seed=int(time.time()) if seed is None else seed)
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def tell(text: str) -> None:
            progress.update(task, description=text)
            if not console.is_terminal:
                console.print(f"{time.strftime('%H:%M:%S')} {text}", highlight=False)

        with run_system(folder, seed=figures.seed, rate=rate) as system:
            servers = system.stack.bootstrap_servers
            with Witness(servers, "order-processed", partitions=PARTITIONS) as witness:
                soak = Soak(system, witness, figures, tell)
                soak.run()
                soak.finish()
    _conclude(figures, folder, page)


def _conclude(figures: Figures, folder: Path, page: Path) -> None:
    click.echo(figures.to_markdown())
    figures.write_to(page)
    if figures.violations:
        click.echo("\n".join(figures.violations[:50]), err=True)
        click.echo(f"everything is kept in {folder}", err=True)
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
