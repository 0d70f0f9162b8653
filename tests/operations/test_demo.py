"""`pipeline demo`, with fewer invented orders."""

from pathlib import Path

from tests.operations.conftest import run


def test_demo_proves_itself_and_ends(kafka_works: None) -> None:
    """The known revenue, both versions, one mail an order, the sentence, exit 0."""
    del kafka_works
    shown = run("pipeline", "demo", "--orders", 200)

    assert shown.returncode == 0, shown.stderr
    *table, sentence = shown.stdout.splitlines()
    rows = {
        cells[1].strip(): cells[2].strip()
        for cells in (line.split("│") for line in table if "│" in line)
    }
    assert rows["Northwind revenue, USD"] == "1265793.0395"
    assert rows["orders written with contract version 1"] == "100"
    assert rows["orders written with contract version 2"] == "930"
    assert rows["e-mails"] == "1030"
    assert sentence == "verified: 1030 orders, 0 missing, 0 duplicate, 0 wrong"


def test_demo_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    """It counts from nothing; what is there is not touched."""
    (tmp_path / "mine").touch()

    refused = run("pipeline", "demo", "--data", tmp_path)

    assert refused.returncode == 78
    assert "is not empty" in refused.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
