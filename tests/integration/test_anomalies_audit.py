"""`redaptive anomalies audit`: ranked, explained, priced findings of a file, without servers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from redaptive.cli.main import run

START = datetime(2018, 1, 1)
HOURS = 30 * 168


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    hour = np.arange(HOURS)
    rng = np.random.default_rng(2)
    table: dict[str, object] = {"ts": [START + timedelta(hours=i) for i in range(HOURS)]}
    for name in ("quiet", "loud"):
        working = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
        table[name] = ((20 + 40 * working) * (1 + rng.normal(0, 0.03, HOURS))).round(3)
    table["loud"][3000:3240] *= 1.6  # type: ignore[index]
    pl.DataFrame(table).write_csv(tmp_path / "m.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return tmp_path / "m.csv"


def _audit(readings: Path, *more: str) -> int:
    return run(["anomalies", "audit", "--readings", str(readings), *more])


def test_findings_are_ranked_explained_and_priced(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, report = readings.with_name("f.csv"), readings.with_name("f.html")
    assert _audit(readings, "--price", "0.25", "--out", str(out), "--report", str(report), "--json") == 0
    page = json.loads(capsys.readouterr().out)
    frame = pl.read_csv(out)
    top = frame.row(0, named=True)
    assert (top["meter"], top["kind"]) == ("loud", "level_shift")
    assert top["excess"] / top["expected"] == pytest.approx(0.6, abs=0.06)
    assert top["cost"] == pytest.approx(0.25 * top["excess"], abs=0.01)
    assert "where" in top["sentence"]
    assert "kWh is usual" in top["sentence"]
    assert frame["excess"].abs().to_list() == sorted(frame["excess"].abs().to_list(), reverse=True)
    blocks = {block["id"]: block for block in page["blocks"]}
    assert list(blocks) == ["figures", "largest", "findings", "method"], "words before the long table"
    assert len(blocks["findings"]["rows"]) == frame.height
    assert "level_shift" not in report.read_text(), "kinds in words, in the chart too"
    assert top["sentence"] in report.read_text()


def test_without_a_price_nothing_is_priced(readings: Path) -> None:
    out = readings.with_name("f.parquet")
    assert _audit(readings, "--meters", "loud", "--out", str(out)) == 0
    frame = pl.read_parquet(out)
    assert frame["meter"].unique().to_list() == ["loud"]
    assert frame["cost"].null_count() == frame.height


def test_a_lasting_rise_is_listed_first_with_a_chart_and_not_again_at_its_edge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hour, rng = np.arange(110 * 168), np.random.default_rng(7)
    working = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    value = (20 + 40 * working) * (1 + rng.normal(0, 0.03, hour.size))
    since = 70 * 168 + 48
    value[since:] += 12.0
    path, out, report = (tmp_path / name for name in ("one.csv", "f.csv", "f.html"))
    times = [START + timedelta(hours=int(i)) for i in hour]
    pl.DataFrame({"ts": times, "hall": value.round(3)}).write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    assert _audit(path, "--price", "0.2", "--out", str(out), "--report", str(report), "--json") == 0
    page = json.loads(capsys.readouterr().out)
    blocks = {block["id"]: block for block in page["blocks"]}
    [row] = blocks["lasting"]["rows"]
    top = pl.read_csv(out).row(0, named=True)
    assert (top["kind"], top["until"], top["moved"]) == ("lasting_change", "still so", "round the clock")
    assert top["per_day"] == pytest.approx(12 * 24, rel=0.1)
    assert top["per_year"] == pytest.approx(0.2 * 365.25 * top["per_day"], rel=0.01)
    assert row[2] == f"{START + timedelta(hours=since):%Y-%m-%d}"
    assert top["sentence"] in report.read_text()
    assert "daily use and its lasting changes" in report.read_text()
    others = pl.read_csv(out).slice(1)
    assert others.filter(pl.col("excess").abs() > 5 * 288).height == 0, "its edges are no findings of their own"
    assert _audit(path) == 0
    assert "Lasting changes" in capsys.readouterr().out


def test_wrong_input_is_refused(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _audit(readings, "--meters", "nobody") == 1
    assert "There is no meter nobody" in capsys.readouterr().err
    assert _audit(readings, "--out", "x.xlsx") == 1
    assert "no known format" in capsys.readouterr().err


def test_columns_are_named_and_registers_recognised(readings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wide = pl.read_csv(readings).head(30 * 24)
    path = readings.with_name("registers.csv")
    wide.select("ts", "quiet").with_columns(pl.col("quiet").cum_sum(), thing=pl.lit("A")).write_csv(path)
    named = ["--meter-column", "thing", "--value-column", "quiet"]
    assert _audit(path, *named) == 0
    told = capsys.readouterr()
    assert "give --cumulative" in " ".join(f"{told.out} {told.err}".split())
    assert _audit(path, *named, "--cumulative", "--json") == 0
    assert "give --cumulative" not in capsys.readouterr().out
