"""Weather of a normal year: files whose clock begins a little after the local year."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from redaptive.cli.mv_normal import normal_hours
from redaptive.cli.place import Place
from redaptive.errors import InvalidInput

CHICAGO = Place("America/Chicago", "US")


def tmy3(folder: Path, hours: int) -> Path:
    """A typical year from 01:00 on, as TMY3 files count; the temperature of an hour is its number over 500."""
    rows = ['725300,"CHICAGO",IL,-6.0,41.98,-87.92,201', "Date (MM/DD/YYYY),Time (HH:MM),Dry-bulb (C)"]
    for hour in range(hours):
        day = datetime(2023, 1, 1) + timedelta(hours=hour)
        rows.append(f"{day:%m/%d}/{1980 + day.month % 5},{day.hour + 1:02d}:00,{hour / 500}")
    (folder / "tmy3.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder / "tmy3.csv"


def test_a_year_that_begins_at_one_o_clock_ends_with_its_first_hours(tmp_path: Path) -> None:
    hours, notes = normal_hours(tmy3(tmp_path, 8_760), CHICAGO)
    assert hours.n == 8_760
    assert hours.weather_known.all()
    assert hours.temperature_c[-24:] == pytest.approx(np.r_[8_759, np.arange(23)] / 500)
    assert "A typical year: its months are of 1980 to 1984 and are dated 2023." in notes


def test_a_year_that_lacks_two_days_is_not_filled(tmp_path: Path) -> None:
    hours, _ = normal_hours(tmy3(tmp_path, 8_712), CHICAGO)
    assert not hours.weather_known[-24:].any()


def test_a_file_without_temperatures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("time,temp_c\n2024-01-01 00:00,\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no temperature"):
        normal_hours(tmp_path / "w.csv", CHICAGO)
