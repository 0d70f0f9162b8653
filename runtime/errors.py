"""Everything the runtime raises on purpose; continues the tree of `registry.errors`.

PipelineError
├── BrokerError
│   ├── BrokerUnavailable          bootstrap_servers              retryable
│   ├── BrokerRefused              doing, reason
│   ├── TopicMissing               topic
│   ├── OffsetMissing              topic, partition
│   ├── TransactionAborted         reason, is_record_fault        retryable
│   └── ProducerFenced             transactional_id
├── DatabaseError
│   ├── DatabaseUnavailable        url                            retryable
│   ├── DatabaseRefused            url, reason
│   └── OffsetsTaken               topic, partition
├── MailUnavailable                server                         retryable
│   └── MailInDoubt                server                         retryable
├── ProcessError
│   ├── ProcessEnded               name, status, log_path
│   └── NotReadyInTime             name, timeout_s, log_path      retryable
├── RejectedRecord                 the record can never be processed
│   ├── OutputRefused              reason, attempts
│   └── MailRefused                reason
├── DeadLetterGuardTripped         count, seen
├── StoppedWaiting                 reason                         retryable
└── BadInput                       source, reason
"""

from pathlib import Path
from typing import ClassVar

from registry.errors import PipelineError


class StoppedWaiting(PipelineError):
    """A service was told to stop while it waited to begin: nothing is left undone."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 0

    def __init__(self, reason: str) -> None:
        super().__init__(f"stopped before it could begin: {reason}")
        self.reason = reason


class BrokerError(PipelineError):
    """Kafka refused, or could not answer."""


class BrokerUnavailable(BrokerError):
    """No broker answered at the address."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 75

    def __init__(self, bootstrap_servers: str, reason: str) -> None:
        super().__init__(f"no Kafka broker answers at {bootstrap_servers}: {reason}")
        self.bootstrap_servers = bootstrap_servers
        self.hint = "check the address (--bootstrap-servers) and that it is running"


class BrokerRefused(BrokerError):
    """A broker answered a request with an error that waiting does not cure."""

    exit_code: ClassVar[int] = 75

    def __init__(self, doing: str, reason: str) -> None:
        super().__init__(f"Kafka refused while {doing}: {reason}")
        self.doing = doing
        self.reason = reason


class TopicMissing(BrokerError):
    """A topic that the service needs does not exist; nothing creates it silently."""

    exit_code: ClassVar[int] = 78

    def __init__(self, topic: str) -> None:
        super().__init__(f"topic {topic} does not exist")
        self.topic = topic
        self.hint = "create it, or start the local stack with: pipeline up"


class OffsetMissing(BrokerError):
    """The place to go on reading from is not in the log (any more)."""

    exit_code: ClassVar[int] = 78

    def __init__(self, topic: str, partition: int, *, reason: str) -> None:
        super().__init__(f"{topic}[{partition}]: {reason}")
        self.topic = topic
        self.partition = partition
        self.hint = "choose where to go on: --on-missing-offset earliest or latest"


class TransactionAborted(BrokerError):
    """Nothing of the batch was committed, or it is not known whether it was.

    Attributes:
        is_record_fault: True if the broker refused one of the records, so that the
            same batch would be refused again.
    """

    retryable: ClassVar[bool] = True

    def __init__(self, reason: str, *, is_record_fault: bool) -> None:
        super().__init__(f"transaction aborted: {reason}")
        self.reason = reason
        self.is_record_fault = is_record_fault


class ProducerFenced(BrokerError):
    """The transactional id keeps being taken away."""

    exit_code: ClassVar[int] = 75

    def __init__(self, transactional_id: str, reason: str) -> None:
        super().__init__(f"transactional id {transactional_id} was lost: {reason}")
        self.transactional_id = transactional_id
        self.hint = "is another process running with the same --replica-id?"


class DatabaseError(PipelineError):
    """The sink's database refused, or could not answer."""


class DatabaseUnavailable(DatabaseError):
    """The database does not answer or is locked by another process."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 75

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"database {url} cannot be used: {reason}")
        self.url = url


class DatabaseRefused(DatabaseError):
    """The database answered with an error that waiting does not cure."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"database {url} refused: {reason}")
        self.url = url
        self.reason = reason


class OffsetsTaken(DatabaseError):
    """Another worker moved the partition's offset in the database."""

    exit_code: ClassVar[int] = 75

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"another worker has written {topic}[{partition}]")
        self.topic = topic
        self.partition = partition


class MailUnavailable(PipelineError):
    """The mail server, or the mail folder, takes no mail at all at the moment."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 75

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server} takes no mail: {reason}")
        self.server = server


class ProcessError(PipelineError):
    """A process that this one started failed."""


class ProcessEnded(ProcessError):
    """A process that should run has ended."""

    def __init__(
        self, name: str, *, status: int, last_words: str, log_path: Path
    ) -> None:
        said = f": {last_words}" if last_words else ""
        super().__init__(f"{name} ended with status {status}{said}")
        self.name = name
        self.status = status
        self.log_path = log_path
        self.hint = f"read {log_path}"


class NotReadyInTime(ProcessError):
    """A process runs, but did not get ready within its time."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 75

    def __init__(
        self, name: str, *, timeout_s: float, log_path: Path, last_words: str = ""
    ) -> None:
        said = f": {last_words}" if last_words else ""
        super().__init__(f"{name} was not ready within {timeout_s:g} s{said}")
        self.name = name
        self.timeout_s = timeout_s
        self.log_path = log_path
        self.hint = f"read {log_path}"


class MailInDoubt(MailUnavailable):
    """The connection ended after the letter and before the answer: sent, or not."""


class RejectedRecord(PipelineError):
    """The record is wrong in itself: it goes to the dead letters."""


class OutputRefused(RejectedRecord):
    """Kafka refuses what this one record becomes, however often it is tried."""

    def __init__(self, reason: str, *, attempts: int) -> None:
        super().__init__(f"Kafka refuses what it becomes: {reason}")
        self.reason = reason
        self.attempts = attempts


class MailRefused(RejectedRecord):
    """The mail server refuses this one letter for ever."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the mail server refused the letter for ever: {reason}")
        self.reason = reason


class DeadLetterGuardTripped(PipelineError):
    """So many dead letters that the fault must be elsewhere; nothing was committed.

    Attributes:
        count: Dead letters among the last `seen` records.
    """

    def __init__(self, *, count: int, seen: int, newest: str) -> None:
        super().__init__(
            f"stopped before draining the topic into the dead letters: {count} of the"
            f" last {seen} records are dead letters; the newest: {newest}"
        )
        self.count = count
        self.seen = seen
        self.hint = "mend the service or its contract, then start it again"


class BadInput(PipelineError):
    """A line of an input file cannot become an event.

    Attributes:
        source: "file:line".
    """

    exit_code: ClassVar[int] = 65

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason
