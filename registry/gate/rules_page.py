"""docs/rules.md, made from the table of rules: `python -m registry.gate.rules_page`."""

import sys
from collections.abc import Iterator

from registry.gate.table import GROUPS, Entry

_HEAD = """\
# The rules of the gate

`contracts check` reports findings; each belongs to one of these rules. An *error*
refuses the candidate, a *warning* does so with `--fail-on warning`, *info* with
`--fail-on info`. Made from the table of rules by `python -m registry.gate.rules_page`.

A finding that has to be lived with is suppressed in `contracts.toml`, until a day:

```toml
[[orders-value.suppressions]]
rule = "NUMBER_LOSES_DIGITS"
path = "items[].weight"
reason = "all weights are below 2^53 grams"
owner = "shipping"
expires = 2030-06-30
```

`path` is optional. A suppression whose day has passed is an error itself.

A witness is a record really written with one schema and read with the other:
in Python by fastavro, which goes by the writer's logical types, and as Avro for Java
does it, by the reader's. A fix is printed only after the candidate has been judged
again with it: the finding is gone, no error has come, and no consumer breaks.

Where the registry's own algorithm refuses a version, the rules about what consumers
get wrong are silent on that version in that direction: nobody misreads what nobody
can read. Once the refusal is mended, the next run looks further. The registry is asked
itself (`REGISTRY_DISAGREES`) about the first candidate, with the references that it
holds; not while it lacks a version that the candidate refers to.

A consumer is listed in `contracts.toml` with the fields that it reads, or with a
schema of its own, a file beside the manifest:

```toml
[orders-value.readers.billing]
fields = ["id", "items[].price"]

[orders-value.readers.mailer]
schema = "readers/mailer.avsc"
```

`READER_BROKEN` says which of them a candidate breaks: a field is gone, the schema
cannot read the candidate, or reads it wrongly, by the rules below that are errors.

`ENUM_SYMBOL_SWALLOWED` is milder where null is allowed too: there it is
`LINT_NULLABLE_ENUM_SYMBOL_SWALLOWED`, and informs.
"""

_TAIL = """
## The JSON report, version 1

`--format json` prints one object; `version` rises only when a reader would break.

| key | is |
|---|---|
| `version` | 1 |
| `verdict` | `accepted`, `refused` or `undecided` (then with a `reason`) |
| `findings` | a list, the gravest first; see below |
| `subjects` | per subject: `subject`, `level`, `baseline`, and per candidate its \
`version`, `file`, `order` of deployment and `matrix`: each earlier `version`, whether \
it gets on `backward` and `forward`, and whether the level `counts` it |

| key of a finding | is |
|---|---|
| `rule_id`, `severity` | from the tables above; `error`, `warning` or `info` |
| `subject`, `path` | whose, and where by names: `OrderDetails.items[].discount` |
| `file`, `line`, `column` | where in the candidate's text, from 1; 0: the whole file |
| `old` | the same three for the earlier version, or null |
| `message`, `cause` | one sentence; what a union hid, or null |
| `versions`, `direction` | which versions; `backward`, `forward` or null |
| `witness` | null, or `record`, `bytes` (hex), `path`, and `before` and `after` in \
`python` and `java` |
| `fix` | null, or a `sentence` and the whole changed `schema` |
| `affected` | who: readers of the manifest, or one side |
| `fingerprint` | the same in every run, wherever lines move |
| `suppressed` | true if the manifest accepts it |
"""


def render_page() -> str:
    """Return the whole page."""
    return "".join([_HEAD, *_sections(), _TAIL])


def _sections() -> Iterator[str]:
    for title, entries in GROUPS.items():
        yield f"\n## {title}\n"
        yield from (_section(each) for each in entries)


def _section(entry: Entry) -> str:
    return (
        f"\n### {entry.rule_id}\n\n*{entry.severity}.* {entry.says}\n\n"
        f"{entry.because}\nInstead: {entry.remedy}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(render_page())
