"""Rows of a bills file find their building and meter, or are refused with field and fix; money stays Decimal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from redaptive.documents.bill_placement import BillPlaces, placed_bills
from redaptive.documents.bills_file import BillsFile, read_bills
from redaptive.documents.options import ReadingsOptions
from redaptive.domain.portfolio.records import Building, Commodity, Meter
from redaptive.infrastructure.database.stores.bill_store import Bill

HEADER = "Property Name,Meter,Meter Type,Start Date,End Date,Usage,Units,Cost\n"
BUILDINGS = [Building("hq", "Head Quarter", "s", "office", 1.0), Building("annex", "Annex", "s", "office", 1.0)]
METERS = [Meter("hq-e1", "hq", Commodity.ELECTRICITY), Meter("annex-g1", "annex", Commodity.GAS)]
EXAMPLE = Path(__file__).parents[3] / "examples" / "data" / "bills.csv"


def _read(tmp_path: Path, rows: str, default: str | None = None) -> tuple[list[Bill], BillsFile]:
    path = tmp_path / "bills.csv"
    path.write_text(HEADER + rows)
    places = BillPlaces.of(BUILDINGS, METERS, default)
    found = read_bills(path, ReadingsOptions(), places.fault)
    return placed_bills(found, places), found


def test_rows_go_to_their_meter_their_building_or_the_named_one(tmp_path: Path) -> None:
    rows = ",hq-e1,Electric,2024-01-01,2024-02-01,1000.5,kWh,123.45\n"
    rows += "head quarter,A-77,Natural Gas,2024-01-01,2024-02-01,10,therms,9.999\n"
    rows += ",A-78,Natural Gas,2024-01-01,2024-02-01,11,therms,-2\n"
    bills, found = _read(tmp_path, rows, default="annex")
    assert [(b.building_code, b.meter_code, b.account, b.usage, b.usage_unit, b.total_usd) for b in bills] == [
        ("hq", "hq-e1", "", Decimal("1000.5"), "kWh", Decimal("123.45")),
        ("hq", None, "A-77", Decimal("10.0"), "therms", Decimal("10.00")),
        ("annex", None, "A-78", Decimal("11.0"), "therms", Decimal("-2.00")),
    ]
    assert len(found.rejected) == 0
    assert "A-77, A-78" in " ".join(found.summary.warnings)


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        ("Head Quartr,x,Electric,2024-01-01,2024-02-01,1,kWh,1", "Property Name", "hq"),
        (",hq-e2,Electric,2024-01-01,2024-02-01,1,kWh,1", "Meter", "hq-e1"),
        ("annex,hq-e1,Electric,2024-01-01,2024-02-01,1,kWh,1", "Property Name", "of building hq"),
        (",hq-e1,Natural Gas,2024-01-01,2024-02-01,1,therms,1", "Meter Type", "electricity"),
        (",hq-e1,Electric,2024-01-01,2024-02-01,1,kWh,", "Cost", "no cost"),
        (",hq-e1,Electric,2023-06-01,2023-06-20,1,kWh,1", "Start Date", "overlaps that of row 2"),
    ],
)
def test_a_row_that_fits_nowhere_is_kept_with_its_field(tmp_path: Path, row: str, field: str, told: str) -> None:
    bills, found = _read(tmp_path, f",hq-e1,Electric,2023-06-01,2023-07-01,5,kWh,5\n{row}\n")
    assert len(bills) == 1
    assert len(found.rejected) == 1
    (message,) = found.rejected.messages()
    assert message.startswith(f"bills.csv row 3, {field}:")
    assert told in message


@pytest.mark.parametrize(
    ("ends", "last"),
    [(("2024-02-01", "2024-03-01"), date(2024, 3, 1)), (("2024-01-31", "2024-02-29"), date(2024, 3, 1))],
)
def test_the_sequence_tells_whether_the_last_day_counts(tmp_path: Path, ends: tuple[str, str], last: date) -> None:
    rows = "".join(
        f",hq-e1,Electric,{start},{end},1,kWh,1\n"
        for start, end in zip(("2024-01-01", "2024-02-01"), ends, strict=True)
    )
    bills, _ = _read(tmp_path, rows)
    assert [(b.period_start, b.period_end) for b in bills] == [
        (date(2024, 1, 1), date(2024, 2, 1)),
        (date(2024, 2, 1), last),
    ]


def test_the_same_account_name_in_two_buildings_is_two_accounts(tmp_path: Path) -> None:
    rows = "".join(f"{b},Main,Electric,2024-01-01,2024-02-01,1,kWh,1\n" for b in ("hq", "annex"))
    bills, _ = _read(tmp_path, rows)
    assert len({b.code for b in bills}) == 2


def test_a_key_is_never_longer_than_the_table_takes(tmp_path: Path) -> None:
    rows = "".join(f"hq,{'x' * 300}{n},Electric,2024-01-01,2024-02-01,1,kWh,1\n" for n in (1, 2))
    bills, _ = _read(tmp_path, rows)
    assert len({b.code for b in bills}) == 2
    assert max(len(b.code) for b in bills) <= 200


def test_the_example_comes_in_whole() -> None:
    known = [
        Building("HQ", "Lakeside Tower", "s", "office", 1.0),
        Building("STORE-1", "Maple Street Store", "s", "x", 1.0),
    ]
    places = BillPlaces.of(known, [Meter("HQ_e", "HQ", Commodity.ELECTRICITY)])
    found = read_bills(EXAMPLE, ReadingsOptions(), places.fault)
    bills = placed_bills(found, places)
    assert (len(bills), len(found.rejected)) == (4, 0)
    assert sum(b.total_usd for b in bills) == Decimal("70451.50")
    assert [b.meter_code for b in bills] == ["HQ_e", "HQ_e", None, None]
