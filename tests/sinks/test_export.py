"""`analytics-service export`: the same figures, exact, in files of either kind."""

import csv
import sys
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped] # it has no types
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from sinks.analytics_service import main
from sinks.analytics_service.sink import NUMBERS, AnalyticsSink
from sinks.analytics_service.tables import open_store
from tests.sinks.orders import TOPIC, deserializer, order, records, revenue_of

EVENTS = [
    *(order(each) for each in range(40)),
    *(order(each, total=Decimal("99999999999999.9999")) for each in range(40, 60)),
]
TABLES = ["currency_totals", "minute_totals", "customer_totals"]


@pytest.fixture
def filled_url(database_url: str) -> str:
    """Return the URL of a database whose revenue no 64 bits hold."""
    store = open_store(database_url, group="analytics-service")
    with closing(store.database):
        store.create_tables()
        sink = AnalyticsSink(store, deserializer(NUMBERS))
        sink.find_start_offsets([(TOPIC, 0)])
        batch = records(EVENTS)
        sink.prepare(batch)
        sink.write(batch)
    return database_url


def export(url: str, folder: Path, *flags: str) -> Result:
    """Run the command."""
    arguments = ["export", "--database", url, "--to", str(folder), *flags]
    return CliRunner().invoke(main, arguments)


def test_csv_holds_the_figures_exactly(filled_url: str, tmp_path: Path) -> None:
    """A file a table, a row an aggregate, money with four decimals."""
    result = export(filled_url, tmp_path / "figures")

    assert result.exit_code == 0, result.output
    assert result.output.split() == [
        str(tmp_path / "figures" / f"{name}.csv") for name in TABLES
    ]
    with (tmp_path / "figures/currency_totals.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {each["currency"]: each["revenue"] for each in rows} == revenue_of(EVENTS)
    with (tmp_path / "figures/minute_totals.csv").open(encoding="utf-8") as file:
        assert next(csv.DictReader(file))["minute"] == "2026-03-01T12:30:00+00:00"


def test_parquet_holds_the_figures_exactly(filled_url: str, tmp_path: Path) -> None:
    """Decimals and times are what they are, not text and not floating point."""
    result = export(filled_url, tmp_path / "figures", "--format", "parquet")

    assert result.exit_code == 0, result.output
    assert result.output.split() == [
        str(tmp_path / "figures" / f"{name}.parquet") for name in TABLES
    ]
    totals = parquet.read_table(tmp_path / "figures/currency_totals.parquet")
    assert totals.schema.field("revenue").type == pa.decimal128(38, 4)
    assert {
        each["currency"]: f"{each['revenue']:.4f}" for each in totals.to_pylist()
    } == revenue_of(EVENTS)
    minutes = parquet.read_table(tmp_path / "figures/minute_totals.parquet").to_pylist()
    assert minutes[0]["minute"] == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", TABLES)
def test_both_kinds_say_the_same(name: str, filled_url: str, tmp_path: Path) -> None:
    """As many rows, of the same columns."""
    export(filled_url, tmp_path)
    export(filled_url, tmp_path, "--format", "parquet")

    with (tmp_path / f"{name}.csv").open(encoding="utf-8") as file:
        names, *rows = csv.reader(file)
    table = parquet.read_table(tmp_path / f"{name}.parquet")
    assert table.column_names == names
    assert table.num_rows == len(rows) > 0


def test_parquet_without_its_library_is_refused_in_a_sentence(
    filled_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to install; nothing is written."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "sinks.analytics_service.parquet", raising=False)

    result = export(filled_url, tmp_path / "figures", "--format", "parquet")

    assert result.exit_code == 78
    assert "pip install '.[parquet]'" in result.output
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_folder_that_cannot_be_written_is_said(
    form: str, filled_url: str, tmp_path: Path
) -> None:
    """A file stands where the folder above it should be."""
    (tmp_path / "file").touch()

    result = export(filled_url, tmp_path / "file/figures", "--format", form)

    assert result.exit_code == 78
    assert "cannot be written" in result.output


def test_no_database_is_said(tmp_path: Path) -> None:
    """A wrong path is not created, and ends with 75."""
    missing = tmp_path / "missing.db"

    result = export(f"sqlite:///{missing}", tmp_path)

    assert result.exit_code == 75
    assert "cannot be used" in result.output
    assert not missing.exists()
