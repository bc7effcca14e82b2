"""Audits of a history: what was put into it is found, named, measured and priced."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.history import retrospective
from redaptive.domain.detectors.history.audit import History, audit
from redaptive.domain.detectors.history.finding import Finding

HOUR_S = 3_600
WEEKS = 40
START_S = 1_514_764_800  # 2018-01-01, a Monday


def _usual(seed: int = 3) -> np.ndarray:
    hour = np.arange(WEEKS * 168)
    working = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    return (20 + 40 * working) * (1 + np.random.default_rng(seed).normal(0, 0.03, hour.size))


def _findings(value: np.ndarray, keep: np.ndarray | None = None) -> list[Finding]:
    rows = np.arange(value.size) if keep is None else np.flatnonzero(keep)
    start = START_S + HOUR_S * rows.astype(np.int64)
    judged = retrospective.judge(retrospective.standing(start, value[rows], HOUR_S))
    return audit(History("m1", start, start, value[rows], judged, HOUR_S), 0.20)


def test_a_spike_is_named_measured_and_priced() -> None:
    value = _usual()
    at = 20 * 168 + 34  # Tuesday 10:00
    before = value[at : at + 3].sum()
    value[at : at + 3] *= 5
    top = _findings(value)[0]
    assert (top.kind, top.start_s) == ("spike", START_S + HOUR_S * at)
    assert top.excess_kwh == pytest.approx(4 * before, rel=0.1)
    assert top.cost_usd == pytest.approx(0.20 * top.excess_kwh, abs=0.01)
    assert top.sentence.startswith("m1: short and far from usual, 3 h of readings from Tue 22 May 2018 10:00")
    assert "USD more" in top.sentence


def test_nights_that_run_are_off_hours() -> None:
    value = _usual()
    for day in range(12):
        night = 18 * 168 + 24 * day + np.array([0, 1, 2, 3, 4, 5, 22, 23])
        value[night] += 30
    kinds = {f.kind for f in _findings(value) if abs(f.excess_kwh) > 200}
    assert kinds == {"off_hours"}


def test_zeros_end_with_the_zeros_whatever_follows_within_a_day() -> None:
    value = _usual()
    first, later = 10 * 168 + 8, 10 * 168 + 8 + 24 + 20
    value[first : first + 24] = 0.0
    usual = value[later : later + 4].sum()
    value[later : later + 4] *= 2.5
    found = [f for f in _findings(value) if abs(f.excess_kwh) > 50]
    [zeros] = [f for f in found if f.kind == "zero"]
    assert (zeros.start_s, zeros.end_s) == (START_S + HOUR_S * first, START_S + HOUR_S * (first + 24))
    assert (zeros.hours, zeros.actual_kwh, zeros.cost_usd) == (24.0, 0.0, None)
    [after] = [f for f in found if f.kind != "zero"]
    assert after.start_s == START_S + HOUR_S * later
    assert after.excess_kwh == pytest.approx(1.5 * usual, rel=0.1)
    assert after.cost_usd == pytest.approx(0.2 * after.excess_kwh, abs=0.01)


def test_zeros_and_repeats_ask_for_the_meter() -> None:
    value = _usual()
    value[10 * 168 : 10 * 168 + 30] = 0.0
    value[25 * 168 : 25 * 168 + 60] = value[25 * 168]
    found = _findings(value)
    named = {f.kind: f for f in found}
    assert {"zero", "stuck"} <= set(named)
    assert "check the meter" in named["stuck"].sentence
    assert named["zero"].actual_kwh == 0.0


@pytest.mark.parametrize(("factor", "said"), [(10.0, "10 times"), (0.1, "1/10 of"), (100.0, "100 times")])
def test_a_wrong_multiplier_is_a_fault_of_the_meter_and_stands_last(factor: float, said: str) -> None:
    value = _usual()
    rows = slice(15 * 168 + 5, 15 * 168 + 5 + 80)
    usual = value[rows].sum()
    value[rows] *= factor
    value[25 * 168 : 25 * 168 + 72] *= 1.5
    found = _findings(value)
    wrong = next(f for f in found if f.kind == "multiplier")
    assert (wrong.start_s, wrong.hours) == (START_S + HOUR_S * rows.start, 80.0)
    assert wrong.excess_kwh == pytest.approx((factor - 1) * usual, rel=0.05)
    assert wrong.cost_usd is None
    assert f"reads {said} its usual course" in wrong.sentence
    assert f"{abs(wrong.excess_kwh) * 0.20:,.2f} USD too {'much' if factor > 1 else 'little'}" in wrong.sentence
    assert found[0].kind == "level_shift"
    assert all(f.of_meter for f in found[found.index(wrong) :])
    assert not any(f.start_s < wrong.end_s and wrong.start_s < f.end_s for f in found if f is not wrong)


def test_ten_times_as_much_in_another_shape_is_no_wrong_multiplier() -> None:
    value = _usual()
    busy = slice(20 * 168 + 96, 20 * 168 + 168)
    value[busy] = np.where(np.arange(72) % 24 < 12, 60.0, 480.0)
    assert "multiplier" not in {f.kind for f in _findings(value)}


def test_a_gap_is_listed_without_energy() -> None:
    keep = np.ones(WEEKS * 168, bool)
    keep[1000:1012] = False
    gap = next(f for f in _findings(_usual(), keep) if f.kind == "gap")
    assert (gap.hours, gap.cost_usd, gap.excess_kwh) == (12.0, None, 0.0)
    assert (gap.end_s - gap.start_s) == 12 * HOUR_S


def test_an_ordinary_year_has_few_findings_and_order_is_by_energy() -> None:
    found = _findings(_usual())
    assert len(found) <= 5
    sizes = [abs(f.excess_kwh) for f in found if not f.of_meter]
    assert sizes == sorted(sizes, reverse=True)


def test_weak_readings_are_a_finding_where_a_third_of_a_day_has_them() -> None:
    value = _usual()
    start = START_S + HOUR_S * np.arange(value.size, dtype=np.int64)
    score = np.zeros(value.size)
    score[1000:1008] = 0.6 * retrospective.FLAG_SCORE
    score[2000:2004] = 0.6 * retrospective.FLAG_SCORE
    nothing = np.zeros(value.size)
    judged = retrospective.Judged(value, nothing, score, np.zeros(value.size, np.int64))
    found = audit(History("m1", start, start, value, judged, HOUR_S))
    assert [(f.start_s - START_S) // HOUR_S for f in found] == [1000]
