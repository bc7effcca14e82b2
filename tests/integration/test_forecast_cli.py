"""`redaptive forecast` over files: train, forecast with and without a model, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.domain.forecast.synthetic_fleet import energy

from redaptive.cli.main import run
from redaptive.streams.forecasts.model_folder import load_model

DAYS = 160
START = datetime(2018, 1, 1)


def _write(path: Path, kwh: np.ndarray) -> Path:
    stamps = [START + timedelta(hours=i) for i in range(kwh.shape[1])]
    table = {"ts": stamps, **{f"m{i}": row.round(4) for i, row in enumerate(kwh)}}
    pl.DataFrame(table).write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return path


@pytest.fixture
def readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REDAPTIVE_HOME", str(tmp_path / "home"))
    return _write(tmp_path / "meters.csv", energy(4, DAYS)[0])


def _forecast(readings: Path, *more: str) -> int:
    return run(["forecast", "--readings", str(readings), "--horizon", "48h", *more])


def test_a_trained_model_forecasts_without_the_future(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    until = (START + timedelta(days=DAYS - 10)).strftime("%Y-%m-%d")
    train = ["forecast", "train", "--readings", str(readings), "--until", until, "--rounds", "10", "--threads", "1"]
    assert run([*train, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["models"]
    assert (told["meters"], told["first"], told["commodity"]) == (4, "2018-01-01", "electricity")
    folder = readings.parent
    assert _forecast(readings, "--at", until, "--out", str(folder / "a.csv"), "--report", str(folder / "a.html")) == 0
    changed = energy(4, DAYS)[0]
    changed[:, -24 * 10 :] *= 3
    other = _write(folder / "other.csv", changed)
    assert _forecast(other, "--at", until, "--out", str(folder / "b.csv")) == 0
    assert (folder / "a.csv").read_text() == (folder / "b.csv").read_text()
    frame = pl.read_csv(folder / "a.csv")
    assert frame.height == 4 * 48
    assert frame.filter((pl.col("p10_kwh") > pl.col("p50_kwh")) | (pl.col("p50_kwh") > pl.col("p90_kwh"))).is_empty()
    week = energy(4, DAYS)[0][0, 24 * (DAYS - 17) : 24 * (DAYS - 15)]
    assert frame["naive_168h_kwh"][:48].to_numpy() == pytest.approx(week, abs=1e-3)
    assert "P10 to P90" in (folder / "a.html").read_text()


def test_intervals_are_set_anew_without_new_trees(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    until = (START + timedelta(days=DAYS - 30)).strftime("%Y-%m-%d")
    train = ["forecast", "train", "--readings", str(readings), "--until", until, "--rounds", "10", "--threads", "1"]
    assert run([*train, "--json"]) == 0
    (first,) = json.loads(capsys.readouterr().out)["models"]
    assert run(["forecast", "calibrate", "--readings", str(readings), "--json"]) == 0
    (second,) = json.loads(capsys.readouterr().out)["models"]
    assert (second["first"], second["last"]) == (first["first"], first["last"])
    assert second["intervals_until"] == (START + timedelta(days=DAYS - 1)).strftime("%Y-%m-%d") > first["last"]
    assert second["version"] != first["version"]
    old, new = (load_model(Path(told["model"])) for told in (first, second))
    assert old.model.horizons["day"].boosters.texts() == new.model.horizons["day"].boosters.texts()
    assert old.model.horizons["day"].stretch.low.tolist() != new.model.horizons["day"].stretch.low.tolist()
    assert _forecast(readings, "--json") == 0
    assert f"intervals until {second['intervals_until']}" in json.loads(capsys.readouterr().out)["method"]
    assert _forecast(readings, "--at", until, "--json") == 0
    assert first["version"] in json.loads(capsys.readouterr().out)["method"]


def test_without_a_model_each_meter_goes_by_its_own_past(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _forecast(readings, "--meters", "m1", "--json", "--out", str(readings.with_name("c.parquet"))) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"].startswith("seasonal level")
    assert any("No model of electricity is trained" in note for note in told["notes"])
    frame = pl.read_parquet(readings.with_name("c.parquet"))
    assert frame["meter"].unique().to_list() == ["m1"]
    assert told["meters"][0]["p50_kwh"] == pytest.approx(frame["p50_kwh"].sum(), rel=1e-4)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--horizon", "9d"], "no horizon"),
        (["--meters", "zz"], "no meter zz"),
        (["--out", "x.docx"], "no known format"),
        (["--at", "2017-06-01T00:00"], "needs 21 days"),
        (["--at", "2018-01-15"], "needs 21 days of readings before it"),
        (["--model", "nowhere.rfm"], "no model"),
        (["--sites", "S-1"], "no sites"),
    ],
)
def test_wrong_input_is_refused(readings: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _forecast(readings, *more) == 1
    assert said in " ".join(capsys.readouterr().err.split())


def test_an_issue_without_offset_is_local(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _forecast(readings, "--timezone", "Europe/Berlin", "--at", "2018-05-01", "--json") == 0
    assert json.loads(capsys.readouterr().out)["issued_at"] == "2018-04-30T22:00:00+00:00"


def test_meters_that_stopped_are_said(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kwh = energy(4, DAYS)[0]
    kwh[2, -24 * 9 :] = np.nan
    table = pl.read_csv(_write(readings.with_name("gone.csv"), kwh)).with_columns(pl.col("m2").replace("NaN", None))
    table.write_csv(readings.with_name("gone.csv"))
    assert _forecast(readings.with_name("gone.csv"), "--json") == 0
    (said,) = [n for n in json.loads(capsys.readouterr().out)["notes"] if n.startswith("No reading in the last 7 days")]
    assert said.startswith("No reading in the last 7 days: m2. ")


def test_a_register_is_forecast_as_energy(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = _write(readings.with_name("states.csv"), 1_000 + energy(4, DAYS)[0][:1].cumsum(axis=1))
    assert _forecast(states, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert any("states of registers" in note for note in told["notes"])
    assert _forecast(readings, "--meters", "m0", "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert told["meters"][0]["p50_kwh"] == pytest.approx(plain["meters"][0]["p50_kwh"], rel=0.1)


def test_a_meter_without_a_forecast_has_no_energy(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kwh = energy(4, DAYS)[0]
    kwh[1] = 0.0
    assert _forecast(_write(readings.with_name("dead.csv"), kwh), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(m["meter"], m["p50_kwh"]) for m in told["meters"] if m["p50_kwh"] is None] == [("m1", None)]
    assert [refused["meter"] for refused in told["refused"]] == ["m1"]


def test_quarter_hours_are_forecast_by_the_hour_and_it_is_said(
    readings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kwh = np.repeat(energy(1, DAYS)[0][0, : 24 * 40] / 4, 4)
    stamps = [START + timedelta(minutes=15 * i) for i in range(kwh.size)]
    path = readings.with_name("quarters.csv")
    table = pl.DataFrame({"ts": stamps, "m0": (kwh * 1.01 ** (np.arange(kwh.size) % 4)).round(4)})
    table.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    out = readings.with_name("hours.csv")
    assert _forecast(path, "--json", "--out", str(out)) == 0
    assert any("m0 are shorter than an hour" in note for note in json.loads(capsys.readouterr().out)["notes"])
    assert pl.read_csv(out).height == 48
