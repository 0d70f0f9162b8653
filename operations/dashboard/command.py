"""The command line of the dashboard."""

from typing import Any

import click

from operations.dashboard.collecting import Collector
from operations.dashboard.server import build_app, serve
from registry.errors import ConfigError
from registry.installed import version_option
from runtime.config import SETTINGS, Address, option
from runtime.logs import configure_logs
from runtime.service import exits, stop_on_signals

NAME = "dashboard"


@click.command(
    NAME,
    context_settings=SETTINGS,
)
@version_option()
@option("--analytics-url", metavar="URL", help="Where analytics-service listens.")
@option(
    "--service",
    "services",
    multiple=True,
    metavar="NAME=URL",
    help="A service to show, and where it listens; repeatable.",
)
@option(
    "--listen",
    type=Address(),
    default="127.0.0.1:0",
    help="Where the page is served; port 0 takes a free one and logs it.",
)
@option(
    "--log-format",
    type=click.Choice(["auto", "console", "json"]),
    default="auto",
    help="auto: console on a terminal, else JSON lines.",
)
def main(**values: Any) -> None:  # noqa: ANN401 - the flags, by name
    """Show what the pipeline is doing, live, on one page.

    Reads analytics-service's API and every service's /status. Needs no outside
    network. Also answers /livez and /readyz.

    \b
    Example:
        dashboard --listen 127.0.0.1:8080 --analytics-url http://127.0.0.1:8090 \\
            --service analytics-service=http://127.0.0.1:8090

    \b
    Exit codes:
        0 stopped    2 usage    78 configuration (port taken)
    """  # noqa: D301 - \b is click's mark, not a backslash
    configure_logs(NAME, log_format=values["log_format"])
    with exits(NAME), stop_on_signals():
        collector = Collector(
            analytics_url=values["analytics_url"],
            services=dict(_parse(each) for each in values["services"]),
        )
        serve(build_app(collector), *values["listen"])


def _parse(pair: str) -> tuple[str, str]:
    name, equals, url = pair.partition("=")
    if not equals or not name or not url:
        raise ConfigError(f"--service {pair!r} must have the form NAME=URL")
    return name, url.rstrip("/")
