"""One run of one contender: how fast, and how much CPU and memory it took."""

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined] # public all the same
    AdminClient,
    OffsetSpec,
)

from bench.loop.site import Site
from runtime.processes import Child

_LONGEST_S = 300.0
_SAMPLE_S = 0.02
_ASK_S = 30.0
_CPU_OF_PROCESS = 2  # with the id's complement, the kernel's name of its clock
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """How far a run is at one moment.

    Attributes:
        at_s: Seconds since the start of the contender.
        done: Input records whose offset is committed.
        outputs: Records in the output topic, committed or not, markers included.
        cpu_s: CPU of the contender's processes.
        broker_s: CPU of the broker.
        rss_mib: Memory of the contender's processes.
    """

    at_s: float
    done: int
    outputs: int
    cpu_s: float
    broker_s: float
    rss_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done.

    Attributes:
        source: Input topic.
        target: Output topic, empty.
        group: Consumer group, new.
        count: Orders in the input topic.
        partitions: Of both topics.
    """

    source: str
    target: str
    group: str
    count: int
    partitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of one run, from the first output to the last commit.

    Attributes:
        rate: Orders a second.
        cpu_us: CPU of the contender per order, microseconds.
        broker_us: CPU of the broker per order.
        whole_cpu_s: CPU of the contender from its launch on.
        first_output_s: From launch to the first output in the topic.
        rss_mib: Memory at 10, 50 and 100 % of the orders.
        late_rate: Orders a second over the second half.
    """

    rate: float
    late_rate: float
    cpu_us: float
    broker_us: float
    whole_cpu_s: float
    first_output_s: float
    rss_mib: Sequence[float] = field(default=())


def run(site: Site, commands: Sequence[Sequence[str]], job: Job) -> Measured:
    """Run a contender's processes until every order is committed."""
    with ExitStack() as processes:
        started = time.monotonic()
        children = []
        for number, command in enumerate(commands):
            log_path = site.folder / f"{job.group}-{number}.log"
            child = Child.start(job.group, command, log_path=log_path)
            processes.callback(child.stop)
            children.append(child)
        return _summarise(_watch(site, children, job, started), job)


def _watch(
    site: Site, children: Sequence[Child], job: Job, started: float
) -> list[Sample]:
    """Return a sample with the first output, and all after it."""
    progress = Progress(site.bootstrap, job)
    samples: list[Sample] = []
    while not samples or samples[-1].done < job.count:
        time.sleep(_SAMPLE_S)
        for child in children:
            child.check_running()
        outputs = 0 if samples else progress.outputs()
        done = progress.done() if samples else 0
        at_s = time.monotonic() - started
        if at_s > _LONGEST_S:
            raise SystemExit(f"{job.group} is not done after {_LONGEST_S:.0f} s")
        if outputs or samples:
            cpu_s = sum(cpu_seconds(each.pid) for each in children)
            rss_mib = sum(rss(each.pid) for each in children)
            broker_s = cpu_seconds(site.broker_pid)
            samples.append(Sample(at_s, done, outputs, cpu_s, broker_s, rss_mib))
    return samples


def _summarise(samples: Sequence[Sample], job: Job) -> Measured:
    first, last = samples[0], samples[-1]
    count = max(job.count - first.outputs, 1)
    half = next(each for each in samples if each.done >= job.count / 2)
    late_s = max(last.at_s - half.at_s, _SAMPLE_S)
    return Measured(
        rate=count / max(last.at_s - first.at_s, _SAMPLE_S),
        late_rate=(last.done - half.done) / late_s,
        cpu_us=(last.cpu_s - first.cpu_s) / count * 1e6,
        broker_us=(last.broker_s - first.broker_s) / count * 1e6,
        whole_cpu_s=last.cpu_s,
        first_output_s=first.at_s,
        rss_mib=[
            next(each.rss_mib for each in samples if each.done >= share * job.count)
            for share in (0.1, 0.5, 1.0)
        ],
    )


class Progress:
    """Asks the broker how far a job is."""

    def __init__(self, bootstrap: str, job: Job) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap})
        self._job = job
        partitions = range(job.partitions)
        self._sources = [TopicPartition(job.source, each) for each in partitions]
        self._targets = [TopicPartition(job.target, each) for each in partitions]

    def outputs(self) -> int:
        """Return how many records the output topic holds; 0 if nobody knows."""
        asked = self._admin.list_offsets(
            {
                each: OffsetSpec.latest()  # type: ignore[no-untyped-call] # it has no types
                for each in self._targets
            }
        )
        with suppress(KafkaException):  # a leader that is not in office yet
            return sum(each.result(_ASK_S).offset for each in asked.values())
        return 0

    def done(self) -> int:
        """Return how many input records are committed."""
        request = ConsumerGroupTopicPartitions(self._job.group, self._sources)
        (answer,) = self._admin.list_consumer_group_offsets([request]).values()
        with suppress(KafkaException):
            offsets = answer.result(_ASK_S).topic_partitions
            return sum(max(each.offset, 0) for each in offsets)
        return 0


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its threads, ended ones included."""
    return time.clock_gettime((~pid << 3) | _CPU_OF_PROCESS)


def rss(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB
