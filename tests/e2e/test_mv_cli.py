"""`redaptive mv report` from files: projects with known savings, a refused one, events and wrong inputs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.domain.baseline.synthetic_site import meters, site

from redaptive.cli.main import run

HOURS = 24 * (365 * 2 + 31)
SITE = site(HOURS)
START = datetime(2018, 1, 1)
INSTALLED = 24 * (365 + 31)
PROJECTS = """code,measure,meters,install_start,install_end,option,expected_fraction,stipulated_kwh,usd_per_kwh
P1,LED,m0;m1,2019-01-01,2019-01-31,C,0.20,90000,0.15
P2,RCx,m2,2019-01-01,2019-01-31,C,0.12,,
P3,VFD,m3,2019-01-01,2019-01-31,C,0.05,1200,0.15
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three projects: 20 % saved, a meter without baseline, nothing saved; a dozen meters for comparison."""
    found = tmp_path_factory.mktemp("mv")
    y = meters(SITE, 16)
    y[:2, INSTALLED:] *= 0.8
    y[2, : 24 * 200] = np.nan
    y[:, INSTALLED:] *= 1 + np.random.default_rng(4).normal(0, 0.01, (16, 1))
    stamps = [START + timedelta(hours=i) for i in range(HOURS)]
    table = pl.DataFrame({"ts": stamps, **{f"m{i}": row.round(4) for i, row in enumerate(y)}}).fill_nan(None)
    table.write_csv(found / "meters.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    air = pl.DataFrame({"ts": stamps, "air_temperature_c": SITE.temperature_c.round(3)})
    air.write_csv(found / "weather.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    (found / "projects.csv").write_text(PROJECTS)
    return found


def report(folder: Path, out: Path, *more: str) -> int:
    files = {"projects": "projects.csv", "readings": "meters.csv", "weather": "weather.csv"}
    given = [part for option, name in files.items() for part in (f"--{option}", str(folder / name))]
    return run(["mv", "report", *given, "--timezone", "Europe/London", "--out", str(out), *more])


def test_savings_are_verified_stipulated_or_refused(folder: Path, tmp_path: Path) -> None:
    assert report(folder, tmp_path) == 0
    first, second, third = json.loads((tmp_path / "savings.json").read_text())
    assert [first["gate"], second["gate"], third["gate"]] == ["verified", "refused", "stipulated"]
    assert first["fraction"] == pytest.approx(0.2, abs=0.02)
    assert first["low_kwh"] < first["savings_kwh"] < first["high_kwh"]
    assert first["settled_kwh"] == first["savings_kwh"]
    assert first["drift"][0]["source"].endswith("comparison meters")
    assert second["savings_kwh"] is None
    assert second["settled_kwh"] is None
    assert "165 days (limit 329)" in second["reason"]
    assert third["settled_kwh"] == pytest.approx(1200 * third["months"] / 12)
    assert "option A is advised" in third["advice"]
    page = (tmp_path / "report.html").read_text()
    for text in ("Savings by project", "savings so far", "Refusals and flags", "± Guideline 14"):
        assert text in page


def test_one_project_can_be_asked_for(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(folder, tmp_path, "--project", "P1", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["project"] == "P1"
    assert [meter["interval"] for meter in told["meters"]] == ["hourly", "hourly"]


def test_a_confirmed_event_is_left_out_and_shown(folder: Path, tmp_path: Path) -> None:
    events = tmp_path / "known.csv"
    events.write_text("meter,first,last,cause,confirmed_by\nm0,2019-05-01,2019-05-20,fit-out,A. Person\n")
    assert report(folder, tmp_path, "--project", "P1", "--events", str(events)) == 0
    (told,) = json.loads((tmp_path / "savings.json").read_text())
    counted = {meter["meter"]: meter["covered"] for meter in told["meters"]}
    assert counted["m0"] == pytest.approx(1 - 20 / 365, abs=0.01)
    assert counted["m1"] == 1.0
    assert told["meters"][0]["savings"] < told["meters"][0]["unadjusted"]
    page = json.loads((tmp_path / "report.json").read_text())
    (entered,) = (block for block in page["blocks"] if block["id"] == "entered")
    assert entered["rows"][0][:5] == ["m0", "2019-05-01", "2019-05-20", "fit-out", "days left out"]
    assert entered["rows"][0][6] == "A. Person"


def test_meters_of_projects_not_asked_for_are_no_comparison(folder: Path, tmp_path: Path) -> None:
    assert report(folder, tmp_path, "--project", "P3") == 0
    (told,) = json.loads((tmp_path / "savings.json").read_text())
    assert told["drift"][0]["source"] == "12 comparison meters"


def test_a_project_not_yet_installed_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "projects.csv"
    path.write_text(PROJECTS + "P4,LED,m4,2020-01-01,2029-01-31,C,,5000,\n")
    assert report(folder, tmp_path / "out", "--projects", str(path)) == 0
    told = {each["project"]: each for each in json.loads((tmp_path / "out" / "savings.json").read_text())}
    assert told["P1"]["gate"] == "verified"
    assert (told["P4"]["gate"], told["P4"]["settled_kwh"]) == ("refused", None)
    assert "nothing to report yet" in told["P4"]["reason"]


def test_a_normal_year_is_told_beside(folder: Path, tmp_path: Path) -> None:
    asked = ("--project", "P1", "--normal-year", str(folder / "weather.csv"))
    assert report(folder, tmp_path, *asked) == 0
    (told,) = json.loads((tmp_path / "savings.json").read_text())
    year = told["normal_year"]
    assert year["savings_kwh"] / year["baseline_kwh"] == pytest.approx(0.2, abs=0.03)
    assert year["low_kwh"] < year["savings_kwh"] < year["high_kwh"]
    assert "Savings in a normal year" in (tmp_path / "report.html").read_text()


def test_options_a_and_d_come_from_measurements(folder: Path, tmp_path: Path) -> None:
    months = [90.0, 85, 80, 70, 65, 70, 80, 82, 70, 68, 78, 88]
    common = {"install_start": "2019-01-01", "install_end": "2019-01-31"}
    rows = [
        {**common, "code": "A1", "option": "A", "measurements": {
            "before_kw": [0.118, 0.12, 0.119], "after_kw": [0.05, 0.051, 0.049], "hours": 3000, "hours_half_90": 150,
            "hours_source": "posted schedule", "units": 400}},
        {**common, "code": "D1", "option": "D", "stipulated_kwh": 100, "measurements": {
            "simulation": "hall", "interval": "monthly", "calibration_measured": months,
            "calibration_simulated": [1.2 * m for m in months], "baseline_kwh": months, "reporting_kwh": months}},
    ]  # fmt: skip
    (tmp_path / "projects.json").write_text(json.dumps(rows))
    assert report(folder, tmp_path, "--projects", str(tmp_path / "projects.json")) == 0
    a, d = json.loads((tmp_path / "savings.json").read_text())
    assert a["savings_kwh"] == pytest.approx(82_800)
    assert a["gate"] == "verified"
    assert d["gate"] == "refused"
    assert "not calibrated" in d["reason"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P1,LED,m0,2019-02-30,2019-03-31,C,,,", "row 1, install_start"),
        ("P1,LED,nobody,2019-01-01,2019-01-31,C,,,", "no meter nobody"),
        ("P1,LED,m0,2019-03-01,2019-01-31,C,,,", "before it begins"),
        ("P1,LED,,2019-01-01,2019-01-31,C,,,", "names no meter"),
        ("P1,LED,m0,2019-01-01,2029-01-31,C,,,", "nothing to report yet"),
        ("P1,LED,m0,2019-01-01,2019-01-31,E,,,", "row 1, option"),
    ],
)
def test_a_wrong_project_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, said: str
) -> None:
    path = tmp_path / "projects.csv"
    path.write_text(PROJECTS.splitlines()[0] + "\n" + row + "\n")
    assert report(folder, tmp_path / "out", "--projects", str(path)) != 0
    assert said in " ".join(capsys.readouterr().err.split())


def test_files_must_be_complete(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mv", "report", "--projects", str(folder / "projects.csv"), "--out", str(tmp_path)]) != 0
    assert "--readings, --weather is missing" in " ".join(capsys.readouterr().err.split())
