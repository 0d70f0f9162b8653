"""`contracts fmt`: schema files in their form."""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.formatting import format_schema
from registry.sources import read_file


@click.command()
@click.argument(
    "paths",
    metavar="[PATH]...",
    nargs=-1,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--check", is_flag=True, help="Change nothing; status 1 if it would.")
@options.dry_run
@options.output_format
def fmt(
    paths: tuple[Path, ...],
    *,
    check: bool,
    dry_run: bool,
    output_format: str,
) -> int:
    r"""Write schema files in their form: indented, attributes in one order.

    PATH is a file, or a folder whose .avsc files are meant; by default schemas.
    Docs, defaults and the schema that a registry stores do not change.

    \b
    Example:
        contracts fmt --check
    """
    files = [file for path in paths or (_default_folder(),) for file in _files(path)]
    formatted = {file: format_schema(read_file(file)) for file in files}
    changed = [
        file for file, text in formatted.items() if file.read_bytes() != text.encode()
    ]
    for file in () if check or dry_run else changed:
        file.write_bytes(formatted[file].encode())
    verb = "would format" if check or dry_run else "formatted"
    _show(changed, len(files), verb=verb, output_format=output_format)
    return failures.REFUSED if check and changed else failures.ACCEPTED


def _default_folder() -> Path:
    folder = Path("schemas")
    if folder.is_dir():
        return folder
    raise click.UsageError("there is no folder schemas here; name files or folders")


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.avsc")) if path.is_dir() else [path]


def _show(
    changed: list[Path], file_count: int, *, verb: str, output_format: str
) -> None:
    if output_format == "json":
        click.echo(json.dumps({"changed": [str(file) for file in changed]}))
        return
    for file in changed:
        click.echo(f"{verb} {file}")
    click.echo(f"{file_count} files looked at, {len(changed)} not in their form")
