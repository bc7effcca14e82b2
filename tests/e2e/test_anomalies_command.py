"""`redaptive anomalies score`: one row per reading, whatever the file, without servers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from redaptive.cli.main import run

HOURS = 24 * 45
START = datetime(2026, 1, 5)
SPIKE, STUCK, OUT = HOURS - 100, slice(HOURS - 80, HOURS - 50), slice(HOURS - 40, HOURS - 24)


def _values(seed: int = 1) -> np.ndarray:
    hour = np.arange(HOURS)
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    value = 50 + 30 * is_open + np.random.default_rng(seed).normal(0, 1.5, HOURS)
    value[SPIKE], value[STUCK], value[OUT] = 400, value[STUCK.start], 0.0
    return value.round(3)


def _lead(path: Path, values: np.ndarray) -> Path:
    """The layout of a public set of labelled meters: numeric ids, empty cells, a column to ignore."""
    rows = ["building_id,timestamp,meter_reading,anomaly"]
    for k, value in enumerate(values):
        cell = "" if k % 50 == 7 else str(value)
        rows.append(f"32,{START + timedelta(hours=k):%Y-%m-%d %H:%M:%S},{cell},0")
    path.write_text("\n".join(rows) + "\n")
    return path


def _score(path: Path, out: Path, *options: str) -> pl.DataFrame:
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(out), *options]) == 0
    return pl.read_csv(out, try_parse_dates=True) if out.suffix == ".csv" else pl.read_parquet(out)


@pytest.mark.parametrize("mode", ["--causal", "--retrospective"])
def test_a_file_of_labelled_meters_is_scored_row_by_row(tmp_path: Path, mode: str) -> None:
    values = _values()
    scored = _score(_lead(tmp_path / "in.csv", values), tmp_path / "out.csv", mode)
    given = [k for k in range(HOURS) if k % 50 != 7]
    assert scored.columns == ["meter", "ts", "value", "expected", "score", "flag", "kind", "unit"]
    assert scored["ts"].dt.replace_time_zone(None).to_list() == [START + timedelta(hours=k) for k in range(HOURS)]
    empty = scored[[k for k in range(HOURS) if k % 50 == 7]]
    assert (empty["kind"].unique().to_list(), empty["value"].null_count()) == (["missing"], empty.height)
    assert not empty["flag"].any()
    assert np.allclose(scored["value"].to_numpy()[given], values[given], atol=1e-3)
    score = dict(zip(given, scored["score"].to_numpy()[given].tolist(), strict=True))
    usual = [score[k] for k in given if 24 * 21 <= k < HOURS - 110]
    assert score[SPIKE] > np.quantile(usual, 0.999)
    late_stuck = [score[k] for k in range(STUCK.start + 10, STUCK.stop) if k in score]
    assert min(late_stuck) > np.quantile(usual, 0.99)
    outage = [score[k] for k in range(OUT.start, OUT.stop) if k in score]
    assert min(outage) > np.quantile(usual, 0.999)
    assert scored["score"].is_between(0, 100).all()
    assert scored.filter(pl.col("flag"))["kind"].str.len_chars().min() > 0


def test_what_comes_later_changes_no_earlier_causal_score(tmp_path: Path) -> None:
    values, cut = _values(), 24 * 30
    other = values.copy()
    other[cut:] = 7.0
    one = _score(_lead(tmp_path / "a.csv", values), tmp_path / "a.parquet")
    two = _score(_lead(tmp_path / "b.csv", other), tmp_path / "b.parquet")
    before = pl.col("ts") < START + timedelta(hours=cut)
    keep = ["ts", "score", "expected"]
    first, second = (
        f.with_columns(pl.col("ts").dt.replace_time_zone(None)).filter(before).select(keep) for f in (one, two)
    )
    assert first.height > 600
    assert first.equals(second, null_equal=True)


def test_wide_files_weather_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = [f"{START + timedelta(minutes=15 * k):%Y-%m-%dT%H:%M:%S}" for k in range(96 * 20)]
    rng = np.random.default_rng(3)
    wide = pl.DataFrame(
        {"time": times, **{m: rng.normal(10, 0.2, len(times)).round(3) for m in ("North kWh", "South kWh")}}
    )
    wide.write_csv(tmp_path / "wide.csv")
    air = pl.DataFrame({"time": times[::4], "temperature": rng.normal(5, 3, len(times[::4])).round(1)})
    air.write_csv(tmp_path / "air.csv")
    files = ["--readings", str(tmp_path / "wide.csv"), "--weather", str(tmp_path / "air.csv")]
    out = tmp_path / "scored.json"
    assert run(["anomalies", "score", *files, "--timezone", "America/Chicago", "--out", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["readings"] == 2 * len(times) == len(json.loads(out.read_text()))
    assert {row["meter"] for row in summary["meters"]} == {"North kWh", "South kWh"}
    assert summary["flagged"] < 0.01 * summary["readings"]


def test_weather_of_days_and_in_fahrenheit_is_understood_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _lead(tmp_path / "in.csv", _values())
    days = pl.DataFrame({"date": [f"{START + timedelta(days=d):%Y-%m-%d}" for d in range(45)], "temperature_F": 50.0})
    days.write_csv(tmp_path / "air.csv")
    files = ["--readings", str(path), "--weather", str(tmp_path / "air.csv"), "--out", str(tmp_path / "out.csv")]
    assert run(["anomalies", "score", *files, "--json"]) == 0
    said = " ".join(json.loads(capsys.readouterr().out)["notes"])
    assert "temperature_F' is in °F" in said
    assert "weather is daily" in said


def test_rejected_rows_are_kept_and_errors_say_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _lead(tmp_path / "in.csv", _values())
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace(lines[5].split(",")[2], "broken")
    path.write_text("\n".join(lines) + "\n")
    _score(path, tmp_path / "out.csv")
    kept = (tmp_path / "out.rejected.csv").read_text()
    assert "broken" in kept
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(tmp_path / "out.doc")]) == 1
    assert ".parquet" in capsys.readouterr().err
    (tmp_path / "empty.csv").write_text("a,b\n1,2\n")
    assert run(["anomalies", "score", "--readings", str(tmp_path / "empty.csv"), "--out", str(tmp_path / "o.csv")]) == 1
    assert "time stamp" in capsys.readouterr().err


def _told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, on one line."""
    captured = capsys.readouterr()
    return " ".join(f"{captured.out} {captured.err}".split())


