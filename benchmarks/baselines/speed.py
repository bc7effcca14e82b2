"""Time and memory of fleet fits and of a portfolio of projects; synthetic replicas, so speed only."""

from __future__ import annotations

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from baselines.installations import START_S, YEAR_H, weather
from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.hourly_fit import fit_hourly
from redaptive.domain.baseline.hours import HOUR_S, SiteHours, site_hours
from redaptive.domain.baseline.projects import SavingsProject
from redaptive.domain.baseline.study import SiteEnergy
from redaptive.domain.baseline.verification import Verified, portfolio, verify_period

PIECE = 512
COMPARISON = 50
ZONE = "America/Chicago"


@dataclass(frozen=True)
class Timed:
    """Meters fitted, wall and processor seconds, and the process's peak memory since it began."""

    meters: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def core_fit(meters: int, threads: int = 2) -> Timed:
    """`fit_hourly` over a year of hours in pieces of 512 meters; making the readings is not counted."""
    warm = weather(3)[:YEAR_H]
    hours = site_hours(START_S, warm, ZONE)
    profiles = _profiles(hours)
    wall = cpu = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, meters, PIECE * threads):
            counts = [min(PIECE, meters - at) for at in range(first, min(first + PIECE * threads, meters), PIECE)]
            pieces = [_replicas(profiles, count, first + k) for k, count in enumerate(counts)]
            begun, used = time.perf_counter(), time.process_time()
            list(pool.map(lambda piece: fit_hourly(piece, hours), pieces))
            wall, cpu = wall + time.perf_counter() - begun, cpu + time.process_time() - used
    return Timed(meters, wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _profiles(hours: SiteHours) -> np.ndarray:
    rng = np.random.default_rng(1)
    busy = (hours.slot % 24 >= 7) & (hours.slot % 24 < 19) & (hours.slot < 120)
    warm = np.maximum(0, hours.temperature_c - 16)
    return np.stack([30 + 40 * rng.random() * busy + 3 * rng.random() * warm for _ in range(64)]).astype(np.float32)


def _replicas(profiles: np.ndarray, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y = profiles[rng.integers(0, len(profiles), count)] * rng.uniform(0.5, 2, (count, 1)).astype(np.float32)
    y += rng.standard_normal(y.shape, dtype=np.float32) * 3
    y[rng.random(y.shape, dtype=np.float32) < 0.01] = np.nan
    return y


def projects(count: int = 500, windows: int = 12, threads: int = 2) -> tuple[Timed, int]:
    """M&V of one-meter projects in `windows` pairs of periods, 50 comparison meters each; how many have savings."""
    made = [_window(count // windows + (k < count % windows), k) for k in range(windows)]
    begun, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        waiting = [
            pool.submit(verify_period, listed, *sites, comparison=others, seed=1 + 10 * k)
            for k, (listed, sites, others) in enumerate(made)
        ]
        results: list[Verified] = [result for future in waiting for result in future.result()]
    portfolio(results)
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Timed(len(results), wall, cpu, peak), sum(r.gate != "refused" for r in results)


def _window(count: int, window: int) -> tuple[list[SavingsProject], tuple[SiteEnergy, SiteEnergy], list[SiteEnergy]]:
    warm = weather(window)
    hours = [site_hours(START_S + k * YEAR_H * HOUR_S, warm[k * YEAR_H : (k + 1) * YEAR_H], ZONE) for k in (0, 1)]
    drawn = [_replicas(_profiles(h), count + COMPARISON, 50 + window).astype(np.float64) for h in hours]
    drawn[1][:count] *= 0.85
    sites = [[_site(y[part], h) for y, h in zip(drawn, hours, strict=True)]
             for part in (slice(0, count), slice(count, None))]  # fmt: skip
    day = date(2019, 1, 1)
    listed = [
        SavingsProject(f"w{window}p{i}", f"p{i}", (f"m{i}",), day, day + timedelta(days=1)).checked()
        for i in range(count)
    ]
    return listed, (sites[0][0], sites[0][1]), sites[1]


def _site(y: np.ndarray, hours: SiteHours) -> SiteEnergy:
    names = tuple(f"m{i}" for i in range(len(y)))
    return SiteEnergy(names, y, hours, MeterTraits.electricity(len(y)), np.zeros(len(y), np.bool_))
