"""The `contracts` command line: one file a command, one function behind each.

Exit status: 0 accepted, 1 refused, 2 wrong usage, 3 could not decide.
"""

import gc
import sys

import click

from registry.cli import failures
from registry.cli.apply import apply
from registry.cli.check import check
from registry.cli.codec import codec
from registry.cli.codegen import codegen
from registry.cli.compat import compat
from registry.cli.deferred import Commands
from registry.cli.diff import diff
from registry.cli.doctor import doctor
from registry.cli.drift import drift
from registry.cli.evolve import evolve
from registry.cli.fmt import fmt
from registry.cli.history import history
from registry.cli.level import level
from registry.cli.lint import lint
from registry.cli.plan import plan
from registry.cli.pull import pull
from registry.cli.register import register
from registry.cli.serve import serve
from registry.cli.show import show
from registry.installed import version_option
from registry.loopback import spare_loopback


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@version_option()
def contracts() -> None:
    r"""May I change this schema?

    Works on any folder of Avro schemas, DIR/<subject>/v<number>.avsc, and on any
    Confluent-compatible registry.

    \b
    Example:
        contracts check --against git:origin/main
    """


for _command in (
    apply,
    check,
    codec,
    codegen,
    compat,
    diff,
    doctor,
    drift,
    evolve,
    fmt,
    history,
    level,
    lint,
    plan,
    pull,
    register,
    serve,
    show,
):
    contracts.add_command(_command)

for _command in (contracts, *contracts.commands.values()):
    # click's mark is one character, which a raw docstring spells with two.
    _command.help = (_command.help or "").replace("\\b\n", "\b\n")


# A schema is a million small objects that all stay: looking through them for garbage
# again and again takes longer than reading them.
_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000
# Enough for whatever JSON of the deepest nesting that is read can hold.
_DEEPEST_STACK = 20_000


def main() -> None:
    """Run the command line and exit with its status."""
    spare_loopback()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    sys.setrecursionlimit(_DEEPEST_STACK)
    sys.exit(failures.run(contracts))
