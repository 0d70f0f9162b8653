"""Rules about records: taken for another one, or read without any of their fields."""

import re
from collections.abc import Iterator

from registry.compatibility.model import RecordSchema, UnionSchema
from registry.gate.alignment import Pair, find_source
from registry.gate.rule import Comparison, Observation, observe
from registry.gate.rules.fields import records
from registry.gate.samples import Sample, Unsampleable
from registry.gate.telling import telling
from registry.gate.trial import Outcome, Probe, is_same

_UNITS = {
    "seconds": "s",
    "second": "s",
    "milliseconds": "ms",
    "millisecond": "ms",
    "millis": "ms",
    "ms": "ms",
    "microseconds": "us",
    "micros": "us",
    "nanoseconds": "ns",
    "nanos": "ns",
    "minutes": "min",
    "hours": "h",
    "days": "d",
    "cents": "cents",
    "cent": "cents",
    "euros": "EUR",
    "euro": "EUR",
    "dollars": "USD",
    "dollar": "USD",
    "eur": "EUR",
    "usd": "USD",
    "gbp": "GBP",
    "jpy": "JPY",
    "chf": "CHF",
    "pounds": "lb",
    "lb": "lb",
    "kilograms": "kg",
    "kg": "kg",
    "grams": "g",
    "metres": "m",
    "meters": "m",
    "kilometres": "km",
    "kilometers": "km",
    "km": "km",
    "miles": "mi",
    "feet": "ft",
    "centimetres": "cm",
    "centimeters": "cm",
    "cm": "cm",
    "mm": "mm",
    "inches": "in",
    "celsius": "C",
    "fahrenheit": "F",
    "kelvin": "K",
    "percent": "percent",
    "fraction": "fraction",
    "bytes": "bytes",
    "kilobytes": "kB",
    "megabytes": "MB",
    "utc": "UTC",
}
_WORD = re.compile(r"[A-Za-z]+")


def find_emptied(comparison: Comparison) -> Iterator[Observation]:
    """A record with fields is read without any of them."""
    for pair, reader, writer in records(comparison):
        if not writer.fields or any(
            find_source(each, writer) for each in reader.fields
        ):
            continue
        outcome = _run_record(comparison, pair)
        if outcome is not None and outcome.is_changed:
            text = (
                f"{{reader}} reads none of the fields that {{writer}} gives"
                f" {pair.reader_path.names}"
            )
            yield observe(pair, text, outcome=outcome)


def find_guessed(comparison: Comparison) -> Iterator[Observation]:
    """A reader's union has several records that fit; languages choose differently."""
    for pair, _, writer in records(comparison):
        if len(_records_that_fit(pair, writer)) < 2:  # noqa: PLR2004 - a choice
            continue
        outcome = _run_record(comparison, pair)
        if outcome is None:
            continue
        if not is_same(outcome.python_after, outcome.java_after):
            names = ", ".join(
                str(each.name) for each in _records_that_fit(pair, writer)
            )
            text = (
                f"{{writer}} writes {pair.reader_path.names} as {writer.name};"
                f" {{reader}} has {names}, and languages do not agree which reads it"
            )
            yield observe(pair, text, outcome=outcome)


def find_unit(comparison: Comparison) -> Iterator[Observation]:
    """The docs of a field name different units, while the numbers stay."""
    for pair in comparison.pairs:
        reader, writer = pair.reader_field, pair.writer_field
        if not pair.is_field or reader is None or writer is None:
            continue
        now, before = units_of(reader.doc), units_of(writer.doc)
        if not now or not before or now & before:
            continue
        try:
            value = telling(pair.writer)
        except Unsampleable:
            continue
        outcome = _run_plain(comparison, pair, value)
        if outcome is None or outcome.is_changed:
            continue
        text = (
            f"the doc of {pair.reader_path.names} says {_listed(before)} in {{writer}}"
            f" and {_listed(now)} in {{reader}}, while the values stay"
        )
        yield Observation(
            message=text,
            reader=reader,
            writer=writer,
            reader_path=pair.reader_path,
            writer_path=pair.writer_path,
            witness=outcome.then(f"read as {_listed(now)}").witness,
        )


def units_of(doc: str | None) -> frozenset[str]:
    """Return the units that a doc names, in one spelling each."""
    words = _WORD.findall((doc or "").lower())
    return frozenset(_UNITS[word] for word in words if word in _UNITS) - {"UTC"}


def _listed(units: frozenset[str]) -> str:
    return " and ".join(sorted(units))


def _records_that_fit(pair: Pair, writer: RecordSchema) -> list[RecordSchema]:
    """Return the branches that carry the writer's simple name."""
    union = pair.reader_union
    if not isinstance(union, UnionSchema):
        return []
    return [
        each
        for each in union.branches
        if isinstance(each, RecordSchema) and each.name.simple == writer.name.simple
    ]


def _run_record(comparison: Comparison, pair: Pair) -> Outcome | None:
    try:
        return _run_plain(comparison, pair, telling(pair.writer))
    except Unsampleable:
        return None


def _run_plain(comparison: Comparison, pair: Pair, value: Sample) -> Outcome | None:
    return comparison.run(
        Probe(value=value, writer_path=pair.writer_path, reader_path=pair.reader_path)
    )
