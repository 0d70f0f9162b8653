"""Everything the registry side of Accord raises on purpose.

PipelineError
├── ConfigError                    a setting is missing or malformed
│   └── NoSuchSubject              place, subject
├── RegistryError
│   ├── SubjectNotFound            subject
│   ├── VersionNotFound            subject, version
│   ├── SchemaNotFound             schema_id
│   ├── ContractNotRegistered      subject, version
│   ├── InvalidContract            source, reason
│   ├── InvalidSchema              reason, line, column
│   │   ├── SchemaTooDeep
│   │   └── TooMuchToCompare       pair_count
│   ├── AmbiguousField             reason
│   ├── UnprintableMessage         reason
│   ├── IncompatibleSchema         subject, messages
│   ├── RegistryMoved              subject, reason
│   ├── RegistryRefused            status, error_code, reason
│   └── RegistryUnavailable        url                       retryable
└── SerdeError
    ├── NotFramed                  first_byte, length
    ├── MalformedBody              offset, path, reason
    ├── UndecodableRecord          schema_id, reason
    ├── UnfitEvent                 path, reason
    └── UnencodableEvent           subject, reason

`runtime.errors` continues the tree for brokers and databases.
"""

from collections.abc import Iterable
from typing import ClassVar


class PipelineError(Exception):
    """Base of every deliberate failure.

    Attributes:
        retryable: True if the same call may succeed later without a change.
        exit_code: Status of a program that ends with it (docs/reference/exit-codes.md).
        hint: What the reader can do about it, or "".
    """

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 70
    hint: str = ""


class ConfigError(PipelineError):
    """A setting is missing, malformed or cannot be used on this machine."""

    exit_code: ClassVar[int] = 78

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


class NoSuchSubject(ConfigError):
    """A subject was named that a folder, a commit or a registry does not have.

    Args:
        place: The folder, commit or registry, for people.
        subject: What was named.
        known: The subjects that are there.
    """

    def __init__(self, place: str, subject: str, known: Iterable[str]) -> None:
        listed = ", ".join(known) or "none"
        super().__init__(f"{place} has no subject {subject}; there are: {listed}")
        self.place = place
        self.subject = subject


class RegistryError(PipelineError):
    """The registry refused, or could not answer."""


class SubjectNotFound(RegistryError):
    """The registry knows no such subject."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"the registry has no subject {subject}")
        self.subject = subject
        self.hint = "register it with: contracts register"


class VersionNotFound(RegistryError):
    """The subject exists, in a registry or elsewhere, but has no such version."""

    def __init__(self, subject: str, version: int | str) -> None:
        super().__init__(f"{subject} has no version {version}")
        self.subject = subject
        self.version = version
        self.hint = f"list its versions with: contracts history {subject}"


class SchemaNotFound(RegistryError):
    """No schema was ever registered under the id."""

    def __init__(self, schema_id: int) -> None:
        super().__init__(f"the registry has no schema with id {schema_id}")
        self.schema_id = schema_id


class ContractNotRegistered(RegistryError):
    """A service needs a contract version that nobody has let in yet."""

    exit_code: ClassVar[int] = 78

    def __init__(self, subject: str, version: int) -> None:
        super().__init__(f"{subject} version {version} is not registered")
        self.subject = subject
        self.version = version
        self.hint = "run: contracts register"


class InvalidContract(RegistryError):
    """A file under schemas/ cannot be used as a contract."""

    exit_code: ClassVar[int] = 1

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class InvalidSchema(RegistryError):
    """A text is not an Avro schema by the rules it was parsed with.

    Attributes:
        reason: The sentence a Confluent registry answers with, word for word.
        line: Where in the text, from 1; 0 if it concerns no place.
        column: Likewise.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


class SchemaTooDeep(InvalidSchema):
    """The types of a schema are nested deeper than can be followed."""

    def __init__(self) -> None:
        super().__init__("the types of the schema are nested too deeply to be followed")
        self.hint = "nest fewer records, arrays, maps and unions in one another"