def _long(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def _rows(meters: str = "AB", days: int = 20) -> list[str]:
    rng = np.random.default_rng(4)
    hours = [START + timedelta(hours=k) for k in range(24 * days)]
    return [f"{m},{t:%Y-%m-%d %H:%M:%S},{rng.normal(20, 1):.3f}" for m in meters for t in hours]


def test_every_row_comes_back_in_the_order_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = _rows()
    rows[7] = rows[7].rsplit(",", 1)[0] + ",broken"
    rows[9] = rows[9].rsplit(",", 1)[0] + ",nan"
    rows[11] = rows[11].rsplit(",", 1)[0] + ",1e12"
    rows[13] = "A,yesterday,4"
    rows[15] += ",one cell too many"
    rows += [rows[0], rows[1].rsplit(",", 1)[0] + ",999"]
    order = np.random.default_rng(5).permutation(len(rows))
    path = _long(tmp_path / "in.csv", "meter,timestamp,kwh", [rows[k] for k in order])
    scored = _score(path, tmp_path / "out.parquet")
    assert scored.height == len(rows)
    back = dict(zip(order.tolist(), scored.to_dicts(), strict=True))
    for k, row in enumerate(rows):
        meter, time, value = row.split(",")[:3]
        if k not in (7, 9, 11, 13, 15):
            assert (back[k]["meter"], f"{back[k]['ts']:%Y-%m-%d %H:%M:%S}") == (meter, time)
            assert back[k]["value"] == pytest.approx(float(value))
    assert [back[k]["kind"] for k in (7, 9, 11, 13, 15)] == [
        "unreadable",
        "missing",
        "impossible",
        "unreadable",
        "unreadable",
    ]
    assert [back[k]["flag"] for k in (7, 9, 11, 13, 15)] == [False, False, True, False, False]
    twins = sorted((back[1], back[len(rows) - 1]), key=lambda row: row["kind"] == "contradiction")
    assert [row["kind"] for row in twins][1] == "contradiction"
    assert back[0] == back[len(rows) - 2]
    assert "came twice, and have the score of the first: 1." in _told(capsys)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("building,utc_timestamp,value", "Column 'building' was taken as the meter."),
        ("asset,ts,power", "Column 'power' was taken as the value."),
        ("LCLid,tstp,energy(kWh/hh)", "Column 'LCLid' was taken as the meter."),
        ("meter_id,reading_datetime,electricity", "Column 'electricity' was taken as the value."),
    ],
)
def test_columns_are_known_by_hints_of_their_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], header: str, said: str
) -> None:
    scored = _score(_long(tmp_path / "in.csv", header, _rows()), tmp_path / "out.parquet")
    assert sorted(scored["meter"].unique()) == ["A", "B"]
    assert said in _told(capsys)


