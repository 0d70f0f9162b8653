"""`pipeline demo`, with fewer invented orders, and what the README says of it."""

import re
from pathlib import Path

from operations.cli.demo import demo
from tests.operations.conftest import run

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
DEMO = re.search(r"cog play_demo.*?```\n(.*?)```", README, re.DOTALL)
README_ORDERS = 5000  # what --orders is by default


def expected_rows(faker_orders: int) -> dict[str, str]:
    """Return the demo's table for so many invented orders; its time left out."""
    orders = 830 + faker_orders
    return {
        "Northwind orders": "830",
        "Northwind revenue, USD": "1265793.0395",
        "orders written with contract version 1": str(faker_orders // 2),
        "orders written with contract version 2": str(orders - faker_orders // 2),
        "currencies": "15",
        "e-mails": str(orders),
        "dead letters": "0",
    }


def read_table(text: str) -> tuple[dict[str, str], str]:
    """Return the rows of a demo's table without its time, and the sentence below."""
    *table, sentence = text.splitlines()
    rows = {
        cells[1].strip(): cells[2].strip()
        for cells in (line.split("│") for line in table if "│" in line)
    }
    del rows["seconds"]
    return rows, sentence


def test_readme_shows_what_the_demo_prints() -> None:
    """The same table as below, of as many orders as the demo writes by default."""
    assert DEMO is not None
    rows, sentence = read_table(DEMO[1])

    assert rows == expected_rows(README_ORDERS)
    assert sentence == "verified: 5830 orders, 0 missing, 0 duplicate, 0 wrong"
    assert {each.name: each.default for each in demo.params}["orders"] == README_ORDERS


def test_demo_proves_itself_and_ends(kafka_works: None) -> None:
    """The known revenue, both versions, one mail an order, the sentence, exit 0."""
    del kafka_works
    shown = run("pipeline", "demo", "--orders", 200)

    assert shown.returncode == 0, shown.stderr
    rows, sentence = read_table(shown.stdout)
    assert rows == expected_rows(200)
    assert sentence == "verified: 1030 orders, 0 missing, 0 duplicate, 0 wrong"


def test_demo_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    """It counts from nothing; what is there is not touched."""
    (tmp_path / "mine").touch()

    refused = run("pipeline", "demo", "--data", tmp_path)

    assert refused.returncode == 78
    assert "is not empty" in refused.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
