"""Seeded synthetic meters with an installation whose savings are known exactly.

Two years of hours. The first is the baseline. In the second a meter drifts by a normal share, whether it has a project
or not; a project takes a share of the load, of all hours or mostly of the hours of work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.hours import HOUR_S, MEMORY_H, SiteHours, site_hours
from redaptive.domain.baseline.study import SiteEnergy

F64 = npt.NDArray[np.float64]
START_S = 1_514_764_800  # 2018-01-01T00:00Z
YEAR_H = 8_760
DRIFT = 0.05
BANDS = ((0.02, 0.05), (0.05, 0.10), (0.10, 0.20), (0.20, 0.30))


@dataclass(frozen=True)
class Installations:
    """Meters in the baseline and the reporting year; `truth` (M, n) is what each would have used without a project."""

    baseline: SiteEnergy
    reporting: SiteEnergy
    truth: F64
    fraction: F64


def weather(seed: int) -> F64:
    """Two years of hourly °C."""
    rng = np.random.default_rng(seed)
    t = np.arange(2 * YEAR_H)
    fronts = lfilter([1.0], [1.0, -0.985], rng.normal(0, 0.6, t.size))
    return np.asarray(
        12 + 11 * np.sin(2 * np.pi * (t - 2_600) / YEAR_H) + 4 * np.sin(2 * np.pi * (t - 9) / 24) + fronts
    )


def installations(count: int, band: tuple[float, float], seed: int, *, drift: float = DRIFT) -> Installations:
    """`count` meters whose savings are uniform in `band`; (0, 0) is meters without a project."""
    warm = weather(7)
    years = [_year(warm, k) for k in (0, 1)]
    rng = np.random.default_rng(seed)
    use, busy = _meters(count, years, warm, rng)
    use[:, YEAR_H:] *= 1 + rng.normal(0, drift, (count, 1))
    fraction = rng.uniform(*band, count)
    truth = use[:, YEAR_H:]
    only_busy = rng.random(count) < 0.5
    weight = np.where(only_busy[:, None], busy[None, YEAR_H:] * 1.6 + 0.4, 1.0)
    share = fraction[:, None] * weight / ((truth * weight).sum(axis=1) / truth.sum(axis=1))[:, None]
    actual = truth * (1 - np.minimum(share, 0.95))
    names = tuple(f"m{i}" for i in range(count))
    before, after = (_with_gaps(v, rng) for v in (use[:, :YEAR_H], actual))
    return Installations(_site(names, before, years[0]), _site(names, after, years[1]), truth, fraction)


def _year(warm: F64, number: int) -> SiteHours:
    first = number * YEAR_H
    before = warm[first - MEMORY_H : first] if number else None
    start_s = START_S + first * HOUR_S
    return site_hours(start_s, warm[first : first + YEAR_H], "America/Chicago", before_c=before)


def _meters(count: int, years: list[SiteHours], warm: F64, rng: np.random.Generator) -> tuple[F64, F64]:
    slot = np.concatenate([year.slot for year in years])
    busy = ((slot % 24 >= 7) & (slot % 24 < 19) & (slot < 120)).astype(np.float64)
    hot, cold = np.maximum(0, warm - 16), np.maximum(0, 10 - warm)

    def of(low: float, high: float) -> F64:
        return rng.uniform(low, high, (count, 1))

    load = of(20, 60) + of(15, 90) * busy + of(0, 4) * hot * (0.3 + 0.7 * busy) + of(0, 1.5) * cold
    fast = lfilter([1.0], [1.0, -0.85], rng.normal(0, 1, load.shape), axis=1)
    weekly = lfilter([1.0], [1.0, -0.6], rng.normal(0, 1, (count, load.shape[1] // 168 + 1)), axis=1)
    slow = np.repeat(weekly, 168, axis=1)[:, : load.shape[1]]
    noise = of(0.03, 0.10) * fast / fast.std() + of(0.01, 0.05) * slow / weekly.std()
    return np.asarray(load * np.maximum(0.05, 1 + noise)), busy


def _with_gaps(value: F64, rng: np.random.Generator) -> F64:
    return np.where(rng.random(value.shape) < 0.01, np.nan, value)


def _site(names: tuple[str, ...], energy: F64, hours: SiteHours) -> SiteEnergy:
    meters = len(names)
    return SiteEnergy(names, energy, hours, MeterTraits.electricity(meters), np.zeros(meters, np.bool_))
