"""`contracts codec` shows the code that services run."""

import ast
import json

import pytest
from click.testing import CliRunner

from registry.cli.codec import codec
from schemas import CONTRACTS

SOURCE = ["--from", f"dir:{CONTRACTS}"]


def run(*args: str) -> str:
    """Return what the command prints."""
    result = CliRunner().invoke(codec, [*args, *SOURCE], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize(
    ("args", "function"),
    [
        (["order-details-value"], "decode"),
        (["order-details-value", "--version", "1"], "decode"),
        (["order-details-value", "--field", "items[].sku"], "decode"),
        (["order-details-value", "--passed-on", "customer"], "decode"),
        (["order-processed-value", "--encoder", "--scaled"], "encode"),
    ],
)
def test_source_is_python(args: list[str], function: str) -> None:
    """What is printed compiles, and defines the function."""
    module = ast.parse(run(*args))

    assert [each.name for each in module.body if isinstance(each, ast.FunctionDef)] == [
        function
    ]


def test_older_version_is_read_with_the_defaults_of_the_newest() -> None:
    """Version 1 has no discount; its reader has."""
    assert "DISCOUNT_DEFAULT" in run("order-details-value", "--version", "1")
    assert "DISCOUNT_DEFAULT" not in run("order-details-value")


def test_json_names_the_version() -> None:
    """Machines get the source with what it is of."""
    row = json.loads(run("order-details-value", "--format", "json"))

    assert (row["subject"], row["version"]) == ("order-details-value", 2)
    assert row["source"] == run("order-details-value")
