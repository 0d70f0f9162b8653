"""Every flag and variable of every service, from the options themselves."""

from collections.abc import Iterable, Iterator

import click

from operations.reference.programs import CONTRACTS, SERVICES
from operations.reference.tables import render_table

_HEAD = """\
# Configuration

Every setting is a flag and a variable; the flag wins. Made by `make docs` from the
options of the services. A flag that may be repeated takes several values from its
variable, with spaces between them. [Exit codes](exit-codes.md) say what becomes of a
setting that is wrong: the sentence names it, and never repeats a secret.
"""

_FAMILIES = """
## Passed through

| variables | go to | for example |
|---|---|---|
| `KAFKA_SECURITY_*`, `KAFKA_SASL_*`, `KAFKA_SSL_*` | librdkafka, as the property of \
that name | `KAFKA_SASL_USERNAME` is `sasl.username` |
| `SCHEMA_REGISTRY_BASIC_AUTH_*`, `SCHEMA_REGISTRY_SSL_*` | the services' registry \
client | `SCHEMA_REGISTRY_SSL_CA_LOCATION` is `ssl.ca.location` |
| `OTEL_*` | OpenTelemetry, if it is installed | `OTEL_EXPORTER_OTLP_ENDPOINT` |

A flag `--kafka-property` or `--registry-property` wins over the variable of the same
property. `JAVA_HOME` names the Java that the local stack uses, if it is 17 or newer.

## `contracts`

Beside its flags, below, the gate reads what opens a registry:

| variable | is |
|---|---|
| `SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO` | `user:password`; else \
`SCHEMA_REGISTRY_BASIC_AUTH` |
| `SCHEMA_REGISTRY_BEARER_TOKEN` | a token; wins over a password |
| `SCHEMA_REGISTRY_CA_FILE` | certificates to trust, PEM |
| `SCHEMA_REGISTRY_CERTIFICATE_FILE`, `SCHEMA_REGISTRY_KEY_FILE` | its own \
certificate, PEM |
| `SCHEMA_REGISTRY_TIMEOUT_S` | longest wait for an answer in seconds, above 0; 10 |
| `REGISTRY_BASIC_AUTH` | accounts of `contracts serve`, a `user:password` a line |

"""

_TITLES = ("flag, variable", "default", "accepts", "is")

Row = tuple[str, ...]


def render_configuration() -> str:
    """Return the whole page."""
    return "".join([_HEAD, *_services(), _FAMILIES, _of_contracts()])


def _services() -> Iterator[str]:
    """Yield a table for each set of services that share settings, the largest first."""
    users: dict[Row, list[str]] = {}
    for program in SERVICES:
        # A sub-command's flags are its own: the command's page has them.
        context = next(program.contexts())
        for option in _options(context):
            users.setdefault(_row(option, context), []).append(program.name)
    tables: dict[tuple[str, ...], list[Row]] = {}
    for row, names in users.items():
        tables.setdefault(tuple(names), []).append(row)
    for shared in sorted(tables, key=lambda each: -len(each)):
        table = render_table(_TITLES, tables[shared])
        yield f"\n## {', '.join(shared)}\n\n{table}"


def _of_contracts() -> str:
    rows = {
        _row(option, context): None
        for context in CONTRACTS.contexts()
        for option in _options(context)
        if option.get_help_extra(context).get("envvars")
    }
    return render_table(_TITLES, rows)


def _options(context: click.Context) -> Iterator[click.Option]:
    for each in context.command.get_params(context):
        if isinstance(each, click.Option) and "--help" not in each.opts:
            yield each


def _row(option: click.Option, context: click.Context) -> Row:
    extra = option.get_help_extra(context)
    sentence, _, told = (option.help or "").partition("  [default: ")
    default = told.removesuffix("]") or str(extra.get("default", "")).strip("()")
    accepts = extra.get("range") or option.make_metavar(context)
    return (
        _code([*option.opts, *option.secondary_opts, *extra.get("envvars", ())]),
        default,
        accepts if option.type.name != "boolean" else "",
        sentence,
    )


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
