"""The pages: from the registry's parts to HTML."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from registry.errors import RegistryRefused
from registry.local.calls import Call
from registry.local.contexts import normalize_subject
from registry.local.registry import Registry
from registry.local.ui.readers import Readers
from registry.local.ui.subject_view import find_subject
from registry.local.ui.summary import summarize

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer for people.

    Attributes:
        html: The whole document.
        status: HTTP status.
        headers: What keeps the browser from fetching or running anything.
    """

    html: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Pages:
    """Makes the pages of one registry."""

    def __init__(self, registry: Registry, folder: Path | None) -> None:
        self._registry = registry
        self._readers = Readers(folder)
        self._style = (_HERE / "templates" / "style.css").read_text("utf-8")
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["link"] = _link
        self._headers = _guard(self._style)

    def show_subjects(self, call: Call) -> Page:
        """Return the list of subjects, or of those whose name has `q` in it."""
        summary = summarize(
            self._registry,
            wanted=call.text("q").strip(),
            with_deleted=call.flag("deleted"),
            page_text=call.text("page", "1"),
        )
        return self._render("subjects.html", summary=summary)

    def show_subject(self, call: Call) -> Page:
        """Return one subject: a version, its neighbours, and what changed."""
        try:
            view = find_subject(
                self._registry,
                self._readers,
                normalize_subject(call.text("name")),
                version=call.text("version", "latest"),
                against=call.text("against"),
            )
        except RegistryRefused as exc:
            return self._render("refused.html", status=exc.status, refusal=exc)
        return self._render("subject.html", view=view)

    def _render(self, name: str, *, status: int = 200, **values: Any) -> Page:  # noqa: ANN401 - whatever the template shows
        html = self._environment.get_template(name).render(style=self._style, **values)
        return Page(html=html, status=status, headers=self._headers)


def _link(path: str, **parameters: object) -> str:
    given = {name: it for name, it in parameters.items() if it not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def _guard(style: str) -> Mapping[str, str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
