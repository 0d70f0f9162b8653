"""What a machine needs and has: a `Need` is looked at and becomes a `Condition`.

`contracts doctor` asks for what the gate needs, `pipeline doctor` for the rest.
"""

from registry.doctor.needs import Condition, Need, examine, is_fit
from registry.doctor.printing import render_json, render_text

__all__ = [
    "Condition",
    "Need",
    "examine",
    "is_fit",
    "render_json",
    "render_text",
]
