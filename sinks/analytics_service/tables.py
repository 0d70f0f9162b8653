"""The tables of analytics-service, besides the offsets and the dead letters."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

from runtime.topic_ids import FindTopicIds
from sinks.analytics_service.money import ADD, Money, add_texts
from sinks.database import Database
from sinks.dead_letters import DeadLetters
from sinks.offsets import Offsets, by_name_alone

REPEATED = "repeated_order_ids"


class Clock(StrEnum):
    """Which time of an order puts it into a minute."""

    CREATED_AT = "created_at"
    PROCESSED_AT = "processed_at"


METADATA = MetaData()

CURRENCIES = Table(
    "currency_totals",
    METADATA,
    Column("currency", Text, primary_key=True),
    Column("order_count", BigInteger, nullable=False),
    Column("revenue", Money, nullable=False),
)

MINUTES = Table(
    "minute_totals",
    METADATA,
    Column("clock", Text, primary_key=True),
    # Whole minutes since 1970-01-01 UTC.
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("currency", Text, primary_key=True),
    Column("order_count", BigInteger, nullable=False),
    Column("revenue", Money, nullable=False),
)

# An id may be longer than a PostgreSQL index takes: the keys are not.
CUSTOMERS = Table(
    "customer_totals",
    METADATA,
    Column("customer_key", LargeBinary, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("order_count", BigInteger, nullable=False, index=True),
)

ORDER_IDS = Table(
    "order_ids",
    METADATA,
    Column("order_key", LargeBinary, primary_key=True),
    # The key is all there is of a row: SQLite needs no second tree for it.
    sqlite_with_rowid=False,
)

COUNTERS = Table(
    "counters",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The database of analytics-service and what every transaction needs of it."""

    database: Database
    metadata: MetaData
    offsets: Offsets
    dead_letters: DeadLetters

    def create_tables(self) -> None:
        """Create what is missing.

        Raises:
            ConfigError: The database can never be written.
            DatabaseUnavailable: It does not answer. Retryable.
        """
        self.database.create_tables(self.metadata)


def open_store(
    address: str, *, group: str, find_topic_ids: FindTopicIds = by_name_alone
) -> Store:
    """Return the store at a database URL; nothing is opened yet.

    Args:
        address: The database's URL.
        group: Whose offsets and dead letters are meant.
        find_topic_ids: What tells a topic from its namesakes.

    Raises:
        ConfigError: The URL is malformed.
    """
    database = Database(address)
    database.add_function(ADD, add_texts)
    metadata = MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(metadata)
    return Store(
        database=database,
        metadata=metadata,
        offsets=Offsets(database, metadata, group=group, find_topic_ids=find_topic_ids),
        dead_letters=DeadLetters(metadata, group=group),
    )
