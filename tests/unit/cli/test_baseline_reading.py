"""Files of strangers as meters: bills, registers, clocks, columns; what was assumed is said."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from redaptive.cli.baseline_reading import Columns, MeterFiles, Reading, read_files
from redaptive.cli.place import Place
from redaptive.errors import InvalidInput

HOURS = 24 * 40
START = datetime(2024, 3, 10)
LONDON = Place("Europe/London", "GB")
LOAD = 40 + 20 * np.sin(np.arange(HOURS) / 4) + np.random.default_rng(3).normal(0, 1, HOURS)


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    stamps = [f"{START + timedelta(hours=h):%Y-%m-%dT%H:%MZ}" for h in range(HOURS)]
    table = {"time": stamps, "temp_c": (10 + 5 * np.sin(np.arange(HOURS) / 24)).round(2)}
    pl.DataFrame(table).write_csv(tmp_path / "weather.csv")
    return tmp_path / "weather.csv"


def hourly(path: Path, **columns: np.ndarray) -> Path:
    stamps = [f"{START + timedelta(hours=h):%Y-%m-%d %H:%M}" for h in range(HOURS)]
    pl.DataFrame({"ts": stamps, **{name: v.round(3) for name, v in columns.items()}}).write_csv(path)
    return path


def energy_kwh(files: MeterFiles, meter: str) -> float:
    return float(files.frame.filter(pl.col("meter_code").cast(pl.String) == meter)["value"].sum()) / 1000


def test_a_register_beside_a_meter_gives_its_differences(tmp_path: Path, weather: Path) -> None:
    path = hourly(tmp_path / "r.csv", plain=LOAD, state=5_000 + LOAD.cumsum())
    files = read_files(path, weather, Place())
    assert set(files.names) == {"plain", "state"}
    assert energy_kwh(files, "plain") == pytest.approx(LOAD.sum(), rel=1e-3)
    assert energy_kwh(files, "state") == pytest.approx(LOAD[1:].sum(), rel=1e-3)
    assert any("The values of state never fall" in note for note in files.notes)


@pytest.mark.parametrize("others", [{}, {"west": LOAD, "east": LOAD}], ids=["alone", "beside others"])
def test_a_register_above_what_power_can_be_is_recognised(
    tmp_path: Path, weather: Path, others: dict[str, np.ndarray]
) -> None:
    path = hourly(tmp_path / "r.csv", state=99_000 + 20 * LOAD.cumsum(), **others)
    files = read_files(path, weather, Place())
    assert set(files.names) == {"state", *others}
    assert energy_kwh(files, "state") == pytest.approx(20 * LOAD[1:].sum(), rel=1e-3)
    for name, load in others.items():
        assert energy_kwh(files, name) == pytest.approx(load.sum(), rel=1e-3)


def test_monthly_values_are_bills(tmp_path: Path, weather: Path) -> None:
    (tmp_path / "r.csv").write_text("month,a\n2024-03,3100\n2024-04,3000\n".replace("month", "date"))
    files = read_files(tmp_path / "r.csv", weather, LONDON)
    assert files.billed == {"a"}
    assert energy_kwh(files, "a") == pytest.approx(6_100)
    assert files.frame.height == 61
    assert any("are bills" in note for note in files.notes)


def test_readings_may_be_in_utc_where_the_site_is_not(tmp_path: Path, weather: Path) -> None:
    path = hourly(tmp_path / "r.csv", a=LOAD)
    utc = read_files(path, weather, LONDON, Reading(readings_timezone="UTC"))
    assert utc.hints[0].n == HOURS
    local = read_files(path, weather, LONDON)
    assert local.hints[0].n < HOURS  # the hour that is skipped in March falls upon the next one
    assert any("--readings-timezone UTC" in note for note in local.notes)
    assert not any("--readings-timezone" in note for note in utc.notes)


def test_utc_is_said_where_no_zone_was_given(tmp_path: Path, weather: Path) -> None:
    files = read_files(hourly(tmp_path / "r.csv", a=LOAD), weather, Place())
    assert "Time stamps without an offset are UTC; give --timezone if they are local." in files.notes


def test_columns_of_any_name_are_read_when_they_are_named(tmp_path: Path, weather: Path) -> None:
    stamps = [f"{START + timedelta(hours=h):%Y-%m-%d %H:%M}" for h in range(HOURS)]
    pl.DataFrame({"Zeit": stamps, "Haus": ["H1"] * HOURS, "Menge": LOAD.round(3)}).write_csv(tmp_path / "r.csv")
    files = read_files(tmp_path / "r.csv", weather, Place(), Reading(columns=Columns("Haus", "Zeit", "Menge")))
    assert files.names == ("H1",)
    assert energy_kwh(files, "H1") == pytest.approx(LOAD.sum(), rel=1e-3)


def test_columns_that_are_left_out_of_a_file_of_one_meter_are_said(tmp_path: Path, weather: Path) -> None:
    files = read_files(hourly(tmp_path / "r.csv", kwh=LOAD, west=LOAD), weather, Place())
    assert files.names == ("r",)
    assert any(note.startswith("r.csv was read as one meter, 'r'") and "'west'" in note for note in files.notes)


def test_rejected_weather_is_said(tmp_path: Path, weather: Path) -> None:
    weather.write_text(weather.read_text() + "2024-05-01T00:00Z,999\n")
    notes = read_files(hourly(tmp_path / "r.csv", a=LOAD), weather, Place()).notes
    assert f"1 of {HOURS + 1} rows of weather.csv were rejected." in notes


def test_rows_that_cannot_be_used_refuse_the_file(tmp_path: Path, weather: Path) -> None:
    path = hourly(tmp_path / "r.csv", a=LOAD * 1e7)
    with pytest.raises(InvalidInput, match="rows are rejected"):
        read_files(path, weather, Place())
