"""A field name that was given up and is taken up again."""

from collections.abc import Iterator

from registry.gate.field_paths import fields_of, has_field
from registry.gate.rule import Comparison, Observation
from registry.gate.samples import Unsampleable
from registry.gate.telling import telling
from registry.gate.trial import Probe


def find_reused(comparison: Comparison) -> Iterator[Observation]:
    """The reader has a field of the writer that versions in between did not have."""
    if not comparison.between:
        return
    reader, writer = fields_of(comparison.reader), fields_of(comparison.writer)
    for name in _given_up(comparison):
        (path, field), (writer_path, former) = reader[name], writer[name]
        try:
            value = telling(former.type)
        except Unsampleable:
            continue
        outcome = comparison.run(
            Probe(value=value, writer_path=writer_path, reader_path=path)
        )
        if outcome is not None:
            text = (
                f"{path.names} was dropped after {{writer}} and is back: records of"
                " then are read as if they meant the same"
            )
            yield Observation(
                message=text,
                reader=field,
                writer=former,
                reader_path=path,
                writer_path=writer_path,
                witness=outcome.witness,
            )


def _given_up(comparison: Comparison) -> list[str]:
    """Return the fields of both sides that a version in between lacks.

    A field whose record was absent as well counts once, as that record's field.
    """
    both = fields_of(comparison.reader).keys() & fields_of(comparison.writer).keys()
    lost = {
        name
        for each in comparison.between
        for name in both - fields_of(each).keys()
        if not has_field(each, name)
    }
    return sorted(name for name in lost if _outer(name) not in lost)


def _outer(name: str) -> str:
    return name.rpartition(".")[0].removesuffix("[]").removesuffix("{}")
