"""Who runs: each contender's command, guarantee and environment."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.loop.environments import Environment, Java, OwnEnvironment, PeerEnvironment
from bench.loop.site import Input, Site

OURS = "Accord"
MINIMAL = "minimal loop"
STOCK = "stock serdes"
BY_HAND = "fastavro by hand"
RAW = "raw bytes"
QUIX = "Quix Streams"
FAST_STREAM = "FastStream"
STREAMS = "Kafka Streams"

_SCRIPTS = Path(__file__).with_name("contenders")
_ONCE = "exactly once"

Command = Callable[[Site, Input, str], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """Somebody who prices orders.

    Attributes:
        guarantee: What it promises, as its documentation has it.
        settings: What differs from its defaults.
        environment: What it needs to be installed.
        command: Of a site, an input and a target topic, which is the group, too.
        prices: False if it only copies.
    """

    name: str
    guarantee: str
    settings: str
    environment: Environment
    command: Command
    prices: bool = True


def _script(name: str, environment: Environment) -> Command:
    def command(site: Site, source: Input, target: str) -> list[str]:
        return [
            *environment.interpreter(),
            str(_SCRIPTS / f"{name}.py"),
            *(site.bootstrap, site.registry_url, source.topic, target, target),
        ]

    return command


def _java(environment: Java) -> Command:
    def command(site: Site, source: Input, target: str) -> list[str]:
        return [
            *environment.interpreter(),
            "accord.bench.PriceOrders",
            *(site.bootstrap, site.registry_url, source.topic, target, target),
        ]

    return command


def _service(site: Site, source: Input, target: str) -> list[str]:
    program = Path(sys.executable).with_name("transaction-service")
    addresses = ("--bootstrap-servers", site.bootstrap)
    registry = ("--registry-url", site.registry_url)
    topics = ("--input-topic", source.topic, "--output-topic", target)
    schemas = ("--schemas", source.schemas) if source.schemas else ()
    group = ("--group", target, "--state-dir", str(site.folder / "slots"))
    return [str(program), *addresses, *registry, *topics, *schemas, *group]


def contenders() -> Sequence[Contender]:
    """Return everybody, ours first."""
    own = OwnEnvironment("confluent-kafka", "fastavro")
    quix = PeerEnvironment("quixstreams==3.28.1", "fastavro==1.13.1")
    fast_stream = PeerEnvironment("faststream[confluent]==0.7.8", "fastavro==1.13.1")
    java = Java(Path(__file__).with_name("streams"))
    tuned = "2,000 records a transaction, retry.backoff.ms=10"
    return [
        Contender(
            name=OURS,
            guarantee=_ONCE,
            settings="none: transaction-service as it is",
            environment=own,
            command=_service,
        ),
        Contender(
            name=MINIMAL,
            guarantee=f"{_ONCE} while nothing fails",
            settings=f"our codec, {tuned}",
            environment=own,
            command=_script("minimal", own),
        ),
        Contender(
            name=BY_HAND,
            guarantee=f"{_ONCE} while nothing fails",
            settings=tuned,
            environment=own,
            command=_script("by_hand", own),
        ),
        Contender(
            name=STOCK,
            guarantee=f"{_ONCE} while nothing fails",
            settings="500 records a transaction",
            environment=own,
            command=_script("stock", own),
        ),
        Contender(
            name=QUIX,
            guarantee=_ONCE,
            settings="processing_guarantee=exactly-once",
            environment=quix,
            command=_script("quix", quix),
        ),
        Contender(
            name=FAST_STREAM,
            guarantee="at least once: it has no transactions",
            settings="batches of 500",
            environment=fast_stream,
            command=_script("fast_stream", fast_stream),
        ),
        Contender(
            name=STREAMS,
            guarantee=_ONCE,
            settings="exactly_once_v2, one thread",
            environment=java,
            command=_java(java),
        ),
        Contender(
            name=RAW,
            guarantee=f"{_ONCE} while nothing fails",
            settings=f"copies, {tuned}",
            environment=own,
            command=_script("raw", own),
            prices=False,
        ),
    ]
