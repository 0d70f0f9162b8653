"""`contracts codegen`: Python types of the newest versions."""

import json
from pathlib import Path

import click

from registry.cli import failures, options
from registry.codegen import generate_types
from registry.plans import Tree


@click.command()
@options.schemas_dir
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The module to write.  [default: events.py in the folder]",
)
@click.option("--check", is_flag=True, help="Change nothing; status 1 if it is stale.")
@options.dry_run
@options.output_format
def codegen(
    folder: Path,
    out: Path | None,
    *,
    check: bool,
    dry_run: bool,
    output_format: str,
) -> int:
    r"""Write TypedDicts of the newest versions, for code that handles events.

    \b
    Example:
        contracts codegen --check
    """
    path = out or folder / "events.py"
    tree = Tree(folder)
    newest = [(each, tree.find_versions(each)[-1]) for each in tree.subjects]
    text = generate_types((subject, tree.parse(each)) for subject, each in newest)
    is_stale = not path.is_file() or path.read_bytes() != text.encode()
    if is_stale and not (check or dry_run):
        path.write_bytes(text.encode())
    if output_format == "json":
        click.echo(json.dumps({"path": str(path), "stale": is_stale}))
    else:
        verb = "would write" if check or dry_run else "wrote"
        click.echo(f"{verb} {path}" if is_stale else f"{path} is up to date")
    return failures.REFUSED if check and is_stale else failures.ACCEPTED
