"""The pages of docs/reference that are made from the code.

`make docs` writes them; a test says when one is stale.
"""

from collections.abc import Callable, Mapping

from operations.reference.commands import render_commands
from operations.reference.configuration import render_configuration
from operations.reference.json_api import render_json_api
from operations.reference.metrics import render_metrics
from operations.reference.programs import CONTRACTS, PIPELINE, SERVICES
from operations.reference.source_map import render_source_map

PAGES: Mapping[str, Callable[[], str]] = {
    "cli/contracts.md": lambda: render_commands("contracts", [CONTRACTS]),
    "cli/pipeline.md": lambda: render_commands("pipeline", [PIPELINE]),
    "cli/services.md": lambda: render_commands("Services", SERVICES),
    "configuration.md": render_configuration,
    "json-api.md": render_json_api,
    "metrics.md": render_metrics,
    "source-map.md": render_source_map,
}
"""What renders each page, by its place in docs/reference."""