def test_several_meters_are_never_taken_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _long(tmp_path / "in.csv", "thing,timestamp,kwh", _rows())
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(tmp_path / "o.csv")]) == 1
    assert "--meter-column" in capsys.readouterr().err
    assert _score(path, tmp_path / "out.parquet", "--meter-column", "thing")["meter"].n_unique() == 2


def test_registers_are_recognised_and_judged_by_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total, rows = 90_000.0, []
    for row in _rows("A"):
        head, value = row.rsplit(",", 1)
        total += float(value)
        rows.append(f"{head},{total % 100_000:.3f}")
    path = _long(tmp_path / "in.csv", "meter,timestamp,kwh", rows)
    _score(path, tmp_path / "raw.parquet")
    assert "give --cumulative" in _told(capsys)
    scored = _score(path, tmp_path / "out.parquet", "--cumulative")
    assert scored["value"].is_between(14, 26).all()
    assert scored.height == len(rows) - 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--threshold", "-3"], "--threshold"),
        (["--threshold", "nan"], "--threshold"),
        (["--meters", "A", "--meters", "Z"], "It holds: A, B."),
        (["--timezone", "Mars/Phobos"], "America/New_York"),
        (["--value-column", "foo"], "'kwh'"),
    ],
)
def test_wrong_options_are_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    path = _long(tmp_path / "in.csv", "meter,timestamp,kwh", _rows(days=2))
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(tmp_path / "o.csv"), *options]) == 1
    assert said in _told(capsys)


def test_a_file_without_a_usable_reading_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _long(tmp_path / "in.csv", "meter,timestamp,kwh", [f"A,2099-01-01 0{h}:00:00,5" for h in range(5)])
    assert run(["anomalies", "score", "--readings", str(path), "--out", str(tmp_path / "o.csv")]) == 1
    told = _told(capsys)
    assert "no usable reading" in told
    assert "row 2, timestamp: The time 2099-01-01 00:00 UTC lies in the future" in told


