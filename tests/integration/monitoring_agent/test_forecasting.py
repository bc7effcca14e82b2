"""Forecasts and peak outlooks through the agent, against the stored readings themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.integration.monitoring_agent.fleet import END, START, USD_PER_KW, Fleet, values
from tests.integration.running_app import RunningApp

from redaptive.errors import InvalidInput

FORECAST, PEAK = "energy-monitoring.forecast_load", "energy-monitoring.peak_alert"
ISSUE = START + timedelta(days=100, hours=5)


def test_a_forecast_covers_the_horizon_and_most_outcomes(running: RunningApp, fleet: Fleet) -> None:
    found = running.value(fleet.principal, FORECAST, meter_id="MAIN", horizon_h=48, issued_at=ISSUE.isoformat())
    rows = found["intervals"]
    assert len(rows) == 48 * 4
    assert datetime.fromisoformat(rows[0]["start"]) == ISSUE
    truth = values()["MAIN"][(100 * 24 + 5) * 4 :][: len(rows)] / 1000
    inside = [low["p10"] <= t <= low["p90"] for low, t in zip(rows, truth, strict=True)]
    assert 0.65 < np.mean(inside) < 0.95
    wape = np.abs(np.array([r["p50"] for r in rows]) - truth).sum() / truth.sum()
    naive = np.abs(np.array([r["naive"] for r in rows]) - truth).sum() / truth.sum()
    assert wape < naive
    assert found["p50_total"] == pytest.approx(sum(r["p50"] for r in rows))


def test_later_readings_change_nothing(running: RunningApp, own_fleet: Fleet) -> None:
    def ask() -> dict[str, Any]:
        return running.value(own_fleet.principal, FORECAST, meter_id="CALM", issued_at=ISSUE.isoformat())

    before = ask()
    later = own_fleet.readings.filter((pl.col("meter_id") == own_fleet.numbers["CALM"]) & (pl.col("ts") >= ISSUE))
    running.app.readings.correct(
        later.with_columns(value=pl.lit(1).cast(pl.Int32)), source=f"later:{own_fleet.principal.tenant_id}", token=1
    )
    assert ask() == before


def test_an_old_issue_is_said(running: RunningApp, fleet: Fleet) -> None:
    answer = running.call(fleet.principal, FORECAST, meter_id="MAIN", issued_at=ISSUE.isoformat()).answer
    assert any("issued 1" in text for text in answer["warnings"])
    fresh = running.call(fleet.principal, FORECAST, meter_id="MAIN").answer
    assert fresh["warnings"] == []
    assert datetime.fromisoformat(fresh["value"]["issued_at"]) == END


def test_the_peak_set_is_the_highest_quarter_hour_of_the_local_month(running: RunningApp, fleet: Fleet) -> None:
    found = running.value(fleet.principal, PEAK, meter_id="MAIN", issued_at=ISSUE.isoformat())
    october = int((datetime.fromisoformat("2025-10-01T04:00:00+00:00") - START).total_seconds() // 900)
    so_far = values()["MAIN"][october : (100 * 24 + 5) * 4] * 4 / 1000
    assert found["peak_set_kw"] == pytest.approx(so_far.max())
    assert found["usd_per_kw_month"] == USD_PER_KW
    assert found["usd_at_stake"] == pytest.approx(USD_PER_KW * max(0.0, found["projected_peak_kw"] - so_far.max()))
    assert datetime.fromisoformat(found["period_start"]).isoformat() == "2025-10-01T04:00:00+00:00"
    july_to_september = [
        values()["MAIN"][first:last].max() * 4 / 1000
        for first, last in _months(("2025-07-01", "2025-08-01", "2025-09-01"))
    ]
    assert found["usual_peak_kw"] == pytest.approx(np.median(july_to_september), rel=1e-6)


def _months(firsts: tuple[str, ...]) -> list[tuple[int, int]]:
    edges = [int((datetime.fromisoformat(f"{f}T04:00:00+00:00") - START).total_seconds() // 900) for f in firsts]
    end = int((datetime.fromisoformat("2025-10-01T04:00:00+00:00") - START).total_seconds() // 900)
    return list(zip(edges, [*edges[1:], end], strict=True))


def test_one_bad_reading_sets_no_peak_and_is_named(running: RunningApp, own_fleet: Fleet) -> None:
    """The rule is that of validate_estimate_edit, which flags the same interval."""

    def ask() -> dict[str, Any]:
        return running.call(own_fleet.principal, PEAK, meter_id="MAIN", issued_at=ISSUE.isoformat()).answer

    before = ask()
    assert (before["value"]["left_out"], before["value"]["left_out_intervals"]) == ([], 0)
    at = ISSUE - timedelta(days=1, hours=9)
    bad = own_fleet.readings.filter((pl.col("meter_id") == own_fleet.numbers["MAIN"]) & (pl.col("ts") == at))
    running.app.readings.correct(
        bad.with_columns(value=(pl.col("value") * 20).cast(pl.Int32)),
        source=f"spike:{own_fleet.principal.tenant_id}", token=1,
    )  # fmt: skip
    after = ask()
    for name in ("peak_set_kw", "peak_set_at", "usual_peak_kw", "risk"):
        assert after["value"][name] == before["value"][name], name
    (span,) = after["value"]["left_out"]
    assert (span["flag"], span["intervals"], datetime.fromisoformat(span["start"])) == ("spike", 1, at)
    assert "; 1 interval is left out as an error of the meter: spike of " in after["value"]["evidence"]
    assert any("1 of the readings are left out as errors of the meter" in text for text in after["warnings"])
    window = {"start": (at - timedelta(days=1)).isoformat(), "end": (at + timedelta(days=1)).isoformat()}
    vee = running.value(own_fleet.principal, "energy-monitoring.validate_estimate_edit", meter_id="MAIN", **window)
    assert [(s["flag"], s["start"]) for s in vee["spans"] if s["flag"] == "spike"] == [("spike", span["start"])]


def test_a_peak_early_in_the_month_is_likely_and_says_when(running: RunningApp, fleet: Fleet) -> None:
    """Wednesday 1 October, 4 in the morning: nothing but the night is metered, and the day is coming."""
    issue = datetime.fromisoformat("2025-10-01T08:00:00+00:00")
    found = running.value(fleet.principal, PEAK, meter_id="MAIN", issued_at=issue.isoformat())
    assert found["risk"] == "likely"
    ahead = running.value(fleet.principal, FORECAST, meter_id="MAIN", issued_at=issue.isoformat())["intervals"]
    above = [datetime.fromisoformat(row["start"]) for row in ahead if row["p50"] * 4 > found["peak_set_kw"]]
    assert found["minutes_to_act"] == (above[0] - issue) / timedelta(minutes=1) > 0
    highest = max(ahead, key=lambda row: row["p50"])
    assert found["projected_peak_kw"] == pytest.approx(highest["p50"] * 4)
    assert found["expected_at"] == highest["start"]
    assert found["usd_at_stake"] == pytest.approx(USD_PER_KW * (found["projected_peak_kw"] - found["peak_set_kw"]))
    assert "likely" in found["evidence"]


def test_without_a_demand_charge_the_answer_says_so(running: RunningApp, fleet: Fleet) -> None:
    answer = running.call(fleet.principal, PEAK, meter_id="CALM").answer
    assert answer["value"]["usd_at_stake"] is None
    assert any("no demand charge" in text for text in answer["warnings"])
    given = running.value(fleet.principal, PEAK, meter_id="CALM", usd_per_kw_month=7.0)
    assert given["usd_at_stake"] is not None


def test_a_forecast_that_cannot_be_made_is_refused(running: RunningApp, fleet: Fleet) -> None:
    early = (START + timedelta(days=5)).isoformat()
    with pytest.raises(InvalidInput, match="21 days"):
        running.call(fleet.principal, FORECAST, meter_id="MAIN", issued_at=early)
    with pytest.raises(InvalidInput, match="measures no energy"):
        running.call(fleet.principal, PEAK, meter_id="WATER")
    with pytest.raises(InvalidInput, match="EMPTY has no reading"):
        running.call(fleet.principal, FORECAST, meter_id="EMPTY")
