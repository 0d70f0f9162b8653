"""Figures as people read them."""

from collections.abc import Mapping, Sequence

from operations.dashboard.snapshot import Snapshot

_SUBJECT_CHARACTERS = 90


def health_text(snapshot: Snapshot) -> str:
    """Return how many services are well."""
    count, troubled = len(snapshot.services), len(snapshot.troubled)
    if not count:
        return "no services"
    if troubled:
        return f"{troubled} of {count} services need{'s' * (troubled == 1)} a look"
    return "1 service is well" if count == 1 else f"all {count} services are well"


def amount_text(amount: str) -> str:
    """Return an exact amount with its thousands apart."""
    whole, _, fraction = amount.partition(".")
    return f"{int(whole):,}.{fraction}"


def duration_text(seconds: float | None) -> str:
    """Return a short time in the unit that suits it."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - three digits


def uptime_text(seconds: float) -> str:
    """Return hours, minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def versions_text(versions: Mapping[str, Sequence[int]]) -> str:
    """Return subjects without their common ending, and their versions."""
    return ", ".join(
        f"{subject.removesuffix('-value')} v{'+'.join(map(str, each)) or '?'}"
        for subject, each in versions.items()
    )


def subject_text(subject: str) -> str:
    """Return a subject that does not break the page."""
    is_long = len(subject) > _SUBJECT_CHARACTERS
    return subject[: _SUBJECT_CHARACTERS - 1] + "…" if is_long else subject
