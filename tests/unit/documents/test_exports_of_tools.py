"""Readings as tools of other houses export them: headers, clocks, numbers and units that they write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from redaptive.documents.day_columns import day_columns
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.results import ImportSummary
from redaptive.documents.series_units import assume_heat_content, unit_of_code
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.units import stored_factor
from redaptive.errors import InvalidInput

CHICAGO = ZoneInfo("America/Chicago")
FALL = datetime(2024, 11, 3, tzinfo=CHICAGO)
SPRING = datetime(2024, 3, 10, tzinfo=CHICAGO)


def read(
    folder: Path, text: str, encoding: str = "utf-8", options: ReadingsOptions | None = None
) -> tuple[pl.DataFrame, list[str]]:
    """Readings (local start, kWh) and what was said; nothing may be rejected."""
    target = folder / "file.csv"
    target.write_bytes(text.encode(encoding))
    with read_readings(target, options or ReadingsOptions(timezone="America/Chicago")) as found:
        assert len(found.rejected) == 0, found.rejected.messages(3)
        frame = found.frame().with_columns(pl.col("value") / 1000)
        return frame, [*found.summary.assumptions, *found.summary.warnings]


def starts(frame: pl.DataFrame) -> list[str]:
    return frame["ts"].dt.convert_time_zone("America/Chicago").dt.strftime("%m-%d %H:%M").to_list()


@pytest.mark.parametrize(
    ("header", "rows", "first"),
    [
        ("Meter Number,Read Date/Time (hour ending),Usage kWh", "M,07/01/2024 {h12}:00 AM,5\n", "07-01 00:00"),
        ("Meter,Timestamp (period ending),kWh", "M,2024-07-01 {h:02d}:00,5\n", "07-01 00:00"),
        ("Device,Read At,Reading (kWh)", "M,2024-07-01 {h:02d}:00,5\n", "07-01 01:00"),
        ("site,meter,local_time,kwh", "S,M,2024-07-01 {h:02d}:00,5\n", "07-01 01:00"),
        ("meter,Zeit der Ablesung time,kwh", "M,2024-07-01 {h:02d}:00,5\n", "07-01 01:00"),
        ("Date,Hour Ending,meter,kWh", "07/01/2024,{h},M,5\n", "07-01 00:00"),
        ("Date,Start,End,meter,kWh", "07/01/2024,{h:02d}:00,{e:02d}:00,M,5\n", "07-01 01:00"),
        ("Date,Start,meter,kWh", "07/01/2024,07/01/2024 {h:02d}:00,M,5\n", "07-01 01:00"),
        ("meter,Timestamp (UTC),kWh", "M,2024-07-01 {h:02d}:00,5\n", "06-30 20:00"),
    ],
)
def test_the_time_is_found_and_its_edge_believed(tmp_path: Path, header: str, rows: str, first: str) -> None:
    body = "".join(rows.format(h=h, e=h + 1, h12=h) for h in range(1, 12))
    frame, _ = read(tmp_path, f"{header}\n{body}")
    assert frame["meter_code"].unique().to_list() == ["M"]
    assert starts(frame)[0] == first
    assert frame.height == 11


def test_hours_from_1_to_24_count_those_of_the_day_in_every_part_of_the_file(tmp_path: Path) -> None:
    hours = [(day, hour) for day in range(1, 29) for hour in range(1, 25)] + [(29, 1), (29, 2)]
    text = "Date,Hour,kWh\n" + "".join(f"2024-06-{day:02d},{hour},{hour}\n" for day, hour in hours)
    frame, notes = read(tmp_path, text)
    assert starts(frame)[0] == "06-01 00:00"
    assert starts(frame)[-1] == "06-29 01:00"
    assert "Column 'Hour' counts hours from 1 to 24: hour 1 begins at midnight." in notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_german_export_is_read_as_it_is(tmp_path: Path, encoding: str) -> None:
    text = "Zeitstempel;Zähler;Verbrauch [kWh]\r\n" + "".join(
        f"{day:02d}.07.2024 00:00;Werk 1;1.234,5\r\n" for day in range(1, 20)
    )
    frame, _ = read(tmp_path, text, encoding)
    assert frame["meter_code"].unique().to_list() == ["Werk 1"]
    assert frame["value"].to_list() == [1234.5] * 19


def test_a_preamble_above_date_and_time_of_day_is_left_out(tmp_path: Path) -> None:
    text = "Messstelle: DE1\nEinheit: kWh\n\nDatum;Uhrzeit von;Uhrzeit bis;Wert;Status\n" + "".join(
        f"01.07.2024;{h:02d}:00;{h + 1:02d}:00;{h},5;W\n" for h in range(23)
    )
    frame, _ = read(tmp_path, text)
    assert frame["value"].to_list() == [h + 0.5 for h in range(23)]


def test_negative_numbers_of_accountants_are_export(tmp_path: Path) -> None:
    text = "timestamp,NET_e\n2024-07-01 00:00,(1.5)\n2024-07-01 01:00,2.5-\n2024-07-01 02:00,-3\n2024-07-01 03:00,4\n"
    frame, _ = read(tmp_path, text)
    assert frame["value"].to_list() == [-1.5, -2.5, -3.0, 4.0]


def longest_and_shortest(day: datetime, names: list[str], *, blank_skipped: bool) -> tuple[str, list[float]]:
    """A row of a day with a value an hour, numbered from 1, and the values."""
    hours = round(((day + timedelta(days=1)).astimezone(UTC) - day.astimezone(UTC)).total_seconds() / 3600)
    values = [float(k) for k in range(1, hours + 1)]
    cells = [f"{v:g}" for v in values]
    if blank_skipped:
        cells.insert(2, "")
    cells += [""] * (len(names) - len(cells))
    return f"M,{day:%m/%d/%Y},{','.join(cells)}\n", values


@pytest.mark.parametrize("day", [FALL, SPRING, FALL - timedelta(days=3)])
@pytest.mark.parametrize("blank_skipped", [False, True])
def test_a_25th_hour_is_that_of_the_clock_change(tmp_path: Path, day: datetime, blank_skipped: bool) -> None:
    names = [f"Hour {h}" for h in range(1, 26)]
    row, values = longest_and_shortest(day, names, blank_skipped=blank_skipped and day == SPRING)
    after, more = longest_and_shortest(day + timedelta(days=1), names, blank_skipped=False)
    frame, notes = read(tmp_path, f"ESIID,USAGE_DATE,{','.join(names)}\n{row}{after}")
    assert frame["value"].to_list() == [*values, *more]
    apart = frame["ts"].diff().drop_nulls().dt.total_seconds().unique().to_list()
    assert apart == [3600]
    assert frame["ts"][0] == day.astimezone(UTC)
    assert "Column 'ESIID' was taken as the meter." in notes


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([f"{h % 12 or 12}:00 {'AM' if h < 12 else 'PM'}" for h in range(24)], (False, 0, 3600)),
        ([f"{h:02d}:00 - {h + 1:02d}:00" for h in range(24)], (False, 0, 3600)),
        ([f"Hour Ending {h}" for h in range(1, 25)], (True, 0, 3600)),
        ([f"{15 * k // 60}:{15 * k % 60:02d}" for k in range(1, 97)], (True, 0, 900)),
        ([f"{15 * k // 60}:{15 * k % 60:02d}" for k in range(1, 101)], (True, 0, 900)),
    ],
)
def test_times_of_day_in_headers(columns: list[str], expected: tuple[bool, int, int]) -> None:
    found = day_columns(["Meter", "Date", *columns, "Total"])
    assert (found.ends, *found.offsets_s[:2]) == expected
    assert len(found.offsets_s) == len(columns)


def test_a_meter_whose_code_says_kw_gives_power(tmp_path: Path) -> None:
    rows = "".join(f"Hall kW,2024-07-01 00:{m:02d},40\nHall_e,2024-07-01 00:{m:02d},40\n" for m in (0, 15, 30, 45))
    frame, notes = read(tmp_path, "meter,timestamp,value\n" + rows)
    totals = dict(frame.group_by("meter_code").agg(pl.col("value").sum()).iter_rows())
    assert totals == {"Hall kW": 40.0, "Hall_e": 160.0}
    assert "Values of Hall kW are kW, as its code says." in notes


@pytest.mark.parametrize(("code", "unit"), [("Hall_kWh", "kWh"), ("kW", None), ("Hall L", None), ("b1_e", None)])
def test_only_units_of_energy_are_taken_from_codes(code: str, unit: str | None) -> None:
    assert unit_of_code(code) == unit


@pytest.mark.parametrize(
    ("unit", "commodity", "factor"),
    [
        ("kWh (thousand Watt-hours)", Commodity.ELECTRICITY, 1e3),
        ("MWh (million Watt-hours)", Commodity.ELECTRICITY, 1e6),
        ("kcf (thousand cubic feet)", Commodity.GAS, 1026 * 1e6 / 3412.142),
        ("Mcf (million cubic feet)", Commodity.GAS, 1026 * 1e9 / 3412.142),
        ("kgal (thousand gallons) (US)", Commodity.WATER, 3785.411784),
        ("Gallons (US)", Commodity.WATER, 3.785411784),
        ("MLbs. (million pounds)", Commodity.STEAM, 1194 * 1e6 / 3.412142),
    ],
)
def test_units_of_portfolio_manager_are_those_of_their_explanation(
    unit: str, commodity: Commodity, factor: float
) -> None:
    """Factors: EPA's heat content of gas, 1194 kBtu per thousand pounds of steam, 3.785411784 L a gallon."""
    assert stored_factor(unit, commodity).factor == pytest.approx(factor)


def test_an_imperial_gallon_is_no_us_gallon() -> None:
    with pytest.raises(InvalidInput, match=r"Gallons \(UK\)"):
        stored_factor("Gallons (UK)", Commodity.WATER)


@pytest.mark.parametrize(("given", "said"), [(None, 1), (103.7, 0)])
def test_the_heat_content_of_gas_is_said_where_nobody_gave_it(given: float | None, said: int) -> None:
    summary = ImportSummary("f", "")
    assume_heat_content("CCF", Commodity.GAS, ReadingsOptions(heat_content_kbtu_per_unit=given), summary)
    assert len(summary.assumptions) == said
