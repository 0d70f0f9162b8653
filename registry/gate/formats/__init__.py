"""The gate's report in every form: for people and for machines."""

from collections.abc import Callable, Mapping

from registry.gate.formats.as_github import render_github
from registry.gate.formats.as_json import render_json
from registry.gate.formats.as_junit import render_junit
from registry.gate.formats.as_markdown import render_markdown
from registry.gate.formats.as_sarif import render_sarif
from registry.gate.formats.as_text import render_text
from registry.gate.report import Report

RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "github": render_github,
    "junit": render_junit,
    "sarif": render_sarif,
    "markdown": render_markdown,
}
"""Name of the form -> function that returns the whole output."""
