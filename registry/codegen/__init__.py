"""Python types of events, from the newest schemas: what `contracts codegen` writes.

`generate_types` is all that others need.
"""

from registry.codegen.module_text import generate_types

__all__ = ["generate_types"]
