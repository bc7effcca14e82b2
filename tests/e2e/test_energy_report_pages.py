"""The pages of forecasts, audits and equipment in a real browser: drawn, without error, overflow or network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.e2e.report_in_browser import assert_drawn, needs_browser

from redaptive.domain.detectors.history import audit, lasting_change, retrospective
from redaptive.domain.equipment.evaluate import evaluate
from redaptive.domain.equipment.rules import BY_KIND
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.forecast.peak_days import peak_days
from redaptive.reference.equipment import rule_limits
from redaptive.reference.loader import load_all
from redaptive.sample.equipment_units import STEP_S, UnitFault, simulate_air_handler
from redaptive.web.blocks import Page
from redaptive.web.render import render_html
from redaptive.web.reports.audit import Size, audit_page
from redaptive.web.reports.equipment import report_page
from redaptive.web.reports.forecast import PAST_SHOWN, Fan, ForecastReport, forecast_page

AT = datetime(2026, 1, 5, tzinfo=UTC)
HOURS = 48


def _load(hours: int, seed: int = 1) -> np.ndarray:
    hour = np.arange(hours)
    working = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    return (20 + 40 * working) * (1 + np.random.default_rng(seed).normal(0, 0.03, hours))


def forecast() -> Page:
    """A total and three meters, one of them without any past."""
    past, ahead = _load(PAST_SHOWN), _load(HOURS, 2)
    day = 20_000 + np.arange(HOURS) // 24
    peaks = peak_days(past * 0.5, ahead, ahead * 1.2, day)
    blank = np.full(PAST_SHOWN, np.nan)
    fans = [Fan(name, blank if name == "new" else past, ahead * 0.9, ahead, ahead * 1.2, _load(HOURS, 3), peaks)
            for name in ("All, electricity: 3 meters, UTC", "a-meter-with-quite-a-long-name", "b", "new")]  # fmt: skip
    labels = [f"{AT + timedelta(hours=k):%a %d %b %H:%M}" for k in range(-PAST_SHOWN, HOURS)]
    shown = ForecastReport(
        fans[:1], fans[:1], fans[1:], labels, HOURS, "global model abc", "2026-01-05", [], [("c", "x")]
    )
    return forecast_page(shown, "", AT)


def audited() -> Page:
    """Findings of a meter with a spike, zeros, and a rise that lasts to the end, with its chart."""
    name, value = "a-meter-with-quite-a-long-name", _load(60 * 168)
    value[1_000:1_003] *= 6
    value[2_000:2_200] *= 1.5
    value[3_000:3_030] = 0.0
    value[6_000:] += 15.0
    start = 1_514_764_800 + 3_600 * np.arange(value.size, dtype=np.int64)
    judged = retrospective.judge(retrospective.standing(start, value, 3_600))
    findings = audit.audit(audit.History(name, start, start, value, judged, 3_600), 0.2)
    series = lasting_change.Series(name, start, start, value, 3_600)
    changes, course = lasting_change.lasting_changes(series)
    assert changes
    findings = [*(lasting_change.finding_of(series, change, 0.2) for change in changes), *findings]
    return audit_page(findings, {name: course}, Size(value.size, 1), ["A note."], AT)


def equipment() -> Page:
    """Faults of an air handler whose damper is stuck."""
    unit = simulate_air_handler(11, UnitFault.DAMPER_OPEN, day_of_year=15)
    found = evaluate(Trend("AHU-1", unit.start_s, STEP_S, unit.columns), "ahu", BY_KIND["ahu"], rule_limits(load_all()))
    return report_page([found], "Faults of ahu.csv", "", AT, ["A note."])


@needs_browser
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("page_of", [forecast, audited, equipment])
def test_the_page_draws_without_error_overflow_or_network(
    page_of: Callable[[], Page], width: int, tmp_path: Path
) -> None:
    assert_drawn(render_html(page_of()), width, tmp_path, charts=1)


def test_nobody_is_named_where_there_is_no_tenant() -> None:
    assert "for tenant" not in render_html(equipment())
