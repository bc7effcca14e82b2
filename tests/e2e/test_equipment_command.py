"""`redaptive equipment` as a user runs it: rules over a file without a server, records and findings with one."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from tests.command_line import redaptive

from redaptive.cli.main import run as command
from redaptive.sample.equipment_units import STEP_S, UnitFault, simulate_air_handler

OFFLINE = {"PATH": "/usr/bin:/bin", "COLUMNS": "160", "REDAPTIVE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


def run(arguments: list[str], environment: dict[str, str], code: int = 0) -> subprocess.CompletedProcess[str]:
    done = redaptive("equipment", *arguments, env=environment)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def trends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fortnight of an air handler whose damper sticks in its second week."""
    unit = simulate_air_handler(11, UnitFault.DAMPER_OPEN, day_of_year=15)
    rows = unit.columns["fan"].size
    times = [datetime.fromtimestamp(unit.start_s + i * STEP_S, UTC).isoformat() for i in range(rows)]
    path = tmp_path_factory.mktemp("trends") / "AHU-1.csv"
    pl.DataFrame({"ts": times, **unit.columns}).write_csv(path)
    return path


def test_rules_over_a_file_need_no_server(trends: Path, tmp_path: Path) -> None:
    html, data, table = (tmp_path / f"out.{kind}" for kind in ("html", "json", "csv"))
    printed = run(["rules", "--points", str(trends), "--out", str(html)], {**OFFLINE, "HOME": str(tmp_path)}).stdout
    assert command(["equipment", "rules", "--points", str(trends), "--out", str(table)]) == 0
    assert "FC6" in printed
    assert "oa_fraction_pct" in printed
    assert "hc_enter, hc_leave" in printed
    shown = json.loads(
        run(["rules", "--points", str(trends), "--out", str(data), "--json"], {**OFFLINE, "HOME": str(tmp_path)}).stdout
    )
    assert json.loads(data.read_text())["verdicts"] == shown["verdicts"]
    ends = {v["rule_id"]: v["outcome"] for v in shown["verdicts"][0]["verdicts"]}
    assert (ends["FC6"], ends["FC2"], ends["FC15"]) == ("fault", "clear", "missing_point")
    assert "<html" in html.read_text()
    assert pl.read_csv(table)["rule"].to_list().count("FC6") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "x.pdf"], ".html, .json, .csv"),
        (["--kind", "boiler"], "ahu, plant, vav"),
        (["--config", "nowhere.toml"], "There is no file"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(
    trends: Path,
    tmp_path: Path,
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert command(["equipment", "rules", "--points", str(trends), *arguments]) == 1
    said = capsys.readouterr().err
    assert words in " ".join(said.split())
    assert "Traceback" not in said


def test_equipment_is_loaded_listed_judged_and_taught(
    trends: Path, tmp_path: Path, cli_environment: dict[str, str]
) -> None:
    buildings = tmp_path / "buildings.csv"
    buildings.write_text("code,name,city,state,building_type,gross_floor_area_ft2\nB1,One,Chicago,IL,office,50000\n")
    done = redaptive("import", "buildings", str(buildings), env=cli_environment)
    assert done.returncode == 0, done.stderr
    records = tmp_path / "equipment.csv"
    records.write_text("code,building_code,kind,name,installed_on,airflow_cfm\nAHU-1,B1,ahu,One,2014-06-01,20000\n")
    loaded = run(["load", "--equipment", str(records), "--points", str(trends)], cli_environment).stderr
    assert "1 new, 0 changed" in loaded
    assert "14 days, every 300 s" in loaded
    (listed,) = json.loads(run(["list", "--json"], cli_environment).stdout)
    assert (listed["code"], listed["rated"]) == ("AHU-1", {"airflow_cfm": 20000.0})
    run(["finding", "AHU-1", "FC6", "--rejected", "--note", "the damper was free"], cli_environment)
    (report,) = json.loads(run(["faults", "AHU-1", "--json"], cli_environment).stdout)
    fault = next(f for f in report["faults"] if f["rule"] == "FC6")
    assert fault["probability"] == 0.5  # (0.6 x 5) / (5 + 1)
    records.write_text("code,building_code\nAHU-1,B1\n")
    assert "No column 'kind'" in run(["load", "--equipment", str(records)], cli_environment, 1).stderr
