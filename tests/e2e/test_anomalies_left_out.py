"""Rows that `redaptive anomalies score` gives back without judging them: why, and with no value in another unit."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.e2e.conftest import Told

from redaptive.cli.main import run

START = datetime(2026, 1, 5)


def _stamp(hour: int) -> str:
    return f"{START + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}"


def _file(path: Path, rows: Sequence[str], header: str = "meter,timestamp,kwh") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def _score(path: Path, out: Path, *options: str) -> pl.DataFrame:
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(out), *options]) == 0
    return pl.read_parquet(out) if out.suffix == ".parquet" else pl.read_csv(out)


def _rejected(out: Path) -> list[dict[str, str]]:
    with out.with_name(f"{out.stem}.rejected.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_what_is_left_out_is_in_the_unit_of_the_others_or_empty(tmp_path: Path) -> None:
    rows = [f"A,{_stamp(k)},{26_000 + k % 24}" for k in range(24 * 10)]
    rows += [
        "A,2199-01-01 00:00:00,33000",
        "A,1970-01-01 00:00:00,31000",
        "A,never,32000",
        f"A,{_stamp(30)},99000",
        f"A,{_stamp(30)[:14]}29:00,27000",  # off the grid by almost half an interval
        "B,2199-01-01 00:00:00,44000",  # nothing says what B is
    ]
    scored = _score(_file(tmp_path / "in.csv", rows, "meter,timestamp,wh"), tmp_path / "o.parquet")
    back = scored.tail(6)
    assert back["kind"].to_list() == ["refused", "refused", "unreadable", "contradiction", "refused", "refused"]
    assert back["value"].to_list() == [33.0, 31.0, None, 99.0, 27.0, None]
    assert back["unit"].to_list() == ["kWh"] * 5 + [None]
    assert scored["value"].drop_nulls().is_between(26, 99).all()


def test_a_register_that_fell_leaves_no_count_among_differences(tmp_path: Path) -> None:
    total = 5_000_000 + np.cumsum(np.full(24 * 12, 25_000.0))
    total[200:] -= 6_000_000
    rows = [f"A,{_stamp(k)},{value:.0f}" for k, value in enumerate(total)]
    rows.append(f"A,{_stamp(100)},77")
    out = tmp_path / "o.parquet"
    scored = _score(_file(tmp_path / "in.csv", rows, "meter,timestamp,wh"), out, "--cumulative")
    assert set(scored["kind"]) >= {"refused", "contradiction"}
    assert scored["value"].drop_nulls().unique().to_list() == [25.0], "a gap of two intervals is shared"
    assert {row["wh"] for row in _rejected(out)} == {f"{total[200]:.0f}", f"{total[100]:.0f}", "77"}


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json"])
def test_what_is_no_number_is_empty_in_every_format(tmp_path: Path, suffix: str) -> None:
    rows = [f"A,{_stamp(k)},{20 + k % 24}" for k in range(24 * 10)]
    for k, cell in enumerate(("NaN", "inf", "-inf", "Infinity", "1e400", "nan")):
        rows[50 + k] = f"A,{_stamp(50 + k)},{cell}"
    out = tmp_path / f"o.{suffix}"
    path = _file(tmp_path / "in.csv", rows)
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(out)]) == 0
    if suffix == "csv":
        cells = [line.split(",")[2] for line in out.read_text().splitlines()[51:57]]
        assert cells == [""] * 6
        return
    table = pl.read_parquet(out) if suffix == "parquet" else pl.DataFrame(json.loads(out.read_text()))
    assert table["value"].null_count() == 6
    assert table["value"].is_nan().sum() == 0


@pytest.mark.parametrize("place", [0, 240])
def test_of_contradicting_rows_none_is_judged_whatever_their_order(tmp_path: Path, told: Told, place: int) -> None:
    rows = [f"A,{_stamp(k)},{20 + k % 24}" for k in range(240)]
    wrong = f"A,{_stamp(100)},999"
    path, out = _file(tmp_path / "in.csv", [*rows[:place], wrong, *rows[place:]]), tmp_path / "o.csv"
    scored = _score(path, out)
    twins = scored.filter(pl.col("ts") == f"{START + timedelta(hours=100):%Y-%m-%dT%H:%M:%SZ}")
    assert sorted(twins["value"]) == [24.0, 999.0]
    assert twins.select("kind", "score", "flag", "expected").unique().rows() == [("contradiction", 0.0, False, None)]
    assert [row["kwh"] for row in _rejected(out)] == (["999", "24"] if place == 0 else ["24", "999"])
    without = _score(_file(tmp_path / "b.csv", rows[:100] + rows[101:]), tmp_path / "b.out.csv")
    judged = scored.filter(pl.col("kind") != "contradiction")
    assert judged.select("ts", "score", "expected").equals(without.select("ts", "score", "expected"), null_equal=True)
    assert "contradiction 2" in told()


def _units(units: dict[int, str], usual: str = "kWh") -> list[str]:
    return [f"A_e,{_stamp(k)},{20 + k % 24},{units.get(k, usual)}" for k in range(240)]


@pytest.mark.parametrize(
    ("unit", "fix"), [("kWhs", "Did you mean kWh?"), ("MWhs", "Did you mean MWh?"), ("bananas", "Use one of")]
)
def test_an_unknown_unit_refuses_its_rows_alone(tmp_path: Path, told: Told, unit: str, fix: str) -> None:
    path, out = (
        _file(tmp_path / "in.csv", _units({5: unit, 7: "kW.h"}), "meter,timestamp,value,unit"),
        tmp_path / "o.csv",
    )
    scored = _score(path, out)
    assert scored["kind"].to_list().count("refused") == 1
    assert (scored["kind"][5], scored["value"][5]) == ("refused", None)
    assert scored["value"][7] == 27.0
    said = told()
    assert f"{unit!r} is unknown" in said
    assert fix in said
    assert [row["unit"] for row in _rejected(out)] == [unit]


@pytest.mark.parametrize(
    ("units", "usual", "value", "said"),
    [
        (dict.fromkeys(range(0, 240, 2), ""), "Wh", 0.02, "in that of their meter's other values"),
        ({}, "", 20.0, "Values without a unit are kWh."),
        ({5: ""}, "m3", 20.0, "in that of their meter's other values"),
    ],
)
def test_an_empty_unit_is_that_of_the_other_rows_or_kwh(
    tmp_path: Path, told: Told, units: dict[int, str], usual: str, value: float, said: str
) -> None:
    path = _file(tmp_path / "in.csv", _units(units, usual), "meter,timestamp,value,unit")
    scored = _score(path, tmp_path / "o.csv")
    assert scored["value"].to_list() == pytest.approx([value / 20 * (20 + k % 24) for k in range(240)])
    assert not scored["kind"].str.contains("refused").any()
    assert said in told()


@pytest.mark.parametrize(("other", "usual"), [("m3", "kWh"), ("kvarh", "kWh"), ("kWh", "m3"), ("kvarh", "kvah")])
def test_amounts_of_another_kind_are_not_judged_among_a_meters_own(
    tmp_path: Path, told: Told, other: str, usual: str
) -> None:
    path, out = _file(tmp_path / "in.csv", _units({5: other}, usual), "meter,timestamp,value,unit"), tmp_path / "o.csv"
    scored = _score(path, out)
    assert (scored["kind"][5], scored["value"][5]) == ("refused", None)
    assert scored["kind"].to_list().count("refused") == 1
    assert set(scored["unit"]) == {usual}
    said = told()
    assert f"{other} cannot stand among readings in {usual}" in said
    assert f"in {other} are judged as they stand" not in said
    assert "1 row was rejected and is kept in" in said


def test_a_meter_without_a_usable_row_is_in_the_summary(tmp_path: Path, told: Told) -> None:
    rows = [f"A,{_stamp(k)},{20 + k % 24}" for k in range(240)]
    rows += [f"B,{_stamp(k)},x" for k in range(50)] + [f"C,{_stamp(k)}," for k in range(40)] + [f"D,{_stamp(5)},12"]
    path, out = _file(tmp_path / "in.csv", rows), str(tmp_path / "o.csv")
    assert run(["anomalies", "score", "--readings", str(path), "--out", out, "--json"]) == 0
    summary = json.loads(told())
    counts = {one["meter"]: (one["readings"], one["unjudged"]) for one in summary["meters"]}
    assert counts == {"A": (240, 0), "B": (0, 50), "C": (0, 40), "D": (1, 0)}
    assert (summary["readings"], summary["judged"]) == (331, 241)
    assert run(["anomalies", "score", "--readings", str(path), "--out", out]) == 0
    said = told()
    assert "241 readings of 4 meters scored" in said
    assert "not judged" in said
    assert "No row could be used of: B, C." in said
    assert run(["anomalies", "audit", "--readings", str(path)]) == 0
    assert "No row could be used of: B, C." in told()
