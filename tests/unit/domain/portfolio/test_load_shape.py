"""Load-shape goldens of domain.md 4.4 and numpy as oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from redaptive.domain.portfolio.load_shape import load_shapes, monthly_peaks
from redaptive.errors import InvalidInput

START = datetime(2026, 6, 1, 4, tzinfo=UTC)  # Monday, local midnight in New York
ZONE = "America/New_York"


def _readings(meter_id: int, kw: NDArray[np.float64], interval_s: int) -> pl.DataFrame:
    ts = [START + timedelta(seconds=interval_s * i) for i in range(kw.size)]
    wh = np.round(kw * interval_s / 3.6).astype(np.int64)
    return pl.DataFrame({"meter_id": [meter_id] * kw.size, "ts": ts, "value": wh})


def _square(interval_s: int, n_days: int = 14) -> NDArray[np.float64]:
    hour = np.arange(86400 // interval_s) * interval_s / 3600
    return np.tile(np.where((hour >= 8) & (hour < 18), 300.0, 100.0), n_days)


@pytest.mark.parametrize("interval_s", [900, 3600])
def test_the_square_wave_golden(interval_s: int) -> None:
    found = load_shapes(_readings(1, _square(interval_s), interval_s), ZONE, interval_s).row(0, named=True)
    assert (found["base_kw"], found["peak_kw"]) == pytest.approx((100.0, 300.0))
    assert found["high_load_h_per_day"] == pytest.approx(10.0)
    assert found["load_factor"] == pytest.approx(0.611, abs=5e-4)
    assert (found["rise_hour"], found["fall_hour"]) == (8.0, 18.0)
    assert found["max_ramp_kw"] == pytest.approx(200.0)
    assert found["base_peak_ratio"] == pytest.approx(1 / 3)
    assert found["night_day_ratio"] == pytest.approx(1 / 3)
    assert found["weekend_weekday_ratio"] == pytest.approx(1.0)
    assert found["n_days"] == 14


def test_a_constant_load_has_load_factor_one() -> None:
    found = load_shapes(_readings(1, np.full(24 * 14, 50.0), 3600), ZONE, 3600).row(0, named=True)
    for name in ("load_factor", "base_peak_ratio", "night_day_ratio", "weekend_weekday_ratio"):
        assert found[name] == pytest.approx(1.0)
    assert (found["high_load_h_per_day"], found["max_ramp_kw"], found["rise_hour"]) == (0.0, 0.0, None)


def test_random_loads_agree_with_numpy_and_a_batch_with_single_meters() -> None:
    rng = np.random.default_rng(2)
    loads = [rng.gamma(2, 30, 24 * 14) for _ in range(3)]
    frames = [_readings(i, kw, 3600) for i, kw in enumerate(loads)]
    batch = load_shapes(pl.concat(frames).sample(fraction=1, shuffle=True, seed=1), ZONE, 3600)
    assert batch["meter_id"].to_list() == [0, 1, 2]
    for i, kw in enumerate(loads):
        days = kw.reshape(-1, 24)
        base, peak = np.percentile(days, 2.5, axis=1), np.percentile(days, 97.5, axis=1)
        high = (days > (base + 0.5 * (peak - base))[:, None]).sum(axis=1).mean()
        row = batch.row(i, named=True)
        assert row["base_kw"] == pytest.approx(base.mean(), abs=1e-3)
        assert row["peak_kw"] == pytest.approx(peak.mean(), abs=1e-3)
        assert row["high_load_h_per_day"] == pytest.approx(high)
        assert row["max_ramp_kw"] == pytest.approx(np.abs(np.diff(kw)).max(), abs=2e-3)
        assert load_shapes(frames[i], ZONE, 3600).row(0, named=True) == pytest.approx(row)


def test_gaps_are_not_zeros_and_thin_days_are_left_out() -> None:
    kw = _square(3600)
    missing = pl.int_range(pl.len()).is_in([1, 2, 3, 4, 5])
    thin = _readings(1, kw, 3600).with_columns(pl.when(~missing).then(pl.col("value")))
    found = load_shapes(thin, ZONE, 3600).row(0, named=True)
    assert found["n_days"] == 13
    assert found["base_kw"] == pytest.approx(100.0)


def test_a_ramp_does_not_cross_a_gap() -> None:
    kw = np.concatenate([np.full(24, 10.0), np.full(24, 500.0)])
    frame = _readings(1, kw, 3600)
    with_gap = frame.filter(~pl.col("ts").is_in([START + timedelta(hours=24)]))
    assert load_shapes(with_gap, ZONE, 3600)["max_ramp_kw"].to_list() == [0.0]


def test_monthly_peaks_are_of_local_months_with_their_first_moment() -> None:
    kw = np.full(24 * 32, 10.0)
    kw[[5, 7]] = 90.0
    kw[24 * 30 + 3] = 70.0  # 1 July 03:00 local
    found = monthly_peaks(_readings(4, kw, 3600), ZONE, 3600)
    assert found["month"].to_list() == [date(2026, 6, 1), date(2026, 7, 1)]
    assert found["peak_kw"].to_list() == pytest.approx([90.0, 70.0])
    assert found["peak_ts"][0] == START + timedelta(hours=5)


def test_no_full_day_is_refused() -> None:
    with pytest.raises(InvalidInput, match="90 %"):
        load_shapes(_readings(1, np.ones(5), 3600), ZONE, 3600)
    with pytest.raises(InvalidInput, match="No reading"):
        load_shapes(_readings(1, np.ones(5), 3600).clear(), ZONE, 3600)