class TooMuchToCompare(InvalidSchema):
    """Two schemas have more pairs of types than are compared."""

    def __init__(self, pair_count: int) -> None:
        reason = (
            f"comparing the two schemas takes more than {pair_count:,} pairs of types"
        )
        super().__init__(reason)
        self.pair_count = pair_count
        self.hint = "put fewer types into one union"


class AmbiguousField(RegistryError):
    """By its name and aliases a reader's field is more than one writer's field."""

    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = "drop the alias that names a field the writer still has"


class UnprintableMessage(RegistryError):
    """A registry fails to answer: a schema it quotes has a stray percent sign."""

    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IncompatibleSchema(RegistryError):
    """The registry refused a version at the subject's compatibility level."""

    exit_code: ClassVar[int] = 1

    def __init__(self, subject: str, messages: str) -> None:
        super().__init__(f"the registry refused a new version of {subject}: {messages}")
        self.subject = subject
        self.messages = messages


class RegistryMoved(RegistryError):
    """A registry is not, or no more, what a plan was made for."""

    exit_code: ClassVar[int] = 1

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(f"the registry moved: {subject}: {reason}")
        self.subject = subject
        self.reason = reason
        self.hint = "look at what changed and make a new plan: contracts plan"


class RegistryRefused(RegistryError):
    """The registry answered a request with an error of its own."""

    exit_code: ClassVar[int] = 3

    def __init__(self, *, status: int, error_code: int, reason: str) -> None:
        code = f" ({error_code})" if error_code not in {0, status} else ""
        super().__init__(f"the registry answered {status}{code}: {reason}")
        self.status = status
        self.error_code = error_code
        self.reason = reason


class RegistryUnavailable(RegistryError):
    """No registry answered at the address."""

    retryable: ClassVar[bool] = True
    exit_code: ClassVar[int] = 75

    def __init__(self, url: str = "its address", reason: str = "") -> None:
        detail = f" ({reason})" if reason else ""
        super().__init__(f"no schema registry answers at {url}{detail}")
        self.url = url
        self.hint = "check the address (--registry-url) and that it is running"


class SerdeError(PipelineError):
    """Bytes and event do not fit together."""


class NotFramed(SerdeError):
    """The value does not start with magic byte 0 and a 4-byte schema id."""

    def __init__(self, *, first_byte: int | None, length: int) -> None:
        start = "it is empty" if first_byte is None else f"byte 0 is {first_byte}"
        super().__init__(
            f"not in the Confluent wire format: {start}, length {length} bytes"
        )
        self.first_byte = first_byte
        self.length = length


class MalformedBody(SerdeError):
    """Bytes are not a value of the schema they are read with.

    Attributes:
        offset: Byte from which on they are not, from 0.
        path: What should be there, such as ``items[].sku``; "" for the whole.
    """

    def __init__(self, *, offset: int, path: str, reason: str) -> None:
        place = f" ({path})" if path else ""
        super().__init__(f"byte {offset}{place}: {reason}")
        self.offset = offset
        self.path = path
        self.reason = reason


class UndecodableRecord(SerdeError):
    """The body is not what its schema id says."""

    def __init__(self, *, schema_id: int, reason: str) -> None:
        super().__init__(f"body does not decode with schema id {schema_id}: {reason}")
        self.schema_id = schema_id
        self.reason = reason


class UnfitEvent(SerdeError):
    """An event is not a value of the schema it is to be written with.

    Attributes:
        path: The part that is not, such as ``items[].sku``; "" for the whole.
    """

    def __init__(self, *, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class UnencodableEvent(SerdeError):
    """The event does not fit the schema it is written with."""

    def __init__(self, *, subject: str, reason: str) -> None:
        super().__init__(f"event does not fit {subject}: {reason}")
        self.subject = subject
        self.reason = reason
