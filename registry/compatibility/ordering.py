"""The order of strings in Java."""


def code_units(text: str) -> bytes:
    """Return a key that sorts as Java does: by UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")
