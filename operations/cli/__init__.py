"""The `pipeline` command line: one file a command, one function behind each."""

import sys
from typing import Any

import click

from operations.cli.demo import demo
from operations.cli.dlq import dlq
from operations.cli.doctor import doctor
from operations.cli.env import env
from operations.cli.report import report
from operations.cli.topics import topics
from operations.cli.up import up
from operations.cli.verify import verify
from operations.cli.wire import wire
from operations.stack.versions import find_stack_facts
from registry.installed import version_option
from registry.loopback import spare_loopback
from runtime.service import exits

_INTERRUPTED = 130


class _Commands(click.Group):
    """Ends with 130 on Ctrl-C, where click would say 1: a verdict of `verify`."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(_INTERRUPTED)


@click.group(
    "pipeline",
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@version_option(find_stack_facts)
def pipeline() -> None:
    """Run the order pipeline, look at it, and prove that it lost nothing.

    \b
    Example:
        pipeline demo
    """  # noqa: D301 - \b is click's mark, not a backslash


for _command in (demo, dlq, doctor, env, report, topics, up, verify, wire):
    pipeline.add_command(_command)


def main() -> None:
    """Run the command line; a failure ends it with one sentence and its exit code."""
    spare_loopback()
    with exits("pipeline"):
        pipeline()