def test_meters_of_several_buildings_may_have_the_same_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The layout of a public contest: building_id, meter (a number for its kind), timestamp, meter_reading."""
    rows = [
        f"{building},{kind},{START + timedelta(hours=k):%Y-%m-%d %H:%M:%S},{10 * building + kind + k % 24}"
        for k in range(24 * 5)
        for building in (1, 2, 3)
        for kind in (0, 1)
    ]
    path = tmp_path / "train.csv"
    path.write_text("building_id,meter,timestamp,meter_reading\n" + "\n".join(rows) + "\n")
    scored = _score(path, tmp_path / "out.parquet")
    assert scored["meter"].unique().sort().to_list() == ["1_0", "1_1", "2_0", "2_1", "3_0", "3_1"]
    assert scored["value"].to_list() == [float(row.split(",")[3]) for row in rows]
    assert set(scored["kind"]) & {"contradiction", "unreadable"} == set()
    assert "column 'building_id' stands before it" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("code", "unit"), [("hall", "m3"), ("boiler_g", "m3"), ("hall_e", "kvarh")])
def test_a_unit_that_could_not_be_stored_is_judged_as_it_stands(tmp_path: Path, code: str, unit: str) -> None:
    rows = [f"{code},{START + timedelta(hours=k):%Y-%m-%d %H:%M},{5 + k % 24},{unit}" for k in range(24 * 5)]
    (tmp_path / "in.csv").write_text("meter,ts,value,unit\n" + "\n".join(rows) + "\n")
    scored = _score(tmp_path / "in.csv", tmp_path / "out.parquet")
    assert scored["value"].to_list() == [5.0 + k % 24 for k in range(24 * 5)]


def test_weather_every_six_hours_tells_no_hour_before_it(tmp_path: Path) -> None:
    hours = 24 * 40
    air = 10 + 8 * np.sin(np.arange(hours) / 24 * 2 * np.pi) + np.random.default_rng(5).normal(0, 2, hours)
    path, lines = tmp_path / "in.csv", ["meter,ts,kwh"]
    lines += [f"A,{START + timedelta(hours=k):%Y-%m-%d %H:%M},{40 + 2 * t:.2f}" for k, t in enumerate(air)]
    sky = ["time,temperature_C"]
    sky += [f"{START + timedelta(hours=k):%Y-%m-%d %H:%M},{air[k]:.2f}" for k in range(0, hours, 6)]

    def scored(until_h: int) -> pl.DataFrame:
        path.write_text("\n".join(lines[: until_h + 1]) + "\n")
        (tmp_path / "air.csv").write_text("\n".join(sky[: 1 + -(-until_h // 6)]) + "\n")
        return _score(path, tmp_path / "out.parquet", "--weather", str(tmp_path / "air.csv"))

    whole = scored(hours)
    for cut in (24 * 25 + 2, 24 * 31 + 3, 24 * 38 + 5):
        assert scored(cut).equals(whole.head(cut), null_equal=True)


@pytest.mark.parametrize("mode", ["--causal", "--retrospective"])
def test_each_row_keeps_the_time_that_its_file_gives(tmp_path: Path, mode: str) -> None:
    """Hours named by their end, some a few seconds off, one twice, one empty: so they come back."""
    times = [START + timedelta(hours=k + 1, seconds=7 * (k % 3 == 0)) for k in range(24 * 5)]
    rows = [f"A,{t:%Y-%m-%d %H:%M:%S},{20 + k % 24}" for k, t in enumerate(times)]
    rows[30] = f"A,{times[30]:%Y-%m-%d %H:%M:%S},"
    rows.append(rows[50])
    path = tmp_path / "in.csv"
    path.write_text("meter,interval end,kwh\n" + "\n".join(rows) + "\n")
    scored = _score(path, tmp_path / "out.parquet", mode)
    assert scored["ts"].dt.replace_time_zone(None).to_list() == [*times, times[50]]
    assert scored["kind"][30] == "missing"
    assert scored["expected"].is_not_null().any()


def test_an_audit_without_findings_costs_nothing_and_asks_for_no_price(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"A,{START + timedelta(hours=k):%Y-%m-%d %H:%M},{20 + k % 24}" for k in range(24 * 60)]
    (tmp_path / "in.csv").write_text("meter,ts,kwh\n" + "\n".join(rows) + "\n")
    assert run(["anomalies", "audit", "--readings", str(tmp_path / "in.csv"), "--price", "0.14"]) == 0
    said = capsys.readouterr()
    assert "no price was given" not in said.out + said.err


def test_a_meter_that_was_read_at_two_intervals_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hourly = [START + timedelta(hours=k) for k in range(24 * 4)]
    times = [*hourly, *(hourly[-1] + timedelta(minutes=60 + 15 * k) for k in range(96 * 4))]
    rows = [f"{meter},{t:%Y-%m-%d %H:%M},{10 + t.hour}" for meter in "AB" for t in (times if meter == "A" else hourly)]
    (tmp_path / "in.csv").write_text("meter,ts,kwh\n" + "\n".join(rows) + "\n")
    scored = _score(tmp_path / "in.csv", tmp_path / "out.parquet")
    assert scored.height == len(rows)
    said = " ".join(capsys.readouterr().err.split())
    assert "A has readings every 3600 s from 2026-01-05 on and every 900 s elsewhere" in said
    assert "B has readings" not in said


def test_changes_that_last_are_counted_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = _values()
    values[-24 * 7 :] = values[-24 * 14 : -24 * 7]  # without what is planted
    from_, until = 24 * 36, 24 * 37  # a Tuesday
    values[from_:until] *= 1.5
    readings, events = _lead(tmp_path / "in.csv", values), tmp_path / "events.json"
    scored = _score(readings, tmp_path / "out.csv", "--events", str(events), "--json")
    told = json.loads(capsys.readouterr().out)
    found = json.loads(events.read_text())
    assert told["events"] == len(found) == sum(meter["events"] for meter in told["meters"])
    mine = [e for e in found if START + timedelta(hours=from_) <= datetime.fromisoformat(e["began"][:-1])]
    assert len(mine) == 1
    began, first, last = (datetime.fromisoformat(mine[0][name][:-1]) for name in ("began", "told", "last"))
    assert timedelta(0) <= began - (START + timedelta(hours=from_)) <= timedelta(hours=4)
    assert timedelta(hours=3) <= first - began
    assert timedelta(0) <= last - (START + timedelta(hours=until - 1)) <= timedelta(hours=12), "scores fade"
    inside = scored.with_columns(pl.col("ts").dt.replace_time_zone(None)).filter(pl.col("ts").is_between(began, last))
    assert mine[0]["excess_kwh"] == pytest.approx((inside["value"] - inside["expected"]).sum(), abs=0.01)
    assert run(["anomalies", "score", "--readings", str(readings), "--out", "x.csv", "--events", "x", "--json"]) == 1
    assert "x has no known format" in capsys.readouterr().err
