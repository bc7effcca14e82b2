"""Change-point models: known coefficients recovered; brute-force least squares over the same grid as oracle."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from redaptive.domain.portfolio import change_point as cp
from redaptive.domain.portfolio import weather_normalization as wn
from redaptive.errors import InvalidInput

Floats = NDArray[np.float64]
FIRST = date(2025, 1, 1)


def _temperature(seed: int = 3, n: int = 365) -> Floats:
    noise = np.random.default_rng(seed).normal(0, 6, n)
    return 55 - 27 * np.cos(2 * np.pi * (np.arange(n) - 15) / 365) + noise


WEATHER = wn.DailySeries(FIRST, _temperature())
NORMAL = wn.DailySeries(FIRST, _temperature(9))


def _use(mu: float, beta_h: float, b_h: float, beta_c: float, b_c: float, t: Floats = WEATHER.temperature_f) -> Floats:
    return mu + beta_h * np.maximum(0, b_h - t) + beta_c * np.maximum(0, t - b_c)


@pytest.mark.parametrize(
    ("kind", "truth"),
    [
        (cp.ModelKind.HEATING, (500.0, 12.0, 58.5, 0.0, 70.0)),
        (cp.ModelKind.COOLING, (800.0, 0.0, 50.0, 20.0, 66.5)),
        (cp.ModelKind.HEATING_COOLING, (500.0, 12.0, 55.0, 20.0, 68.0)),
        (cp.ModelKind.HEATING_COOLING_ONE_BALANCE, (500.0, 12.0, 62.0, 20.0, 62.0)),
    ],
)
def test_known_coefficients_are_recovered(kind: cp.ModelKind, truth: tuple[float, ...]) -> None:
    """domain.md 4: μ and β within 2 %, balance points within 2 °F, from noise-free data."""
    (found,) = wn.normalize_daily(_use(*truth), WEATHER, NORMAL)
    assert found.fit is not None
    mu, beta_h, b_h, beta_c, b_c = truth
    assert found.fit.kind is kind
    assert found.fit.base_per_day == pytest.approx(mu, rel=0.02)
    assert found.fit.heating_per_day_f == pytest.approx(beta_h, rel=0.02)
    assert found.fit.cooling_per_day_f == pytest.approx(beta_c, rel=0.02)
    assert found.fit.heating_balance_f is None or abs(found.fit.heating_balance_f - b_h) <= 2
    assert found.fit.cooling_balance_f is None or abs(found.fit.cooling_balance_f - b_c) <= 2
    assert found.fit.cv_rmse < 0.01
    assert abs(found.fit.nmbe) < 1e-9
    assert found.annual_use == pytest.approx(_use(*truth, t=NORMAL.temperature_f).sum(), rel=0.005)


def _brute_force(t: Floats, y: Floats, w: Floats, grid: Floats) -> tuple[float, float | None, float | None]:
    """Best adjusted R² over the grid by one np.linalg.lstsq per candidate with t-tests from scipy.stats."""
    best: tuple[float, float | None, float | None] = (0.0, None, None)
    sst = float(w @ (y - np.average(y, weights=w)) ** 2)
    options = [(h, None) for h in grid] + [(None, c) for c in grid] + [(h, c) for h in grid for c in grid if h <= c]
    for h, c in options:
        terms = [] if h is None else [np.maximum(0, h - t)]
        terms += [] if c is None else [np.maximum(0, t - c)]
        if any((term > 0).sum() < 10 or term.sum() < 20 for term in terms):
            continue
        x = np.column_stack([np.ones_like(t), *terms])
        root = np.sqrt(w)[:, None]
        beta, *_ = np.linalg.lstsq(x * root, y * root[:, 0], rcond=None)
        sse, dof = float(w @ (y - x @ beta) ** 2), y.size - x.shape[1]
        error = np.sqrt(sse / dof * np.diag(np.linalg.inv((x * root).T @ (x * root))))
        p = 2 * stats.t.sf(np.abs(beta / error), dof)
        adjusted = 1 - (sse / dof) / (sst / (y.size - 1))
        if (beta[1:] > 0).all() and (p[1:] < 0.1).all() and adjusted > best[0]:
            best = (adjusted, h, c)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_the_grid_search_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = np.arange(30.0, 91.0, 5.0)
    t = _temperature(seed, 340)
    slopes = rng.uniform(0, 3, 2) * (rng.random(2) > 0.3)
    y = 100 + slopes[0] * np.maximum(0, 57 - t) + slopes[1] * np.maximum(0, t - 64) + rng.normal(0, 12, t.size)
    y[rng.random(t.size) < 0.05] = np.nan
    known = np.isfinite(y)
    adjusted, h, c = _brute_force(t[known], y[known], np.ones(int(known.sum())), grid)
    found = cp.fit_one(cp.design_daily(t, balance_f=grid), y)
    assert (found.heating_balance_f, found.cooling_balance_f) == (h, c)
    assert found.adjusted_r2 == pytest.approx(adjusted, abs=1e-9)
    assert found.n == known.sum()


@pytest.mark.parametrize("seed", range(6))
def test_the_refined_search_is_as_good_as_the_exhaustive_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = _temperature(seed)
    design = cp.design_daily(t)
    y = _use(300, rng.uniform(0, 9), rng.uniform(48, 60), rng.uniform(0, 9), rng.uniform(60, 72), t)
    y += rng.normal(0, 15, t.size)
    refined, exhaustive = cp.fit_one(design, y), cp.fit_one(design, y, exhaustive=True)
    assert refined.adjusted_r2 <= exhaustive.adjusted_r2 + 1e-12
    assert refined.adjusted_r2 == pytest.approx(exhaustive.adjusted_r2, abs=2e-3)


def test_a_weekend_term_is_found_and_used_in_the_normal_year() -> None:
    y = _use(500, 12, 58, 0, 70) - 200 * WEATHER.weekend
    (found,) = wn.normalize_daily(y, WEATHER, NORMAL)
    assert found.fit is not None
    assert found.fit.weekend_per_day == pytest.approx(-200, rel=0.01)
    truth = (_use(500, 12, 58, 0, 70, NORMAL.temperature_f) - 200 * NORMAL.weekend).sum()
    assert found.annual_use == pytest.approx(truth, rel=0.005)


@pytest.mark.parametrize("y", [np.full(365, 40.0), np.random.default_rng(5).normal(100, 5, 365)])
def test_use_without_weather_ends_at_the_intercept_and_says_so(y: Floats) -> None:
    calm = wn.DailySeries(FIRST, np.full(365, 64.9))
    (found,) = wn.normalize_daily(y, calm, NORMAL)
    assert found.fit is not None
    assert found.fit.kind is cp.ModelKind.INTERCEPT_ONLY
    assert found.warnings == (wn.FLAT,)
    assert found.fit.r2 < 0.02


def test_use_that_falls_with_heating_need_has_no_heating_term() -> None:
    falling = _use(5000, -12, 58, 0, 70)
    fit = cp.fit_one(cp.design_daily(WEATHER.temperature_f), falling)
    assert fit.heating_per_day_f == 0
    assert fit.kind is cp.ModelKind.COOLING


def test_a_batch_equals_single_meters() -> None:
    rng = np.random.default_rng(1)
    y = np.stack([_use(500, 12, 58, 5, 68), _use(90, 0, 50, 2, 60), np.full(365, 3.0)]) + rng.normal(0, 2, (3, 365))
    y[1, 20:40] = np.nan
    design = cp.design_daily(WEATHER.temperature_f, weekend=WEATHER.weekend)
    for many, one in zip(cp.fit_many(design, y), [cp.fit_one(design, row) for row in y], strict=True):
        exact = ("kind", "heating_balance_f", "cooling_balance_f", "n", "n_parameters")
        assert [getattr(many, name) for name in exact] == [getattr(one, name) for name in exact]
        figures = [name for name in vars(one) if name not in {*exact, "p_values"}]
        assert [getattr(many, f) for f in figures] == pytest.approx([getattr(one, f) for f in figures], rel=1e-9)


def _bills(daily: Floats, lengths: list[int]) -> list[wn.Bill]:
    edges = np.concatenate([[0], np.cumsum(lengths)])
    return [
        wn.Bill(FIRST + timedelta(days=int(a)), FIRST + timedelta(days=int(b)), float(daily[a:b].sum()))
        for a, b in pairwise(edges)
    ]


def test_twelve_bills_recover_the_model() -> None:
    truth = (500.0, 12.0, 58.0, 0.0, 70.0)
    bills = _bills(_use(*truth), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    found = wn.normalize_bills(bills, WEATHER, NORMAL)
    assert found.fit is not None
    assert found.fit.n == 12
    assert found.fit.heating_per_day_f == pytest.approx(12, rel=0.02)
    assert found.fit.heating_balance_f == pytest.approx(58, abs=2)
    assert found.annual_use == pytest.approx(_use(*truth, t=NORMAL.temperature_f).sum(), rel=0.005)


def test_bills_are_weighted_by_their_days() -> None:
    lengths = [26, 35, 26, 35, 30, 31, 26, 35, 30, 35, 26, 30]
    rng = np.random.default_rng(8)
    bills = _bills(_use(500, 12, 58, 0, 70) + rng.normal(0, 300, 365), lengths)
    design = wn.design_bills(bills, WEATHER, balance_f=np.array([58.0]))
    fit = cp.fit_one(design, np.array([b.energy / b.days for b in bills]))
    root = np.sqrt(np.array(lengths, dtype=float))
    x = np.column_stack([np.ones(12), design.heating[:, 0]]) * root[:, None]
    beta = np.linalg.lstsq(x, root * np.array([b.energy / b.days for b in bills]), rcond=None)[0]
    assert (fit.base_per_day, fit.heating_per_day_f) == pytest.approx(tuple(beta))


def test_insufficient_data_are_refused_with_numbers() -> None:
    y = _use(500, 12, 58, 0, 70)
    gappy = y.copy()
    gappy[:60] = np.nan
    (refused,) = wn.normalize_daily(gappy, WEATHER, NORMAL)
    assert refused.fit is None
    assert [c.check for c in refused.failed] == ["coverage_use", "coverage_both"]
    assert refused.failed[0].value == pytest.approx(305 / 365)
    short = wn.normalize_bills(_bills(y, [31] * 11), WEATHER, NORMAL)
    assert [c.check for c in short.failed] == ["bills"]
    long = wn.normalize_bills(_bills(y, [60, 20, *[28] * 10]), WEATHER, NORMAL)
    assert [c.value for c in long.failed] == [60.0, 20.0]
    early = wn.Bill(FIRST - timedelta(days=10), FIRST + timedelta(days=20), 1.0)
    assert wn.bill_sufficiency([early] * 12, WEATHER)[0].check == "coverage_temperature"


def test_a_wild_meter_is_disqualified_but_shown() -> None:
    y = np.zeros(365)
    y[::30] = 1000.0
    (found,) = wn.normalize_daily(y, WEATHER, NORMAL)
    assert found.fit is not None
    assert found.annual_use is None
    assert found.failed[0].check == "cv_rmse"


def test_a_normal_year_with_gaps_and_uneven_shapes_are_refused() -> None:
    fit = cp.fit_one(cp.design_daily(WEATHER.temperature_f), _use(500, 12, 58, 0, 70))
    with pytest.raises(InvalidInput, match="normal year"):
        wn.annual_use(fit, wn.DailySeries(FIRST, WEATHER.temperature_f[:300]))
    with pytest.raises(InvalidInput, match="differ"):
        wn.normalize_daily(np.ones(300), WEATHER, NORMAL)
    with pytest.raises(InvalidInput, match="too few"):
        cp.fit_one(cp.design_daily([50.0, 60.0]), [1.0, 2.0])
