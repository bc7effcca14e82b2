"""Load-shape metrics of interval readings (LBNL definitions of 2010; domain.md 4.4).

Base and peak are the 2.5th and 97.5th percentile of each local day's mean kW per interval, averaged over days. Only
days with at least 90 % of their intervals count; null and NaN readings are gaps, never zeros. Ratios and duration are
null where nothing supports them. Meters are computed at once, as (meter, local day, interval of the day).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from redaptive.domain.local_stamps import local_columns
from redaptive.domain.portfolio.day_grid import DayGrid, Floats, Times, day_grid
from redaptive.errors import InvalidInput

MIN_DAY_SHARE: Final = 0.9
NIGHT_HOURS: Final = (0.0, 5.0)
DAY_HOURS: Final = (9.0, 17.0)
QUANTILES: Final = (0.025, 0.975)
VALUES_AT_ONCE: Final = 1_000_000
Mask = NDArray[np.bool_]


def load_shapes(readings: pl.DataFrame, timezone: str, interval_s: int) -> pl.DataFrame:
    """One row per meter, sorted by `meter_id`, of the metrics of `grid_shapes`; meters without a full day are left out.

    `readings`: meter_id, ts (UTC interval start), value (Wh per interval of `interval_s`), of meters in one time zone.
    Raises InvalidInput without readings and where no meter has a full day.
    """
    if readings.is_empty():
        raise InvalidInput("No reading is given.", field="readings", fix="Choose a period with readings.")
    known = readings.select("meter_id", pl.col("ts").dt.epoch("us"), pl.col("value").cast(pl.Float64)).drop_nulls()
    meters, row = np.unique(known["meter_id"].to_numpy(), return_inverse=True)
    times, column = np.unique(known["ts"].to_numpy(), return_inverse=True)
    kw = np.full((meters.size, times.size), np.nan)
    kw[row, column] = known["value"].to_numpy() * (3.6 / interval_s)
    shapes = grid_shapes(kw, times, timezone, interval_s)
    if shapes.is_empty():
        raise InvalidInput("No day has 90 % of its readings.", field="readings", fix="Choose a fuller period.")
    ids = pl.Series("meter_id", meters, dtype=readings["meter_id"].dtype)
    return shapes.select(ids.gather(shapes["row"]), pl.exclude("row"))


def grid_shapes(kw: Floats, times_us: Times, timezone: str, interval_s: int) -> pl.DataFrame:
    """One row for each row of `kw` that has a full day, with its index `row`.

    `kw` (n_meters, n_times) is the mean power of each interval, NaN where it is missing; `times_us` are the starts of
    the intervals, ascending, in microseconds since 1970 (UTC).
    Columns: base_kw, peak_kw, max_kw, mean_kw, base_peak_ratio, load_factor (mean/peak), high_load_h_per_day,
    rise_hour, fall_hour (median local hour at which the high load begins and ends), night_day_ratio,
    weekend_weekday_ratio, max_ramp_kw (largest change between neighbouring intervals of `interval_s`), n_days, n.
    """
    grid = day_grid(times_us, timezone)
    step = max(1, VALUES_AT_ONCE // max(1, grid.slots.size))
    blocks = [_block(kw[i : i + step], grid, interval_s, first=i) for i in range(0, max(1, kw.shape[0]), step)]
    return pl.concat(blocks).filter(pl.col("n_days") > 0)


def _block(kw: Floats, grid: DayGrid, interval_s: int, *, first: int) -> pl.DataFrame:
    """The metrics of some meters; their first has the index `first`."""
    daily = grid.by_day(kw)
    n = np.isfinite(daily).sum(axis=2)
    full = n >= MIN_DAY_SHARE * 86400.0 / interval_s  # a 23-hour day is measured against 24 h
    daily[~full] = np.nan
    base, peak = _quantiles(daily, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = {
            "base_kw": _mean(base, full),
            "peak_kw": _mean(peak, full),
            **_means(daily, grid),
            **_high_load(daily, base, peak, full, grid, interval_s),
            "max_ramp_kw": _max_ramp(kw, grid.times_us, interval_s),
        }
        figures["base_peak_ratio"] = figures["base_kw"] / figures["peak_kw"]
        figures["load_factor"] = figures["mean_kw"] / figures["peak_kw"]
    counts = {"n_days": full.sum(axis=1), "n": np.isfinite(daily).sum(axis=(1, 2))}
    rows = np.arange(first, first + kw.shape[0])
    return pl.DataFrame({"row": rows, **figures, **counts}).with_columns(pl.col(pl.Float64).fill_nan(None))


def _quantiles(daily: Floats, n: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Base and peak of each day (n_meters, n_days): linear between neighbours, as numpy's and polars' `linear`."""
    ordered = np.sort(daily, axis=2)  # NaN comes last
    found = []
    for share in QUANTILES:
        place = np.maximum(share * (n - 1), 0.0)
        low = np.floor(place).astype(np.intp)
        below, above = (
            np.take_along_axis(ordered, i[:, :, None], 2)[:, :, 0] for i in (low, np.ceil(place).astype(np.intp))
        )
        found.append(below + (above - below) * (place - low))
    return found[0], found[1]


