"""What the verifier found."""

from collections import Counter
from dataclasses import dataclass, field

from operations.verify.pricing import in_units

_MOST_FINDINGS = 1000


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Figures, and a sentence for each thing that is not as it must be.

    Attributes:
        expected: Outputs that there must be: one for each input that can be priced.
        missing: Inputs of which nothing, or an unjustified dead letter, came out.
        duplicate: Outputs and dead letters beyond the one that an input may have.
        wrong: Outputs that differ from what their input makes them, or have none.
        out_of_order: Outputs that follow one of a later input of their partition.
        dead_letters: Records in the dead letter topic, justified or not.
        repeated_order_ids: Inputs whose order_id came before; nothing is wrong there.
        revenue: Per currency, the totals as they were read back, in ten-thousandths.
        schema_ids: How many inputs were written with each schema id.
        findings: At most 1,000 sentences.
    """

    expected: int = 0
    missing: int = 0
    duplicate: int = 0
    wrong: int = 0
    out_of_order: int = 0
    dead_letters: int = 0
    repeated_order_ids: int = 0
    revenue: Counter[str] = field(default_factory=Counter)
    schema_ids: Counter[int] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True if nothing is missing, duplicate, wrong or out of order."""
        return not (self.missing or self.duplicate or self.wrong or self.out_of_order)

    def note_missing(self, sentence: str) -> None:
        """Count an order of which nothing came out."""
        self.missing += 1
        self._note(sentence)

    def note_duplicate(self, sentence: str) -> None:
        """Count an outcome that an order has beyond its first."""
        self.duplicate += 1
        self._note(sentence)

    def note_wrong(self, sentence: str) -> None:
        """Count an outcome that is not what it must be."""
        self.wrong += 1
        self._note(sentence)

    def note_out_of_order(self, sentence: str) -> None:
        """Count an output that came too late."""
        self.out_of_order += 1
        self._note(sentence)

    def to_json(self) -> dict[str, int]:
        """Return the figures under their public names."""
        return {
            "expected": self.expected,
            "missing": self.missing,
            "duplicate": self.duplicate,
            "wrong": self.wrong,
            "out_of_order": self.out_of_order,
            "dead_letters": self.dead_letters,
            "repeated_order_ids": self.repeated_order_ids,
        }

    def to_text(self) -> str:
        """Return the figures as a small table with the sentence that sums them up."""
        rows = [
            f"{name.replace('_', ' '):<20}{count:>10}"
            for name, count in self.to_json().items()
        ]
        return "\n".join([*rows, str(self)])

    def revenue_as_text(self) -> dict[str, str]:
        """Return the totals per currency with four decimals."""
        return {each: in_units(total) for each, total in sorted(self.revenue.items())}

    def __str__(self) -> str:
        text = (
            f"verified: {self.expected} orders, {self.missing} missing,"
            f" {self.duplicate} duplicate, {self.wrong} wrong"
        )
        if self.out_of_order:
            text += f", {self.out_of_order} out of order"
        return text

    def _note(self, sentence: str) -> None:
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(sentence)
