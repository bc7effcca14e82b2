"""Buildings, bills and weather of tables: flexible headers, Portfolio Manager exports, faults by row and field."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from redaptive.documents.bills_file import read_bills
from redaptive.documents.building_types import KEYS, building_type
from redaptive.documents.buildings_file import read_buildings
from redaptive.documents.us_states import state_code, timezone_of
from redaptive.documents.weather_file import read_weather
from redaptive.domain.intervals import zone
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

GOOD = "id,name,type,floor area (ft2),year built,city,state\nA,Tower,Office,52000,1985,Chicago,IL\n"


def put(folder: Path, text: str, name: str = "b.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_building_gets_its_site_customer_and_zone(tmp_path: Path) -> None:
    found = read_buildings(put(tmp_path, GOOD), customer="Acme Corp")
    building, site = found.buildings[0], found.sites[0]
    assert (building.code, building.building_type, building.gross_floor_area_ft2) == ("A", "office", 52000.0)
    assert (site.timezone, site.state, site.customer_code) == ("America/Chicago", "IL", "acme-corp")
    assert found.customers[0].name == "Acme Corp"


BAD = [
    ("B,Shop,Ofice,5000,1990,X,IL", "type", "Did you mean 'office'?"),
    ("B,Shop,Retail,-5,1990,X,IL", "floor area (ft2)", "is not that of a building"),
    ("B,Shop,Retail,0,1990,X,IL", "floor area (ft2)", "is not that of a building"),
    ("B,Shop,Retail,9e9,1990,X,IL", "floor area (ft2)", "is not that of a building"),
    ("B,Shop,Retail,many,1990,X,IL", "floor area (ft2)", "'many' is not a floor area"),
    ("B,Shop,Retail,5000,19x0,X,IL", "year built", "is not a year"),
    ("A,Shop,Retail,5000,1990,X,IL", "id", "already in row 2"),
    ("B,Shop,Retail,5000,1990,X,ZZ", "state", "time zone is unknown"),
    (",,Retail,5000,1990,X,IL", "name", "neither name nor id"),
]


@pytest.mark.parametrize(("line", "field", "words"), BAD)
def test_a_bad_building_is_refused_by_row_and_field(tmp_path: Path, line: str, field: str, words: str) -> None:
    found = read_buildings(put(tmp_path, GOOD + line + "\n"))
    assert [b.code for b in found.buildings] == ["A"]
    message = found.rejected.messages()[0]
    assert message.startswith(f"b.csv row 3, {field}: ")
    assert words in message


def test_corrected_buildings_can_be_imported_as_they_are(tmp_path: Path) -> None:
    found = read_buildings(put(tmp_path, GOOD + "B,Shop,Ofice,5000,1990,X,IL\n"))
    target = tmp_path / "rejected.csv"
    assert found.rejected.write_csv(target) == 1
    again = read_buildings(put(tmp_path, target.read_text().replace(",Ofice,", ",Office,"), "again.csv"))
    assert [b.code for b in again.buildings] == ["B"]
    assert len(again.rejected) == 0


def test_areas_in_m2_and_states_with_two_zones(tmp_path: Path) -> None:
    found = read_buildings(put(tmp_path, "Property;Use;GFA (m\u00b2);State\nHall;Library;1000;Texas\n"))
    assert found.buildings[0].gross_floor_area_ft2 == pytest.approx(10_763.91, abs=0.01)
    assert "TX has two time zones; America/Chicago" in found.summary.warnings[0]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"No column holds the gross floor area.*'flor area'"):
        read_buildings(put(tmp_path, "name,type,flor area,state\nA,Office,5,IL\n"))


def test_a_portfolio_manager_workbook_with_preamble(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Custom Report", None], ["Generated", "01/02/2024"], [],
        ["Property Id", "Property Name", "Primary Property Type - Self Selected",
         "Property GFA - Self-Reported (ft\u00b2)", "Year Built", "City", "State/Province", "Postal Code"],
        [1234567, "North School", "K-12 School", 73960, 1971, "Denver", "Colorado", "80202"],
        [1234568, "Depot", "Non-Refrigerated Warehouse", "Not Available", "Not Available", "Reno", "NV", "89501"],
    ):  # fmt: skip
        sheet.append(row)
    book.save(tmp_path / "pm.xlsx")
    found = read_buildings(tmp_path / "pm.xlsx")
    assert [(b.code, b.building_type, b.gross_floor_area_ft2, b.year_built) for b in found.buildings] == [
        ("1234567", "k12", 73960.0, 1971),
        ("1234568", "distribution_warehouse", None, None),
    ]
    assert [s.timezone for s in found.sites] == ["America/Denver", "America/Los_Angeles"]
    assert "Row 6 has no floor area" in found.summary.warnings[0]


def test_damaged_or_foreign_workbooks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 600)
    with pytest.raises(InvalidInput, match="The content is xls"):
        read_buildings(path)


def test_types_and_zones_are_known() -> None:
    assert {building_type(key) for key in KEYS} == set(KEYS)
    assert building_type("Hospital (General Medical & Surgical)") == "hospital"
    assert building_type("Moon base") is None
    assert (state_code("new york"), state_code("ny"), state_code("Bavaria")) == ("NY", "NY", None)
    assert zone(timezone_of("HI") or "").key == "Pacific/Honolulu"


def test_meter_entries_become_bills(tmp_path: Path) -> None:
    # 1,000 therms = 100,000 kBtu; / 3.412142 kBtu per kWh = 29,307.104 kWh.
    text = "Property Name,Meter Name,Meter Type,Start Date,End Date,Usage/Quantity,Usage Units,Cost ($)\n"
    text += 'HQ,Gas 1,Natural Gas,01/01/2024,02/01/2024,"1,000",therms,"$1,234.50"\n'
    text += "HQ,Gas 1,Natural Gas,02/01/2024,03/01/2024,10,ccf (hundred cubic feet),Not Available\n"
    text += "HQ,Gas 1,Natural Gas,02/15/2024,03/15/2024,10,therms,1\n"
    text += "HQ,Gas 1,Natural Gas,05/01/2024,04/01/2024,10,therms,1\n"
    text += "HQ,Gas 1,Natural Gas,06/01/2024,07/01/2024,10,furlong,1\n"
    found = read_bills(put(tmp_path, text))
    first, second = found.bills
    assert (first.start, first.end, first.stored, first.cost_usd) == (
        date(2024, 1, 1), date(2024, 2, 1), 29_307_104, Decimal("1234.50"),
    )  # fmt: skip
    assert (second.commodity, second.cost_usd) == (Commodity.GAS, None)
    assert [m.split(":")[0] for m in found.rejected.messages()] == [
        "b.csv row 4, Start Date", "b.csv row 5, End Date", "b.csv row 6, Usage Units",
    ]  # fmt: skip


def test_weather_in_fahrenheit_local_time_and_with_faults(tmp_path: Path) -> None:
    text = "time,temp_f,rh\n2024-01-01 00:00,32,50\n2024-01-01 01:00,500,50\n2024-01-01 02:00,212x,\n"
    text += "2024-01-01 03:00,50,\nnever,50,1\n"
    found = read_weather(put(tmp_path, text), timezone="America/New_York")
    assert found.frame.columns == ["ts", "air_temperature_c", "relative_humidity_pct", "global_irradiance_w_m2"]
    assert found.frame["air_temperature_c"].to_list() == pytest.approx([0.0, 10.0])
    assert found.frame["ts"].to_list()[0] == datetime.fromisoformat("2024-01-01T05:00:00+00:00")
    assert sorted(found.rejected.issues["row"].to_list()) == [3, 4, 6]
