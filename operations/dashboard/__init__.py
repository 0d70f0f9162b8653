"""dashboard: one page that shows what the pipeline is doing, live.

Reads analytics-service's API and every service's `/status` over HTTP, nothing else:
no topic, no database. The page is served whole from here; it works without any
outside network.
"""

from operations.dashboard.command import main

__all__ = ["main"]
