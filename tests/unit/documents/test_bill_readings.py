"""Portfolio Manager's meter entries and utilities' lists of bills, as days of their meters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from redaptive.documents.bill_readings import BilledDays, bill_readings
from redaptive.documents.options import ReadingsOptions
from redaptive.domain.portfolio.records import Commodity

HEADER = ["Property Name", "Meter Name", "Meter Type", "Start Date", "End Date", "Usage/Quantity", "Usage Units"]
ROWS = [
    ["Loop", "Power", "Electric - Grid", date(2024, 3, 1), date(2024, 3, 31), 3100, "kWh (thousand Watt-hours)"],
    ["Loop", "Power", "Electric - Grid", date(2024, 4, 1), date(2024, 4, 30), 6000, "kWh (thousand Watt-hours)"],
    ["Loop", "Gas", "Natural Gas", date(2024, 3, 1), date(2024, 3, 31), 310, "therms"],
    ["Loop", "Gas", "Natural Gas", date(2024, 4, 1), date(2024, 4, 30), 300, "therms"],
]
CHICAGO = ReadingsOptions(timezone="America/Chicago")


def workbook(folder: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Your meter entries"], [], HEADER, *rows):
        sheet.append(row)
    book.save(folder / "entries.xlsx")
    return folder / "entries.xlsx"


def table(folder: Path, rows: list[list[object]]) -> Path:
    lines = [HEADER, *[[f"{c:%m/%d/%Y}" if isinstance(c, date) else str(c) for c in row] for row in rows]]
    (folder / "entries.csv").write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    return folder / "entries.csv"


def kwh(found: BilledDays) -> dict[str, float]:
    sums = found.frame.group_by("meter_code").agg(pl.col("value").sum() / 1000)
    return dict(sums.with_columns(pl.col("meter_code").cast(pl.String)).iter_rows())


@pytest.mark.parametrize("write", [workbook, table])
def test_entries_become_days_of_their_meters(tmp_path: Path, write: object) -> None:
    found = bill_readings(write(tmp_path, ROWS), CHICAGO)  # type: ignore[operator]
    assert found is not None
    assert {hint.code: hint.commodity for hint in found.hints} == {
        "Gas": Commodity.GAS,
        "Power": Commodity.ELECTRICITY,
    }
    assert kwh(found) == {"Power": pytest.approx(9_100), "Gas": pytest.approx(610 * 29.3071, rel=1e-5)}
    power = found.frame.filter(pl.col("meter_code") == "Power")
    assert power.height == 61
    assert power["ts"][0] == datetime(2024, 3, 1, 6, tzinfo=UTC)
    assert power["ts"][30] == datetime(2024, 3, 31, 5, tzinfo=UTC)
    assert power["value"][30:32].to_list() == pytest.approx([100_000, 200_000])
    assert "The end date of a bill is the last of its period." in found.summary.assumptions


def test_end_dates_may_be_the_first_day_of_the_next_bill(tmp_path: Path) -> None:
    rows = [[*row[:4], row[4] + timedelta(days=1), *row[5:]] for row in ROWS]  # type: ignore[operator]
    found = bill_readings(table(tmp_path, rows), CHICAGO)
    assert found is not None
    assert found.frame.filter(pl.col("meter_code") == "Power").height == 61
    assert "The end date of a bill is the first of the next period." in found.summary.assumptions


def test_meters_of_one_name_in_two_buildings_stay_apart(tmp_path: Path) -> None:
    rows = [*ROWS[:2], *[["Park", *row[1:]] for row in ROWS[:2]]]
    found = bill_readings(table(tmp_path, rows), CHICAGO)
    assert found is not None
    assert kwh(found) == {"Loop Power": pytest.approx(9_100), "Park Power": pytest.approx(9_100)}


def test_a_table_without_first_and_last_days_is_no_table_of_bills(tmp_path: Path) -> None:
    (tmp_path / "months.csv").write_text("month,a\n2024-03,3100\n", encoding="utf-8")
    assert bill_readings(tmp_path / "months.csv", CHICAGO) is None
