"""Pages for people below `/ui`: what is registered, what changed, who reads it.

They are made on the server, change nothing, run no script and fetch nothing.
"""

from registry.local.ui.pages import Page, Pages

__all__ = ["Page", "Pages"]
