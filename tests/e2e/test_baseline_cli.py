"""`redaptive baseline fit`: models, predictions, summary and report from files, without servers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.domain.baseline.synthetic_site import F64, meters, site

from redaptive.cli.main import run
from redaptive.domain.baseline.model_file import from_bytes

HOURS = 24 * 365 * 2
SITE = site(HOURS)
START = datetime(2018, 1, 1)
STAMPS = [START + timedelta(hours=i) for i in range(HOURS)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wide readings of four meters in UTC, one of them nearly empty and one read as a constant, and the weather."""
    folder = tmp_path_factory.mktemp("files")
    y = meters(SITE, 4)
    y[2, 3000:] = np.nan
    y[3] = 7.0
    write(folder / "meters.csv", y)
    table = {"ts": STAMPS, "air_temperature_c": SITE.temperature_c.round(3)}
    pl.DataFrame(table).write_csv(folder / "weather.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return folder / "meters.csv", folder / "weather.csv"


def write(path: Path, y: F64) -> None:
    table = pl.DataFrame({"ts": STAMPS, **{f"m{i}": row.round(4) for i, row in enumerate(y)}}).fill_nan(None)
    table.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")


def fit(files: tuple[Path, Path], out: Path, *more: str) -> int:
    return run(["baseline", "fit", "--readings", str(files[0]), "--weather", str(files[1]), "--train", "2018",
                "--out", str(out), "--timezone", "Europe/London", *more])  # fmt: skip


def test_a_file_gives_models_predictions_and_a_report(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert fit(files, tmp_path, "--predict", "2019", "--country", "GB") == 0
    told = json.loads((tmp_path / "summary.json").read_text())
    by_meter = {entry["meter"]: entry for entry in told["meters"]}
    assert [by_meter[f"m{i}"]["model"] for i in range(4)] == ["hourly", "hourly", None, None]
    assert {check["code"] for check in by_meter["m2"]["checks"]} >= {"short", "meter_days"}
    assert {check["code"] for check in by_meter["m3"]["checks"]} == {"constant"}
    assert by_meter["m0"]["quality"]["score"] > 95 > 41 > by_meter["m2"]["quality"]["score"]
    ahead = by_meter["m0"]["predicted_period"]
    assert ahead["hourly"]["cv_rmse"] < 0.12
    assert abs(ahead["actual"] / ahead["baseline"] - 1) < 0.03
    rows = pl.read_parquet(tmp_path / "predictions.parquet")
    assert rows.height == 2 * 8760
    assert rows.columns == ["meter", "ts", "interval_s", "actual", "predicted", "lower", "upper"]
    inside = rows.select(pl.col("actual").is_between("lower", "upper").mean()).item()
    assert 0.85 < inside < 1.0
    assert rows.filter(~(pl.col("lower") <= pl.col("predicted")) | ~(pl.col("predicted") <= pl.col("upper"))).is_empty()
    stored = from_bytes((tmp_path / told["models"]).read_bytes())
    assert stored.origin.meters == ("m0", "m1")
    assert stored.version == told["version"]
    page = (tmp_path / "report.html").read_text()
    for text in ("Actual against baseline", "Residuals by week", "Worst ten", "Meters without a baseline"):
        assert text in page


def test_the_same_files_give_the_same_models(files: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert fit(files, tmp_path / name, "--meters", "m0") == 0
    one, other = (next((tmp_path / name).glob("*.rbl")) for name in ("a", "b"))
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


def test_daily_readings_get_a_daily_model(files: tuple[Path, Path], tmp_path: Path) -> None:
    hourly = pl.read_csv(files[0], try_parse_dates=True)
    daily = hourly.group_by(pl.col("ts").dt.truncate("1d")).agg(pl.col("m0", "m1").sum()).sort("ts")
    daily.write_csv(tmp_path / "daily.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    out = tmp_path / "out"
    assert fit((tmp_path / "daily.csv", files[1]), out, "--predict", "2019", "--format", "csv") == 0
    told = json.loads((out / "summary.json").read_text())
    assert [entry["model"] for entry in told["meters"]] == ["daily", "daily"]
    assert pl.read_csv(out / "predictions.csv")["interval_s"].unique().to_list() == [86_400]


def test_monthly_bills_get_a_monthly_model(files: tuple[Path, Path], tmp_path: Path) -> None:
    hourly = pl.read_csv(files[0], try_parse_dates=True)
    bills = hourly.group_by(pl.col("ts").dt.strftime("%Y-%m")).agg(pl.col("m0", "m1").sum()).sort("ts")
    bills.write_csv(tmp_path / "bills.csv")
    assert fit((tmp_path / "bills.csv", files[1]), tmp_path / "out", "--predict", "2019") == 0
    told = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [entry["model"] for entry in told["meters"]] == ["monthly", "monthly"]
    ratio = [e["predicted_period"]["actual"] / e["predicted_period"]["baseline"] for e in told["meters"]]
    assert ratio == pytest.approx([1.0, 1.0], abs=0.05)
    assert pl.read_parquet(tmp_path / "out" / "predictions.parquet").height == 2 * 365


def test_what_the_predicted_period_lacks_is_said(files: tuple[Path, Path], tmp_path: Path) -> None:
    y = meters(SITE, 3)
    y[0, 8760:] = np.nan
    y[1] *= 1e6 / y[1].mean() / 50
    y[2, ::9] *= -1
    write(tmp_path / "meters.csv", y)
    more = ("--predict", "2018-07-01/2019-06-30")
    assert fit((tmp_path / "meters.csv", files[1]), tmp_path / "a", *more) == 0
    notes = json.loads((tmp_path / "a" / "summary.json").read_text())["notes"]
    assert any("is partly the fit period" in note for note in notes)
    assert "m1 uses more than 10 MW on average: if the values are Wh, say --unit Wh." in notes
    assert "Negative readings: m2. If they feed back, name them with --exports." in notes
    assert fit((tmp_path / "meters.csv", files[1]), tmp_path / "b", "--predict", "2019", "--meters", "m0") == 0
    notes = json.loads((tmp_path / "b" / "summary.json").read_text())["notes"]
    assert "Without a usable reading in the predicted period: m0." in notes


def test_without_any_baseline_the_predictions_are_empty_but_whole(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert fit(files, tmp_path, "--predict", "2019", "--meters", "m3") == 0
    rows = pl.read_parquet(tmp_path / "predictions.parquet")
    assert (rows.height, len(rows.columns)) == (0, 7)


def test_an_installation_shows_as_less_than_the_baseline(files: tuple[Path, Path], tmp_path: Path) -> None:
    y = meters(SITE, 2)
    y[0, 8760:] *= 0.8
    write(tmp_path / "readings.csv", y)
    assert fit((tmp_path / "readings.csv", files[1]), tmp_path, "--predict", "2019") == 0
    told = json.loads((tmp_path / "summary.json").read_text())
    ratio = [e["predicted_period"]["actual"] / e["predicted_period"]["baseline"] for e in told["meters"]]
    assert ratio[0] == pytest.approx(0.8, abs=0.03)
    assert ratio[1] == pytest.approx(1.0, abs=0.03)


@pytest.fixture
def strangers(tmp_path: Path) -> tuple[Path, Path]:
    """Readings and weather of two sites as public data sets have them: local times without zone, a column a meter."""
    y, local = meters(SITE, 2), pl.Series(STAMPS).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London")
    stamps = local.dt.replace_time_zone(None)
    heat = 3.0 * np.maximum(0.0, 14 - SITE.temperature_c) ** 2 * np.random.default_rng(1).integers(0, 2, HOURS)
    columns = {"Eagle_office_Ann": y[0], "Eagle_lodging_Bob": heat, "Fox_office_Cid": y[1]}
    table = pl.DataFrame({"timestamp": stamps, **columns}).unique("timestamp", maintain_order=True)
    table.write_csv(tmp_path / "meters.csv", datetime_format="%Y-%m-%d %H:%M:%S", float_precision=4)
    air = [(site, stamps, SITE.temperature_c + warmer) for site, warmer in (("Eagle", 0.0), ("Fox", 20.0))]
    weather = pl.concat(
        pl.DataFrame({"timestamp": t, "site_id": [site] * HOURS, "airTemperature": c}) for site, t, c in air
    )
    weather.write_csv(tmp_path / "weather.csv", datetime_format="%Y-%m-%d %H:%M:%S", float_precision=2)
    return tmp_path / "meters.csv", tmp_path / "weather.csv"


def test_a_site_of_a_strangers_files_is_fitted_as_it_is(strangers: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert fit(strangers, out, "--predict", "2019", "--site", "Eagle", "--interval", "hourly") == 0
    told = json.loads((out / "summary.json").read_text())
    by_meter = {entry["meter"]: entry for entry in told["meters"]}
    assert {name: entry["model"] for name, entry in by_meter.items()} == {
        "Eagle_office_Ann": "hourly", "Eagle_lodging_Bob": "hourly"
    }  # fmt: skip
    assert by_meter["Eagle_office_Ann"]["predicted_period"]["hourly"]["cv_rmse"] < 0.13
    assert "above the 100% that savings may rest on" in by_meter["Eagle_lodging_Bob"]["reason"]
    assert any(note.startswith("Public holidays of GB count as Sundays") for note in told["notes"])
    assert pl.read_parquet(out / "predictions.parquet").group_by("meter").len()["len"].to_list() == [8760, 8760]


def test_weather_of_several_sites_is_refused_with_what_to_do(
    strangers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(strangers, tmp_path / "out") != 0
    said = " ".join(capsys.readouterr().err.split())
    assert "of 2 sites: 'Eagle', 'Fox'" in said
    assert "--site Eagle" in said


def test_meters_of_another_column_are_asked_for(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = pl.read_csv(files[0]).select("ts", "m0", "m1").head(2000)
    long = wide.unpivot(index="ts", variable_name="building_id", value_name="meter_reading")
    long.with_columns(meter=pl.lit(0)).write_csv(tmp_path / "long.csv")
    assert fit((tmp_path / "long.csv", files[1]), tmp_path / "out") != 0
    said = " ".join(capsys.readouterr().err.split())
    assert "2,000 of 4,000 rows are rejected" in said or "4,000 of 4,000 rows are rejected" in said
    assert "--meter-column" in said
    assert fit((tmp_path / "long.csv", files[1]), tmp_path / "out", "--meter-column", "building_id") == 0
    told = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [entry["meter"] for entry in told["meters"]] == ["m0", "m1"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--train", "2018-13"), "is no period"),
        (("--predict", "2030"), "does not cover"),
        (("--country", "XX"), "No holidays are known"),
        (("--meters", "nobody"), "no meter nobody"),
        (("--timezone", "Mars/Base"), "Mars/Base"),
    ],
)
def test_a_wrong_input_is_said(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert fit(files, tmp_path, *options) != 0
    assert said in " ".join(capsys.readouterr().err.split())
