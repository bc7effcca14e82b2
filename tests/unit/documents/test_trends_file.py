"""Files of trends: wide and long, mapped and found by name, in any unit and zone, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from redaptive.documents.trends_config import TrendsConfig, read_config
from redaptive.documents.trends_file import read_trends
from redaptive.errors import InvalidInput

START = datetime(2026, 1, 5, 6, tzinfo=UTC)


def stamps(rows: int) -> pl.Series:
    return pl.datetime_range(START, START.replace(day=6), "5m", eager=True).head(rows).dt.strftime("%Y-%m-%d %H:%M")


def write(path: Path, columns: dict[str, object], rows: int = 12) -> Path:
    pl.DataFrame({"Time": stamps(rows), **columns}).write_csv(path)
    return path


def config(tmp_path: Path, text: str) -> TrendsConfig:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return read_config(path)


def test_columns_that_are_points_are_found_with_their_unit(tmp_path: Path) -> None:
    path = write(
        tmp_path / "AHU-7.csv", {"SAT (degC)": [20.0] * 12, "heating valve": [30.0] * 12, "Remark": ["x"] * 12}
    )
    found = read_trends(path, TrendsConfig())
    (trend,) = found.trends
    assert (trend.equipment_id, trend.step_s, trend.rows) == ("AHU-7", 300, 12)
    assert trend.start_s == int(START.timestamp())
    assert trend.columns["sat"] == pytest.approx(np.full(12, 68.0))
    assert found.unused == ("Remark",)


def test_a_mapping_names_columns_units_constants_and_zone(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"A.MAT": [10.0] * 12, "A.SF": ["on"] * 6 + ["Off"] * 6, "sat": ["Bad"] * 12})
    chosen = config(
        tmp_path,
        'equipment = "AHU-3"\ntimezone = "America/Chicago"\n[points]\nmat = { column = "a.mat", unit = "degC" }\n'
        'fan_status = "A.SF"\n[constants]\noa_damper_min = 20\n',
    )
    found = read_trends(path, chosen)
    (trend,) = found.trends
    assert trend.equipment_id == "AHU-3"
    assert trend.start_s == int(START.timestamp()) + 6 * 3600
    assert trend.columns["mat"] == pytest.approx(np.full(12, 50.0))
    assert trend.columns["fan_status"].tolist() == [1.0] * 6 + [0.0] * 6
    assert trend.columns["oa_damper_min"].tolist() == [20.0] * 12
    assert found.bad_cells == 12, "a word that is no figure is said"
    assert "sat" not in trend.columns


def test_one_file_holds_many_units_and_samples_a_row(tmp_path: Path) -> None:
    rows = [
        (t, unit, point, 50.0 + i) for i, t in enumerate(stamps(12)) for unit in ("A", "B") for point in ("sat", "M")
    ]
    path = tmp_path / "long.csv"
    pl.DataFrame(rows, schema=["ts", "unit", "point", "value"], orient="row").write_csv(path)
    chosen = config(
        tmp_path,
        'equipment_column = "unit"\npoint_column = "point"\nvalue_column = "value"\n[points]\nmat = "m"\n',
    )
    found = read_trends(path, chosen)
    assert [trend.equipment_id for trend in found.trends] == ["A", "B"]
    assert set(found.trends[1].columns) == {"sat", "mat"}
    assert found.trends[1].columns["mat"] == pytest.approx(50.0 + np.arange(12))


def test_parquet_and_csv_are_read_alike(tmp_path: Path) -> None:
    frame = pl.DataFrame({"Time": stamps(12), "sat": [55.25 + i for i in range(12)], "equipment": ["A", "B"] * 6})
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    first, second = (read_trends(tmp_path / name, TrendsConfig()).trends for name in ("a.csv", "a.parquet"))
    assert len(first) == 2
    for one, other in zip(first, second, strict=True):
        assert (one.equipment_id, one.start_s, one.step_s) == (other.equipment_id, other.start_s, other.step_s)
        assert np.array_equal(one.columns["sat"], other.columns["sat"], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("kind = 'boiler'", "Input should be", "kind"),
        ("colour = 1", "Extra inputs", "colour"),
        ("[points]\nsupply = 'x'", "no point role 'supply'", "point"),
        ("[points]\nsat = { column = 'x', unit = 'kW' }", "sat cannot be in 'kW'", "points.sat.unit"),
        ("interval_s = 7", "must be one of", "interval_s"),
        ("points = [", "not TOML", "config.toml"),
    ],
)
def test_a_configuration_that_is_wrong_says_where(tmp_path: Path, text: str, words: str, where: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        config(tmp_path, text)
    assert where in str(caught.value.field)
    assert caught.value.fix


def test_files_that_say_nothing_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"Supply": [55.0] * 12})
    with pytest.raises(InvalidInput, match=r"No column of t\.csv is a known point"):
        read_trends(path, TrendsConfig())
    with pytest.raises(InvalidInput, match="no column 'Suply'") as caught:
        read_trends(path, config(tmp_path, "[points]\nsat = 'Suply'"))
    assert "supply" in str(caught.value.fix).lower()
    odd = tmp_path / "odd.csv"
    odd.write_text("Time,sat\n2026-01-05 06:00,55\nyesterday,56\n")
    with pytest.raises(InvalidInput, match="'yesterday' is no time") as caught:
        read_trends(odd, TrendsConfig())
    assert caught.value.field == "odd.csv:3:Time"
    blank = write(tmp_path / "blank.csv", {"sat": [""] * 12})
    with pytest.raises(InvalidInput, match="no samples"):
        read_trends(blank, TrendsConfig())


def column(path: Path, **points: list[float]) -> Path:
    n = len(next(iter(points.values())))
    stamps = [f"2024-01-01 00:{5 * i:02d}" for i in range(n)]
    pl.DataFrame({"ts": stamps, **points}).write_csv(path)
    return path


def test_units_that_values_can_only_be_in_are_taken_and_said(tmp_path: Path) -> None:
    path = column(tmp_path / "a.csv", sat=[13.0, 14, 15], oat=[-5.0, -5, -6], fan=[0.5, 0.6, 1.0])
    file = read_trends(path, TrendsConfig())
    points = file.trends[0].columns
    assert points["sat"][0] == pytest.approx(13 * 1.8 + 32)
    assert points["oat"][0] == pytest.approx(-5 * 1.8 + 32)
    assert points["fan"].tolist() == pytest.approx([50.0, 60.0, 100.0])
    assert [said.split(" can only")[0] for said in file.assumed] == ["sat, oat", "fan"]


@pytest.mark.parametrize(
    "points",
    [
        {"sat": [55.0, 56, 57], "oat": [20.0, 21, 22]},
        {"oat": [20.0, 21, 22]},
        {"fan": [0.0, 1.0, 1.0]},
        {"fan": [50.0, 60, 70], "heating_valve": [0.0, 0.5, 0.9]},
    ],
    ids=["degF", "only outdoors", "on and off", "nearly shut"],
)
def test_values_that_may_be_as_they_should_are_left(tmp_path: Path, points: dict[str, list[float]]) -> None:
    file = read_trends(column(tmp_path / "a.csv", **points), TrendsConfig())
    assert file.assumed == ()
    for role, given in points.items():
        assert file.trends[0].columns[role].tolist() == pytest.approx(given)


def test_valves_and_dampers_may_be_fractions_where_speeds_are_not(tmp_path: Path) -> None:
    path = column(tmp_path / "a.csv", fan=[50.0, 60, 70], cooling_valve=[0.2, 0.5, 0.9], oa_damper=[0.0, 0.0, 1.0])
    points = read_trends(path, TrendsConfig()).trends[0].columns
    assert points["cooling_valve"].tolist() == pytest.approx([20.0, 50.0, 90.0])
    assert points["oa_damper"].tolist() == pytest.approx([0.0, 0.0, 100.0])
    assert points["fan"].tolist() == pytest.approx([50.0, 60.0, 70.0])


def test_a_unit_that_is_written_counts(tmp_path: Path) -> None:
    path = column(tmp_path / "a.csv", **{"sat (degF)": [13.0, 14, 15]})
    assert read_trends(path, TrendsConfig()).trends[0].columns["sat"].tolist() == pytest.approx([13.0, 14, 15])


def test_usual_names_of_points_are_known(tmp_path: Path) -> None:
    names = [
        "Supply Air Temp",
        "MA_TEMP",
        "Outside Air Temperature (degC)",
        "CHW Valve Position",
        "SF Speed",
        "Rainfall",
    ]
    file = read_trends(column(tmp_path / "a.csv", **{name: [60.0, 61, 62] for name in names}), TrendsConfig())
    assert set(file.trends[0].columns) == {"sat", "mat", "oat", "cooling_valve", "fan"}
    assert file.trends[0].columns["oat"][0] == pytest.approx(140.0)
    assert file.unused == ("Rainfall",)


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("ts,sat\n")
    with pytest.raises(InvalidInput, match="no rows"):
        read_trends(tmp_path / "a.csv", TrendsConfig())


def test_a_box_has_discharge_air_and_a_mapped_column_is_one_point_only(tmp_path: Path) -> None:
    path = column(tmp_path / "a.csv", **{"Discharge Air Temp": [60.0, 61, 62], "Zone Temp": [70.0, 71, 72]})
    assert set(read_trends(path, TrendsConfig(kind="vav")).trends[0].columns) == {"dat", "zone"}
    mapped = TrendsConfig.model_validate({"points": {"hc_leave": "Discharge Air Temp"}})
    assert set(read_trends(path, mapped).trends[0].columns) == {"hc_leave", "zone"}


def test_samples_a_row_need_no_configuration(tmp_path: Path) -> None:
    rows = [
        (t, point, unit, 20.0 + i)
        for i, t in enumerate(stamps(12))
        for point, unit in (("AHU-1/SAT", "degC"), ("AHU-1/OA Temp", "degF"), ("AHU-2/SAT", "degC"), ("Lift", ""))
    ]
    path = tmp_path / "long.csv"
    pl.DataFrame(rows, schema=["Timestamp", "Point Name", "Units", "Value"], orient="row").write_csv(path)
    found = read_trends(path, TrendsConfig())
    assert [trend.equipment_id for trend in found.trends] == ["AHU-1", "AHU-2"]
    assert found.trends[0].columns["sat"] == pytest.approx((20.0 + np.arange(12)) * 1.8 + 32.0)
    assert found.trends[0].columns["oat"] == pytest.approx(20.0 + np.arange(12))
    assert found.unused == ("Lift",)


def test_columns_of_several_units_make_several_trends(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"AHU-1 SAT": [55.0] * 12, "AHU-2 SAT": [60.0] * 12, "OAT": [40.0] * 12})
    found = read_trends(path, TrendsConfig())
    assert {t.equipment_id: t.columns["sat"][0] for t in found.trends} == {"AHU-1": 55.0, "AHU-2": 60.0}
    assert all(t.columns["oat"][0] == 40.0 for t in found.trends)
    one = write(tmp_path / "one.csv", {"AHU-1 SAT": [55.0] * 12, "OAT": [40.0] * 12})
    assert [t.equipment_id for t in read_trends(one, TrendsConfig()).trends] == ["one"]


@pytest.mark.parametrize(
    ("name", "cells", "role", "wanted"),
    [
        ("SAT_C", ["20"], "sat", 68.0),
        ("rat degF", ["72"], "rat", 72.0),
        ("sat", ["20 °C"], "sat", 68.0),
        ("sat", ["55,5"], "sat", 55.5),
        ("Cool Vlv", ["45%"], "cooling_valve", 45.0),
        ("HHW-VLV CMD", ["Open"], "heating_valve", 100.0),
        ("Supply Fan", ["On"], "fan", 100.0),
        ("SF Sts", ["Stopped"], "fan_status", 0.0),
        ("discharge-air-temp-sp", ["60"], "sat_setpoint", 60.0),
        ("Duct Static Pressure (in. w.c.)", ["1.5"], "dsp", 1.5),
        ("AHU: Outdoor Air Damper Control Signal", ["30"], "oa_damper", 30.0),
    ],
)
def test_cells_and_names_as_people_write_them(
    tmp_path: Path, name: str, cells: list[str], role: str, wanted: float
) -> None:
    path = write(tmp_path / "t.csv", {name: cells * 12, "mat": [60.0] * 12})
    found = read_trends(path, TrendsConfig())
    assert found.bad_cells == 0
    assert found.trends[0].columns[role] == pytest.approx(np.full(12, wanted))


def test_the_kind_is_what_the_points_tell(tmp_path: Path) -> None:
    plant = write(tmp_path / "p.csv", {"CHWST": [44.0] * 12, "CHWRT": [54.0] * 12, "Chiller kW": [200.0] * 12})
    box = write(
        tmp_path / "v.csv",
        {"SAT": [55.0] * 12, "Discharge Air Temp": [70.0] * 12, "Airflow": [300.0] * 12, "Reheat Valve": [0.0] * 12},
    )
    found = read_trends(plant, TrendsConfig())
    assert (found.kind, set(found.trends[0].columns)) == ("plant", {"chws", "chwr", "power"})
    found = read_trends(box, TrendsConfig())
    assert (found.kind, found.trends[0].columns["dat"][0], found.trends[0].columns["sat"][0]) == ("vav", 70.0, 55.0)
    assert read_trends(plant, TrendsConfig(kind="ahu")).kind == "ahu"


def test_points_logged_on_change_are_kept_until_the_next_one(tmp_path: Path) -> None:
    minutes = {"heating_valve": (0, 7, 31, 55, 300), "sat": tuple(range(0, 305, 5)), "sat_setpoint": (0,)}
    rows = sorted((m, p, 40.0 + 10 * i % 60 if p != "sat" else 60.0 + i % 7) for p, ms in minutes.items()
                  for i, m in enumerate(ms))  # fmt: skip
    rows = [(f"2026-01-05 {m // 60:02d}:{m % 60:02d}", p, v) for m, p, v in rows]
    path = tmp_path / "cov.csv"
    pl.DataFrame(rows, schema=["ts", "point", "value"], orient="row").write_csv(path)
    found = read_trends(path, TrendsConfig())
    trend = found.trends[0]
    assert (trend.step_s, trend.rows) == (300, 61)
    assert trend.columns["heating_valve"][:3].tolist() == pytest.approx([40.0, 40.0 + 10.0 * 3 / 5, 50.0])
    assert set(trend.columns["heating_valve"][11:60]) == {70.0}
    assert set(trend.columns["sat_setpoint"]) == {40.0}
    assert "heating_valve, sat_setpoint are logged when they change" in found.assumed[0]
    short = read_trends(path, TrendsConfig(hold_min=10.0))
    assert np.isnan(short.trends[0].columns["heating_valve"][30])
    assert short.assumed == ()


def test_temperatures_of_two_units_each_tell_their_own(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"sat": [13.0] * 12, "rat": [72.0] * 12, "mat": [15.0] * 12})
    columns = read_trends(path, TrendsConfig()).trends[0].columns
    assert [float(columns[role][0]) for role in ("sat", "rat", "mat")] == pytest.approx([55.4, 72.0, 59.0])


def test_a_day_and_a_clock_may_have_a_column_each(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    clocks = ("11:50 AM", "11:55 AM", "12:00 PM", "12:05 PM", "12:10 PM", "1:00 PM")
    path.write_text("\n".join(["Date,Time,sat", *(f"01/05/2026,{c},{55 + i}" for i, c in enumerate(clocks))]))
    (trend,) = read_trends(path, TrendsConfig()).trends
    assert trend.start_s == int(START.replace(hour=11, minute=50).timestamp())
    assert trend.columns["sat"][[0, 2, 4, 14]].tolist() == [55.0, 57.0, 59.0, 60.0]


def test_lost_samples_are_bridged_and_said_or_left_out(tmp_path: Path) -> None:
    cells = ["55", "", "57", *["58"] * 9]
    path = write(tmp_path / "t.csv", {"sat": cells, "rat": ["72"] * 12})
    found = read_trends(path, TrendsConfig())
    assert found.trends[0].columns["sat"][:3].tolist() == [55.0, 55.0, 57.0]
    assert found.assumed[0].startswith("1 samples that are missing")
    left = read_trends(path, TrendsConfig(hold_min=0.0))
    assert np.isnan(left.trends[0].columns["sat"][1])
    assert left.assumed == ()
