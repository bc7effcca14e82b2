"""Files of weather services; their layouts are those of the sources named in weather_services.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from redaptive.documents.typical_year import one_year
from redaptive.documents.weather_file import read_weather
from redaptive.errors import InvalidInput

EPW_HEAD = """LOCATION,Chicago Ohare,IL,USA,TMY3,725300,41.98,-87.92,{offset},201.0
DESIGN CONDITIONS,0
TYPICAL/EXTREME PERIODS,0
GROUND TEMPERATURES,0
HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0
COMMENTS 1,made
COMMENTS 2,made
DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31
"""
ISD = '"STATION","DATE","NAME","TMP","DEW"\n"72530094846","{}","CHICAGO, IL US","{}","-0061,1"\n'
AT = datetime(2024, 7, 1, 12, tzinfo=UTC)


def read(folder: Path, text: str, timezone: str = "America/Chicago") -> tuple[pl.DataFrame, list[str]]:
    target = folder / "weather.csv"
    target.write_text(text, encoding="utf-8")
    found = read_weather(target, timezone=timezone)
    assert len(found.rejected) == 0, found.rejected.messages(2)
    return found.frame, [*found.summary.assumptions, *found.summary.warnings]


def epw_row(year: int, month: int, day: int, hour: int, celsius: float) -> str:
    return f"{year},{month},{day},{hour},60,?9?9E0,{celsius},-2.0,70,99400,0,0,300,0,0,0,0"


@pytest.mark.parametrize(("offset", "hours"), [("-6.0", 6), ("5.5", -5.5)])
def test_an_epw_has_no_header_and_a_clock_of_its_own(tmp_path: Path, offset: str, hours: float) -> None:
    rows = [epw_row(2024, 7, 1, hour, hour + 0.5) for hour in (23, 24)]
    frame, notes = read(tmp_path, EPW_HEAD.format(offset=offset) + "\n".join(rows) + "\n")
    first = datetime(2024, 7, 1, 23, tzinfo=UTC) + timedelta(hours=hours)
    assert frame["ts"].to_list() == [first, first + timedelta(hours=1)]
    assert frame["air_temperature_c"].to_list() == [23.5, 24.5]
    assert frame["relative_humidity_pct"].to_list() == [70.0, 70.0]
    assert notes == [f"The file is an EPW of Chicago Ohare, UTC{float(offset):+g} all year."]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "latitude,longitude,utc_offset_seconds,timezone\n41.8,-87.6,-18000,America/Chicago\n\n"
            "time,temperature_2m (°C)\n2024-07-01T07:00,21.5\n2024-12-01T07:00,1.5\n",
            "The file is of Open-Meteo, its times are UTC-5, as it says.",
        ),
        (
            '725300,"CHICAGO",IL,-6.0,41.980,-87.920,201\nDate (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),Dry-bulb (C)\n'
            "07/01/2024,06:00,0,21.5\n",
            "The file is a TMY3 of CHICAGO, UTC-6 all year.",
        ),
        (
            "Source,Location ID,Time Zone,Local Time Zone\nNSRDB,1,-6,-6\n"
            "Year,Month,Day,Hour,Minute,Temperature\n2024,7,1,6,0,21.5\n",
            "Year, month, day and hour have a column each; the times are UTC-6.",
        ),
        (
            "Year,Month,Day,Hour,Temperature\n2024,7,1,7,21.5\n",
            "Year, month, day and hour have a column each; the times are local to --timezone.",
        ),
        (ISD.format(f"{AT:%Y-%m-%dT%H:%M:%S}", "+0215,1"), "The file is NOAA's ISD: UTC"),
        (
            "STATION,DATE,DailyAverageDryBulbTemperature,HourlyDryBulbTemperature\n"
            "1,2024-07-01T06:00:00,,21.5s\n1,2024-07-01T23:59:00,58,\n",
            "The file is NOAA's LCD: local standard time all year, UTC-6, as --timezone has it.",
        ),
        (
            "STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\n   3379;2024070112;    3;  21.5;  70.0;eor\n",
            "The file is of the DWD: UTC.",
        ),
        (
            "time,temp,dwpt,rhum,prcp,coco\n2024-07-01 12:00:00,21.5,,71.0,,\n",
            "The file is of Meteostat: its times are taken as UTC.",
        ),
        (
            "Latitude (decimal degrees): 41.8\nLongitude: -87.6\n\ntime(UTC),T2m,RH,G(h)\n20240701:1200,21.5,70,0\n",
            None,
        ),
    ],
    ids=["open-meteo", "tmy3", "psm", "parts", "isd", "lcd", "dwd", "meteostat", "pvgis"],
)
def test_each_service_keeps_its_own_clock(tmp_path: Path, text: str, note: str | None) -> None:
    frame, notes = read(tmp_path, text)
    known = frame.drop_nulls("air_temperature_c").row(0, named=True)
    assert (known["ts"], known["air_temperature_c"]) == (AT, 21.5)
    assert any(said.startswith(note) for said in notes) if note else notes == []


@pytest.mark.parametrize("cell", ["+9999,9", "+0215,3", "+0215,7"])
def test_isd_values_that_are_missing_or_erroneous_are_left_out(tmp_path: Path, cell: str) -> None:
    frame, _ = read(tmp_path, ISD.format("2024-07-01T12:00:00", cell))
    assert frame["air_temperature_c"].to_list() == [None]


@pytest.mark.parametrize("mark", ["M", "NaN", "nan"])
def test_marks_of_missing_temperatures_are_gaps(tmp_path: Path, mark: str) -> None:
    frame, _ = read(tmp_path, f"station,valid(UTC),tmpf\nORD,2024-07-01 11:51,{mark}\nORD,2024-07-01 12:51,68\n")
    assert frame["air_temperature_c"].to_list() == [None, pytest.approx(20.0)]


def test_months_of_many_years_make_a_typical_year(tmp_path: Path) -> None:
    years = [1999, 2003, 1986, 2001, 1991, 2000, 1988, 1994, 2004, 1993, 2002, 1987]
    rows = [epw_row(year, month, 1, hour, month) for month, year in enumerate(years, 1) for hour in (1, 24)]
    frame, notes = read(tmp_path, EPW_HEAD.format(offset="0") + "\n".join(rows) + "\n")
    assert set(frame["ts"].dt.year().to_list()) == {2023}
    assert frame["air_temperature_c"].to_list() == [float(m) for m in range(1, 13) for _ in range(2)]
    assert notes[1] == "A typical year: its months are of 1986 to 2004 and are dated 2023."


def test_the_last_midnight_of_a_typical_year_begins_the_next() -> None:
    ts = pl.Series([datetime(1999, 1, 1, 1), datetime(1985, 12, 31, 23), datetime(1986, 1, 1)])
    assert one_year(ts)[0].to_list() == [datetime(2023, 1, 1, 1), datetime(2023, 12, 31, 23), datetime(2024, 1, 1)]


def test_a_year_that_begins_in_july_is_no_typical_year() -> None:
    ts = pl.datetime_range(datetime(2023, 7, 1), datetime(2024, 6, 30), "1d", eager=True)
    moved, note = one_year(ts)
    assert moved.equals(ts)
    assert note is None


def test_german_weather_has_decimal_commas(tmp_path: Path) -> None:
    text = "Zeit;Lufttemperatur (°C);Feuchte\n01.07.2024 12:00;-0,7;70\n31.07.2024 13:00;21,5;71\n"
    frame, _ = read(tmp_path, text, "Europe/Berlin")
    assert frame["air_temperature_c"].to_list() == [-0.7, 21.5]
    assert frame["ts"].dt.hour().to_list() == [10, 11]


def test_a_time_stamp_counts_before_its_parts(tmp_path: Path) -> None:
    text = "timestamp,year,month,day,hour,temp_c\n2024-07-01T12:00Z,2024,7,1,7,21.5\n2024-07-31T12:00Z,2024,7,3,7,22\n"
    frame, notes = read(tmp_path, text)
    assert frame["ts"].to_list() == [AT, AT + timedelta(days=30)]
    assert notes == []


def test_a_file_of_one_endless_line_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read(tmp_path, "x" * 300_000)
