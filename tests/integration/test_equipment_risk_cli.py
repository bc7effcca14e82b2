"""`redaptive equipment risk` and `risk-train` over files, without servers, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from redaptive.cli.main import run
from redaptive.domain.equipment.risk import FEATURES
from redaptive.sample.equipment_lives import simulate_lives

UNITS = """code,kind,age_y,duty,fault_hours_y
RTU-1,rtu,3,,
RTU-2,rtu,14,1.4,600
CH-1,chiller,10,1,0
X-1,elevator,9,,
"""


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text(UNITS)
    return path


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run(["equipment", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_a_model_lives_rank(units: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = units.with_name("ranking.csv")
    told = _json(capsys, "risk", "--units", str(units), "--out", str(out))
    assert [row["code"] for row in told["units"]] == ["RTU-2", "CH-1", "RTU-1"]
    assert told["units"][1]["kind"] == "centrifugal_chiller"
    assert "no failures of yours" in told["method"]
    assert told["notes"] == ["Not ranked, no service life is known: X-1 (elevator)."]
    frame = pl.read_csv(out)
    assert frame["code"].to_list() == ["RTU-2", "CH-1", "RTU-1"]
    assert "median life" in frame["reasons"][0]


def test_a_model_is_trained_kept_and_used(units: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fleet = simulate_lives(7, units=600)
    table = {name: fleet.x[:, i] for i, name in enumerate(FEATURES)}
    lives, model = units.with_name("lives.csv"), units.with_name("risk.json")
    pl.DataFrame({"unit": fleet.unit, "failed": fleet.failed.astype(int), **table}).write_csv(lives)
    made = _json(capsys, "risk-train", "--lives", str(lives), "--out", str(model))
    assert made["unit_years"] == len(fleet.x)
    assert made["auc"] > made["auc_by_age"] > 0.5
    told = _json(capsys, "risk", "--units", str(units), "--model", str(model))
    assert made["version"] in told["method"]
    assert told["units"][0]["code"] == "RTU-2"
    assert told["units"][0]["taken_as_average"] == "degradation_pct_y, starts_per_day, repairs_3y"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,kind\nA,rtu\n", "No column 'age_y'"),
        ("code,kind,age_y\nA,rtu,old\n", "'old' is no number"),
        ("code,kind,age_y\nA,rtu,\n", "needs its age"),
        ("code,kind,age_y\nA,elevator,3\n", "known age and service life"),
    ],
)
def test_wrong_units_are_refused(units: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    units.write_text(text)
    assert run(["equipment", "risk", "--units", str(units)]) == 1
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_training_without_failures_is_refused(units: Path, capsys: pytest.CaptureFixture[str]) -> None:
    units.write_text("unit,failed," + ",".join(FEATURES) + "\n1,0,1,1,1,1,1,1\n")
    assert run(["equipment", "risk-train", "--lives", str(units), "--out", str(units.with_name("m.json"))]) == 1
    assert "20 failures" in capsys.readouterr().err
