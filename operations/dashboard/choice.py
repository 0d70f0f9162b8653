"""Which currency's revenue is shown large; amounts of several cannot be added."""

from operations.dashboard.snapshot import Revenue, Snapshot


class CurrencyChoice:
    """The currency of one viewer.

    Attributes:
        currency: Until somebody chooses, the one with the most orders at first.
        known: All currencies so far.
    """

    def __init__(self) -> None:
        self.currency = ""
        self.known: list[str] = []

    def update(self, snapshot: Snapshot) -> None:
        """Choose, if nothing is chosen yet."""
        revenue = snapshot.figures.revenue
        self.known = [each.currency for each in revenue]
        if not self.currency and revenue:
            self.currency = max(revenue, key=lambda each: each.orders).currency

    def find(self, snapshot: Snapshot) -> Revenue:
        """Return the revenue in the chosen currency."""
        nothing = Revenue(currency=self.currency, orders=0, amount="0.0000")
        return next(
            (
                each
                for each in snapshot.figures.revenue
                if each.currency == self.currency
            ),
            nothing,
        )