def _mean(values: Floats, where: Mask) -> Floats:
    """Mean along the last axes of the values marked; NaN where none is."""
    axes = tuple(range(1, values.ndim))
    total, count = np.where(where, values, 0.0).sum(axis=axes), where.sum(axis=axes)
    mean: Floats = total / np.where(count > 0, count, np.nan)
    return mean


def _means(daily: Floats, grid: DayGrid) -> dict[str, Floats]:
    """Mean and largest power of full days, and how nights and weekends compare."""
    known = np.isfinite(daily)
    weekend = known & grid.weekend[:, None]
    night, day = (_mean(daily, known & ((grid.hour >= a) & (grid.hour < b))) for a, b in (NIGHT_HOURS, DAY_HOURS))
    largest = np.where(known, daily, -np.inf).max(axis=(1, 2), initial=-np.inf)
    return {
        "max_kw": np.where(largest > -np.inf, largest, np.nan),
        "mean_kw": _mean(daily, known),
        "night_day_ratio": night / day,
        "weekend_weekday_ratio": _mean(daily, weekend) / _mean(daily, known & ~weekend),
    }


def _high_load(
    daily: Floats, base: Floats, peak: Floats, full: Mask, grid: DayGrid, interval_s: int
) -> dict[str, Floats]:
    """How long the load lies above the middle of base and peak, and when it rises and falls."""
    high: Mask = daily > (base + 0.5 * (peak - base))[:, :, None]
    some, width, days = np.any(high, axis=2), high.shape[2], np.arange(high.shape[1])
    rise = grid.hour[days, np.argmax(high, axis=2)]
    fall = grid.hour[days, width - 1 - np.argmax(high[:, :, ::-1], axis=2)] + interval_s / 3600.0
    return {
        "high_load_h_per_day": _mean(high.sum(axis=2).astype(np.float64), full) * (interval_s / 3600.0),
        "rise_hour": _median(rise, some),
        "fall_hour": _median(fall, some),
    }


def _median(values: Floats, where: Mask) -> Floats:
    """Median along the last axis of the values marked; NaN where none is."""
    ordered, n = np.sort(np.where(where, values, np.nan), axis=1), where.sum(axis=1)
    low, high = np.maximum(n - 1, 0) // 2, np.minimum(n // 2, values.shape[1] - 1)
    rows = np.arange(n.size)
    middle: Floats = (ordered[rows, low] + ordered[rows, high]) / 2.0
    return middle


def _max_ramp(kw: Floats, times_us: Times, interval_s: int) -> Floats:
    """Largest change between intervals that follow one another; neighbours across a gap are no ramp."""
    before = np.searchsorted(times_us, times_us - interval_s * 1_000_000)
    now = np.flatnonzero(times_us[before] == times_us - interval_s * 1_000_000)
    ramps = np.abs(kw[:, now] - kw[:, before[now]])
    largest = np.where(np.isfinite(ramps), ramps, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(largest > -np.inf, largest, np.nan)


def monthly_peaks(readings: pl.DataFrame, timezone: str, interval_s: int) -> pl.DataFrame:
    """The largest interval of each meter and local month: meter_id, month, peak_kw, peak_ts (UTC, the first one)."""
    loads = _loads(readings, timezone, interval_s)
    by_month = loads.group_by("meter_id", pl.col("day").dt.truncate("1mo").alias("month"))
    peaks = by_month.agg(peak_kw=pl.col("kw").max(), peak_ts=pl.col("ts").gather(pl.col("kw").arg_max()).first())
    return peaks.sort("meter_id", "month")


def _loads(readings: pl.DataFrame, timezone: str, interval_s: int) -> pl.DataFrame:
    kw = (pl.col("value").cast(pl.Float64) * (3.6 / interval_s)).alias("kw")
    known = readings.select("meter_id", "ts", kw).filter(pl.col("kw").is_not_null() & pl.col("kw").is_not_nan())
    return known.sort("meter_id", "ts").with_columns(*local_columns("ts", timezone))
