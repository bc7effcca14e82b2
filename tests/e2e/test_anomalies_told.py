"""What `redaptive anomalies` says of a file: what was assumed, what was not read, and fixes that can be followed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.e2e.conftest import Told

from redaptive.cli.main import run

START = datetime(2026, 1, 5)
ASSUMED = "Time stamps without an offset are UTC"


def _rows(hours: int = 240, form: str = "%Y-%m-%d %H:%M", code: str = "A") -> list[str]:
    return [f"{code},{START + timedelta(hours=k):{form}},{20 + k % 24}" for k in range(hours)]


def _run(command: str, path: Path, rows: Sequence[str], *options: str, header: str = "meter,timestamp,kwh") -> int:
    path.write_text("\n".join([header, *rows]) + "\n")
    out = ["--out", str(path.with_name("o.csv"))]
    return run(["anomalies", command, "--readings", str(path), *out, *options])


@pytest.mark.parametrize("command", ["score", "audit"])
def test_times_without_a_zone_are_said_to_be_taken_as_utc(tmp_path: Path, told: Told, command: str) -> None:
    path = tmp_path / "in.csv"
    assert _run(command, path, _rows()) == 0
    assert ASSUMED in told()
    for rows, options, header in (
        (_rows(), ["--timezone", "UTC"], "meter,timestamp,kwh"),
        (_rows(), ["--timezone", "America/Chicago"], "meter,timestamp,kwh"),
        (_rows(form="%Y-%m-%dT%H:%M:%SZ"), [], "meter,timestamp,kwh"),
        (_rows(), [], "meter,timestamp_utc,kwh"),
    ):
        assert _run(command, path, rows, *options, header=header) == 0
        assert ASSUMED not in told()


@pytest.mark.parametrize(("year", "hours", "few"), [(2026, 240, False), (2026, 100, True), (2021, 240, True)])
def test_how_many_readings_have_weather_is_said(tmp_path: Path, told: Told, year: int, hours: int, few: bool) -> None:
    air = [f"{START.replace(year=year) + timedelta(hours=k):%Y-%m-%d %H:%M},{k % 24}" for k in range(hours)]
    (tmp_path / "air.csv").write_text("\n".join(["time,temp_c", *air]) + "\n")
    assert _run("score", tmp_path / "in.csv", _rows(), "--weather", str(tmp_path / "air.csv"), "--timezone", "UTC") == 0
    said = told()
    known = {(2026, 240): 240, (2026, 100): 103, (2021, 240): 0}[year, hours]  # three hours old is recent enough
    assert f"{known} of 240 readings have a temperature" in said
    assert ("less than half" in said) == few


def test_no_fix_names_an_option_that_the_command_lacks(tmp_path: Path, told: Told) -> None:
    total = 5000 + 25 * np.arange(240)
    total[150:] -= 3000
    rows = [f"A,{START + timedelta(hours=k):%Y-%m-%d %H:%M},{total[k]}" for k in range(240)]
    assert _run("score", tmp_path / "in.csv", rows, "--cumulative", "--timezone", "UTC") == 0
    said = told()
    assert "The register went back" in said
    assert "as two meters" in said
    rows = [*_rows(code="A_w"), "A_w,2026-01-20 00:00,-4", f"A_w,{START:%Y-%m-%d %H:%M},9"]
    assert _run("score", tmp_path / "in.csv", rows, "--timezone", "America/Chicago") == 0
    said = told()
    assert "cannot flow back" in said
    assert "Delete the wrong one" in said
    assert "--commodity" not in said
    assert "--timezone" not in said
    assert "--rollover" not in said


def test_lines_behind_an_unclosed_quote_are_counted(tmp_path: Path, told: Told) -> None:
    rows = _rows()
    rows[20:23] = ['"A', f' B",{START + timedelta(hours=20):%Y-%m-%d %H:%M},4', *rows[22:23]]
    for k in range(10, 17):
        rows[k] = rows[k][:-1] + "x"
    rows[180] = '"' + rows[180]
    assert _run("score", tmp_path / "in.csv", rows, "--meters", "A") == 0
    assert "60 lines were not read" in told()


def test_short_times_and_costs_without_a_price_are_not_told_as_nothing(tmp_path: Path, told: Told) -> None:
    rng, quarters = np.random.default_rng(2), np.arange(96 * 60)
    value = 5 + 3 * ((quarters % 96 > 32) & (quarters % 96 < 72)) + rng.normal(0, 0.1, quarters.size)
    value[3000] *= 9
    rows = [f"A,{START + timedelta(minutes=15 * k):%Y-%m-%d %H:%M},{v:.3f}" for k, v in enumerate(value)]
    assert _run("audit", tmp_path / "in.csv", rows) == 0
    said = told()
    assert "15 min of readings" in said
    assert "0.25" in said
    assert "0 h of readings" not in said
    assert _run("audit", tmp_path / "in.csv", _rows(24 * 30), "--json") == 0
    kpis = {item["label"]: item for item in json.loads(told())["blocks"][0]["items"]}
    assert (kpis["findings"]["value"], kpis["cost of it"]["value"]) == ("0", "–")
    assert _run("audit", tmp_path / "in.csv", _rows(24 * 30), "--json", "--price", "0.1") == 0
    assert json.loads(told())["blocks"][0]["items"][3]["value"] == "0"
