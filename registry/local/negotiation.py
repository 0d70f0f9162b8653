"""Which media types a request may carry and its answer gets."""

from dataclasses import dataclass

V1_JSON = "application/vnd.schemaregistry.v1+json"
PRODUCED = (V1_JSON, "application/vnd.schemaregistry+json", "application/json")
"""What the registry answers with, the preferred first."""

_CONSUMED = {*PRODUCED, "application/octet-stream"}


@dataclass(frozen=True, slots=True)
class _Range:
    """One entry of an Accept header."""

    kind: str
    subtype: str
    quality: float

    def covers(self, media_type: str) -> bool:
        kind, _, subtype = media_type.partition("/")
        return self.kind in {"*", kind} and self.subtype in {"*", subtype}


def is_consumable(content_type: str | None) -> bool:
    """Return whether a body so labelled is read; parameters play no part."""
    if not content_type:
        return True
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type in _CONSUMED or media_type in {"*/*", "application/*"}


def choose_media_type(accept: str | None) -> str | None:
    """Return the best type for the Accept header, or None if there is none."""
    if not accept or not accept.strip():
        return V1_JSON
    ranges = [found for part in accept.split(",") if (found := _read_range(part))]
    best: tuple[float, str] | None = None
    for produced in PRODUCED:
        qualities = [each.quality for each in ranges if each.covers(produced)]
        quality = max(qualities, default=0.0)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, produced)
    return None if best is None else best[1]


def _read_range(part: str) -> _Range | None:
    media_type, *parameters = (each.strip() for each in part.lower().split(";"))
    kind, slash, subtype = media_type.partition("/")
    if not slash and kind != "*":
        return None
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            quality = _read_quality(value.strip())
    return _Range(kind, subtype or "*", quality)


def _read_quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
