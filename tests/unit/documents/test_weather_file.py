from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from redaptive.documents.cell_text import parse_time
from redaptive.documents.columns import pick
from redaptive.documents.weather_columns import weather_columns
from redaptive.documents.weather_file import belongs, read_weather
from redaptive.documents.weather_grid import on_hours
from redaptive.errors import InvalidInput

TWO_SITES = """timestamp,site_id,airTemperature,dewTemperature
2016-01-01 00:00:00,Eagle,1.5,
2016-01-01 01:00:00,Eagle,2.5,
2016-01-01 00:00:00,Fox,20.5,
2016-01-01 01:00:00,Fox,21.5,
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "weather.csv"
    target.write_text(TWO_SITES, encoding="utf-8")
    return target


def test_a_site_is_read_alone(path: Path) -> None:
    found = read_weather(path, timezone="America/New_York", site="Fox")
    assert found.frame["air_temperature_c"].to_list() == [20.5, 21.5]
    assert found.frame["ts"].dt.hour().to_list() == [5, 6]
    assert found.summary.assumptions == ["The weather is that of 'Fox' in column 'site_id'."]


def test_the_names_of_the_meters_tell_the_site(path: Path) -> None:
    found = read_weather(path, meters=["Eagle_office_Lamont", "Eagle_lodging_Dawn"])
    assert found.frame["air_temperature_c"].to_list() == [1.5, 2.5]


@pytest.mark.parametrize("meters", [(), ("b1", "b2"), ("Eagle_office_A", "Fox_office_B")])
def test_several_sites_are_never_mixed(path: Path, meters: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="that of 2 sites: 'Eagle', 'Fox'") as refused:
        read_weather(path, meters=meters)
    assert "--site" in str(refused.value.fix)


def test_an_unknown_site_is_refused_with_those_that_exist(path: Path) -> None:
    with pytest.raises(InvalidInput, match="no site 'Eagel'") as refused:
        read_weather(path, site="Eagel")
    assert "'Eagle', 'Fox'" in str(refused.value.fix)


def test_a_file_of_one_site_needs_no_name(tmp_path: Path) -> None:
    target = tmp_path / "weather.csv"
    target.write_text("\n".join(TWO_SITES.splitlines()[:3]), encoding="utf-8")
    assert read_weather(target).frame.height == 2


def test_weather_of_one_site_does_not_serve_the_meters_of_another(tmp_path: Path) -> None:
    target = tmp_path / "weather.csv"
    target.write_text("\n".join(TWO_SITES.splitlines()[:3]), encoding="utf-8")
    with pytest.raises(InvalidInput, match="1 of 2 meters are of other sites"):
        read_weather(target, meters=["Eagle_office_A", "Fox_office_B"])
    assert read_weather(target, site="Eagle", meters=["Eagle_office_A", "Fox_office_B"]).frame.height == 2
    assert read_weather(target, meters=["b1", "b2"]).frame.height == 2


@pytest.mark.parametrize(
    ("meter", "site", "expected"),
    [("Eagle_office_A", "Eagle", True), ("Eagles_office_A", "Eagle", False), ("Eagle", "Eagle", False)],
)
def test_a_meter_belongs_to_the_site_that_its_name_begins_with(meter: str, site: str, expected: bool) -> None:
    assert belongs(meter, site) is expected


def test_headers_in_camel_case_are_read() -> None:
    assert pick(["airTemperature", "siteId"], ["air temperature"]) == "airTemperature"
    assert pick(["kWh", "readingTime"], ["kwh"]) == "kWh"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Date/Time", "Dew Point Temperature {C}", "Dry Bulb Temperature {C}"], "Dry Bulb Temperature {C}"),
        (["time", "temperature_2m (°C)", "apparent_temperature (°C)"], "temperature_2m (°C)"),
        (["valid(UTC)", "tmpf", "dwpf"], "tmpf"),
        (["ts", "supply_temp", "outdoor_temp"], "outdoor_temp"),
        (["ts", "OAT"], "OAT"),
        (["ts", "T"], "T"),
        (["ts", "temp_max", "temp_min", "temp_avg"], "temp_avg"),
    ],
)
def test_the_air_temperature_is_found_by_the_words_of_its_name(header: list[str], expected: str) -> None:
    assert weather_columns(header)["air_temperature_c"] == expected


@pytest.mark.parametrize("header", [["ts", "zone_temp"], ["ts", "wet_bulb"], ["ts", "north_temp", "south_temp"]])
def test_other_temperatures_are_not_taken_for_that_of_the_air(header: list[str]) -> None:
    assert "air_temperature_c" not in weather_columns(header)


HALF_A_DAY = [f"2024-07-01 {hour:02d}:00" for hour in range(12)]


def written(folder: Path, header: str, rows: list[str]) -> Path:
    target = folder / "weather.csv"
    target.write_text("\n".join([header, *rows]), encoding="utf-8")
    return target


@pytest.mark.parametrize(
    ("header", "value", "said"),
    [
        ("ts,temperature", "68", "Column 'temperature' is in °F."),
        ("ts,temp_c", "68", "Column 'temp_c' says °C, but its values can only be °F: they are read as °F."),
        ("ts,temperature", "293.15", "Column 'temperature' is in K."),
        ("ts,temperature", "20", None),
    ],
)
def test_values_tell_the_unit_of_a_temperature(tmp_path: Path, header: str, value: str, said: str | None) -> None:
    found = read_weather(written(tmp_path, header, [f"{ts},{value}" for ts in HALF_A_DAY]))
    assert found.frame["air_temperature_c"].to_list() == pytest.approx([20.0] * 12)
    assert [*found.summary.assumptions, *found.summary.warnings] == ([said] if said else [])


def test_numbers_for_missing_temperatures_do_not_make_degrees_fahrenheit(tmp_path: Path) -> None:
    rows = [f"{ts},{'9999' if i % 3 == 0 else '20'}" for i, ts in enumerate(HALF_A_DAY)]
    found = read_weather(written(tmp_path, "ts,temperature", rows))
    assert found.frame["air_temperature_c"].to_list() == [20.0] * 8
    assert len(found.rejected) == 4


def test_date_and_hour_may_have_a_column_each(tmp_path: Path) -> None:
    rows = [f"01/07/2024,{hour},{hour + 10}" for hour in range(12)] + ["31/07/2024,0,9"]
    found = read_weather(written(tmp_path, "Date,Hour,Temp (C)", rows), timezone="Europe/London")
    assert found.frame["ts"].dt.hour().to_list() == [23, *range(11), 23]
    assert found.frame["air_temperature_c"].to_list() == [*map(float, range(10, 22)), 9.0]


def test_a_header_in_utc_is_believed(tmp_path: Path) -> None:
    target = written(tmp_path, "valid(UTC),temp_c", ["2024-07-01 12:00,20"])
    assert read_weather(target, timezone="America/New_York").frame["ts"].dt.hour().to_list() == [12]


def weather(hours: list[int], values: list[float]) -> pl.DataFrame:
    start = datetime(2024, 7, 1, tzinfo=UTC)
    return pl.DataFrame({"ts": [start + timedelta(hours=h) for h in hours], "air_temperature_c": values}).cast(
        {"ts": pl.Datetime("us", "UTC")}
    )


def test_daily_weather_stands_for_the_hours_of_its_local_days() -> None:
    laid, note = on_hours(weather([23, 47, 71], [10.0, 20.0, 30.0]), "Europe/London")
    assert laid["ts"].to_list() == [datetime(2024, 7, 1, 23, tzinfo=UTC) + timedelta(hours=h) for h in range(72)]
    assert laid["air_temperature_c"].to_list() == [10.0] * 24 + [20.0] * 24 + [30.0] * 24
    assert note is not None
    assert "daily" in note


def test_temperatures_a_few_hours_apart_are_joined_but_gaps_are_not() -> None:
    laid, note = on_hours(weather([0, 6, 12, 30, 36], [0.0, 6.0, 12.0, 30.0, 36.0]), "UTC")
    known = laid.drop_nulls("air_temperature_c")
    assert known["air_temperature_c"].to_list() == [float(h) for h in (*range(13), *range(30, 37))]
    assert note == "Temperatures 6 hours apart are joined by straight lines."


def test_temperatures_a_few_hours_apart_hold_where_nothing_may_be_known_ahead() -> None:
    laid, note = on_hours(weather([0, 6, 12, 30, 36], [0.0, 6.0, 12.0, 30.0, 36.0]), "UTC", ahead=False)
    held = [0.0] * 6 + [6.0] * 6 + [12.0] * 6 + [30.0] * 6 + [36.0] * 6
    assert laid["air_temperature_c"].to_list() == held
    assert laid["ts"].is_sorted()
    assert note == "Temperatures are 6 hours apart: each holds until the next."


def test_hourly_weather_is_left_as_it_is() -> None:
    given = weather([0, 1, 2, 30], [1.0, 2.0, 3.0, 4.0])
    laid, note = on_hours(given, "UTC")
    assert laid.equals(given)
    assert note is None


def test_monthly_weather_is_refused() -> None:
    with pytest.raises(InvalidInput, match="30 days apart"):
        on_hours(weather([0, 720, 1440], [1.0, 2.0, 3.0]), "UTC")


def test_a_month_alone_is_its_first_day() -> None:
    assert parse_time("2024-03", day_first=False).ts == datetime(2024, 3, 1)
    assert parse_time("2024-13", day_first=False).ts is None
