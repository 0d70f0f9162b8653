"""Invented orders: realistic, endless, and the same again for the same seed.

Customers and articles are the same in every run, as a shop's are; the seed decides
who orders what.
"""

import hashlib
import random
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from faker import Faker

from producers.order_service.errors import SourceChanged
from producers.order_service.instants import to_millis
from producers.order_service.orders import OrderRules, SourcedOrder
from producers.order_service.positions import Bookmark, Position
from registry.serdes import Event

_CUSTOMERS = 1000
_ARTICLES = 300
_POOL_SEED = 1
_MOST_ITEMS = 5
_DISCOUNTED_SHARE = 0.4
_LONGEST_GAP_MS = 2000
_ACCENTED_LOCALES = ("cs_CZ", "el_GR", "hi_IN", "ja_JP", "ko_KR", "uk_UA")
_GOODS = ("kettle", "lamp", "notebook", "scarf", "teapot", "umbrella", "vase")
_ACCENTED_GOODS = ("crème brûlée", "Gruyère", "jalapeño", "μέλι", "smörgås", "抹茶")


class FakerSource:
    """Orders drawn from 1,000 customers and 300 articles; never exhausted.

    The same seed and start give the same orders, byte for byte. Order ids are
    UUIDs that depend on both, so that no two runs share one unless they share both.
    """

    is_exhausted = False
    share_done = None

    def __init__(
        self, rules: OrderRules, *, seed: int, start: datetime | None = None
    ) -> None:
        """Prepare the draw.

        Args:
            rules: Currencies to draw from; without discount every line has 0.00.
            seed: Decides who orders what.
            start: `created_at` of the first order, in UTC; each next one comes up
                to 2 s later. None: orders are created when they are taken.
        """
        self._rules = rules
        self._seed = seed
        self._start = start
        self._customers = _invent_customers()
        self._articles = _invent_articles()
        self._begin(str(time.time_ns()) if start is None else start.isoformat())

    @property
    def position(self) -> Position:
        """The place after the order that was drawn last."""
        return Position(
            entry_count=self._drawn_count,
            fingerprint=self._drawn.hexdigest(),
            origin=self._origin,
        )

    def bookmark(self) -> Bookmark:
        """Return what gives `position` as it is now, whenever it is asked."""
        position = self.position
        return lambda: position

    def resume(self, position: Position) -> None:
        """Go to a place that `position` once gave; nothing was drawn yet.

        Without a start, the ids are those of the run that began the series.

        Raises:
            SourceChanged: Seed or start are others, or other orders are drawn now.
        """
        if self._start is None and position.origin.isdecimal():
            self._begin(position.origin)
        for _ in range(position.entry_count):
            self.find_order(wait_s=0)
        if self.position != position:
            raise SourceChanged(
                f"Faker with seed {self._seed}",
                f"the {position.entry_count} orders that were written are not those"
                " that it begins with now",
            )

    def find_order(self, *, wait_s: float) -> SourcedOrder:  # noqa: ARG002 - never waits
        """Return the next order."""
        draw = self._draw
        event = {
            "order_id": str(uuid.UUID(int=self._draw_id.getrandbits(128), version=4)),
            "customer": draw.choice(self._customers),
            "items": [self._draw_item() for _ in range(draw.randint(1, _MOST_ITEMS))],
            "currency": draw.choice(self._rules.currencies),
            "created_at": to_millis(next(self._times)),
        }
        self._note(event)
        return SourcedOrder(f"Faker:{self._drawn_count}", event)

    def _begin(self, origin: str) -> None:
        self._origin = origin
        # Kept apart, so that a run without a start differs from its like only in
        # ids and times.
        self._draw = random.Random(self._seed)  # noqa: S311 - invented orders, no secrets
        self._draw_id = random.Random(f"{self._seed} {origin}")  # noqa: S311 - same
        self._times = (
            _tell_time() if self._start is None else self._count_time(self._start)
        )
        pools = f"{self._customers} {self._articles}"
        self._drawn = hashlib.sha256(pools.encode())
        self._drawn_count = 0

    def _note(self, event: Event) -> None:
        # What every version and every time of writing have in common.
        items = [(item["sku"], item["quantity"]) for item in event["items"]]
        drawn = (event["order_id"], event["customer"]["id"], items, event["currency"])
        self._drawn.update(repr(drawn).encode())
        self._drawn_count += 1

    def _draw_item(self) -> Event:
        draw = self._draw
        article = draw.choice(self._articles)
        price = int(article["unit_price"] * 100)
        item = {**article, "quantity": draw.randint(1, 20), "unit_price": price}
        # Drawn for every version, so that all versions write the same orders.
        percent = draw.randrange(5, 55, 5) if draw.random() < _DISCOUNTED_SHARE else 0
        item["discount"] = percent if self._rules.has_discount else 0
        return item

    def _count_time(self, start: datetime) -> Iterator[datetime]:
        while True:
            yield start
            start += timedelta(milliseconds=self._draw_id.randrange(_LONGEST_GAP_MS))


def _tell_time() -> Iterator[datetime]:
    while True:
        now = datetime.now(UTC)
        yield now.replace(microsecond=now.microsecond // 1000 * 1000)


def _invent_customers() -> list[Event]:
    """Return customers; the name of every third is not ASCII."""
    plain = _seeded("en_US")
    accented = [_seeded(locale) for locale in _ACCENTED_LOCALES]
    return [
        {
            "id": f"C{number:04}",
            "name": plain.name()
            if number % 3
            else _accented_name(accented[number // 3 % len(accented)]),
            "email": f"c{number:04}@customers.example",
        }
        for number in range(1, _CUSTOMERS + 1)
    ]


def _accented_name(fake: Faker) -> str:
    return next(name for name in iter(fake.name, "") if not name.isascii())


def _invent_articles() -> list[Event]:
    """Return articles; the name of every third is not ASCII."""
    fake = _seeded("en_US")
    draw = random.Random(_POOL_SEED)  # noqa: S311 - invented articles, no secrets
    return [
        {
            "sku": f"A{number:04}",
            "name": f"{fake.color_name()} {draw.choice(goods)}",
            "unit_price": _hundredths(draw.randint(99, 50000)),
        }
        for number in range(1, _ARTICLES + 1)
        for goods in [_GOODS if number % 3 else _ACCENTED_GOODS]
    ]


def _seeded(locale: str) -> Faker:
    fake = Faker(locale)
    fake.seed_instance(_POOL_SEED)
    return fake


def _hundredths(number: int) -> Decimal:
    return Decimal(number).scaleb(-2)
