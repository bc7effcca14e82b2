"""Units of `redaptive anomalies`: each amount has its own, only energy has a price, none is taken for another."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.e2e.conftest import Told

from redaptive.cli.main import run

START = datetime(2026, 1, 5)
HOURS = 24 * 70


def _values() -> np.ndarray:
    hour = np.arange(HOURS)
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    value = 50 + 30 * is_open + np.random.default_rng(1).normal(0, 1.5, HOURS)
    value[24 * 50 + 8 : 24 * 50 + 40] *= 1.8
    return value.round(3)


def _file(path: Path, meters: dict[str, str], values: np.ndarray | None = None) -> Path:
    rows = ["meter,timestamp,value,unit"]
    for code, unit in meters.items():
        for k, value in enumerate(_values() if values is None else values):
            rows.append(f"{code},{START + timedelta(hours=k):%Y-%m-%dT%H:%M:%SZ},{value},{unit}")
    path.write_text("\n".join(rows) + "\n")
    return path


MIXED = {"B1_e": "kWh", "B1_w": "m3", "B2_g": "m3", "B3_w": "gal", "B4_e": "Wh"}
UNITS = {"B1_e": "kWh", "B1_w": "m3", "B2_g": "m3", "B3_w": "m3", "B4_e": "kWh"}


def test_scores_name_the_unit_of_each_value(tmp_path: Path, told: Told) -> None:
    path, out, events = _file(tmp_path / "in.csv", MIXED), tmp_path / "o.csv", tmp_path / "ev.json"
    files = ["--readings", str(path), "--out", str(out), "--events", str(events)]
    assert run(["anomalies", "score", *files, "--json"]) == 0
    scored = pl.read_csv(out)
    assert scored.columns == ["meter", "ts", "value", "expected", "score", "flag", "kind", "unit"]
    assert dict(scored.select("meter", "unit").unique().iter_rows()) == UNITS
    first = dict(scored.group_by("meter").first().select("meter", "value").iter_rows())
    given = float(_values()[0])
    assert first == pytest.approx(
        {"B1_e": given, "B1_w": given, "B2_g": given, "B3_w": given * 0.003785411784, "B4_e": given / 1000}, rel=1e-6
    )
    for meter in json.loads(told())["meters"]:
        energy = UNITS[meter["meter"]] == "kWh"
        assert meter["unit"] == UNITS[meter["meter"]]
        assert meter["excess_kwh"] == (meter["excess"] if energy else None)
        assert meter["excess"] > 0
    found = json.loads(events.read_text())
    assert {one["meter"] for one in found} == set(UNITS)
    for one in found:
        assert one["unit"] == UNITS[one["meter"]]
        assert one["excess_kwh"] == (one["excess"] if one["unit"] == "kWh" else None)
    assert run(["anomalies", "score", *files]) == 0
    said = told()
    assert "excess unit" in said
    assert "excess kWh" not in said


def test_an_audit_sums_and_prices_each_commodity_by_itself(tmp_path: Path, told: Told) -> None:
    path, out, report = _file(tmp_path / "in.csv", MIXED), tmp_path / "f.csv", tmp_path / "f.html"
    files = ["--readings", str(path), "--out", str(out), "--report", str(report), "--price", "0.2"]
    assert run(["anomalies", "audit", *files, "--json"]) == 0
    found = pl.read_csv(out)
    assert found.columns[-2:] == ["unit", "commodity"]
    assert found.columns[:7] == ["meter", "kind", "start", "end", "hours", "score", "actual"]
    assert dict(found.select("meter", "unit").unique().iter_rows()) == UNITS
    energy = pl.col("unit") == "kWh"
    assert found.filter(~energy)["cost"].null_count() == found.filter(~energy).height > 0
    assert found.filter(energy)["cost"].null_count() == 0
    for sentence, unit in found.select("sentence", "unit").iter_rows():
        assert f" {unit} where" in sentence
        assert ("kWh" in sentence, "USD" in sentence) == (unit == "kWh", unit == "kWh")
    kpis = {item["label"]: item for block in json.loads(told())["blocks"][:1] for item in block["items"]}
    sums = found.group_by("commodity", "unit").agg(pl.col("excess").clip(0).sum())
    for commodity, unit, excess in sums.iter_rows():
        kpi = kpis[f"more {commodity} than usual"]
        assert (kpi["value"], kpi["unit"]) == (f"{excess:,.0f}", unit)
    assert "more than usual" not in kpis
    assert kpis["cost of it"]["value"] == f"{found['cost'].clip(0).sum():,.0f}"
    assert kpis["cost of it"]["note"] == "of the kWh alone"
    assert run(["anomalies", "audit", "--readings", str(path), "--meters", "B1_w", "--price", "0.2"]) == 0
    said = told()
    assert "nothing in kWh" in said
    assert " kWh where" not in said


def test_moments_of_findings_have_a_type_or_a_zone(tmp_path: Path) -> None:
    path = _file(tmp_path / "in.csv", {"B1_e": "kWh"})
    frames = {}
    for suffix in ("csv", "json", "parquet"):
        out = tmp_path / f"f.{suffix}"
        assert run(["anomalies", "audit", "--readings", str(path), "--out", str(out)]) == 0
        frames[suffix] = out
    start = pl.read_parquet(frames["parquet"])["start"]
    assert start.dtype == pl.Datetime("us", "UTC")
    text = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in start.to_list()]
    assert pl.read_csv(frames["csv"], try_parse_dates=False)["start"].to_list() == text
    assert [one["start"] for one in json.loads(frames["json"].read_text())] == text
    assert text[0].startswith("2026-02-24T")
