"""Load-shape metrics of interval readings (LBNL definitions of 2010; domain.md 4.4).

Base and peak are the 2.5th and 97.5th percentile of each local day's mean kW per interval, averaged over days. Only
days with at least 90 % of their intervals count; null and NaN readings are gaps, never zeros. Ratios and duration are
NaN (null) where nothing supports them. All meters are computed at once.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from redaptive.domain.intervals import local_columns
from redaptive.errors import InvalidInput

MIN_DAY_SHARE: Final = 0.9
NIGHT_HOURS: Final = (0.0, 5.0)
DAY_HOURS: Final = (9.0, 17.0)


def load_shapes(readings: pl.DataFrame, timezone: str, interval_s: int) -> pl.DataFrame:
    """One row per meter, sorted by `meter_id`, of the metrics below.

    `readings`: meter_id, ts (UTC interval start), value (Wh per interval of `interval_s`), of meters in one time zone.
    Columns: base_kw, peak_kw, max_kw, mean_kw, base_peak_ratio, load_factor (mean/peak), high_load_h_per_day,
    rise_hour, fall_hour (median local hour at which the high load begins and ends), night_day_ratio,
    weekend_weekday_ratio, max_ramp_kw (largest change between neighbouring intervals of `interval_s`), n_days, n.
    """
    if readings.is_empty():
        raise InvalidInput("No reading is given.", field="readings", fix="Choose a period with readings.")
    loads = _loads(readings, timezone, interval_s)
    days = _days(loads, interval_s)
    if days.is_empty():
        raise InvalidInput("No day has 90 % of its readings.", field="readings", fix="Choose a fuller period.")
    full = loads.join(days, on=["meter_id", "day"], how="inner", maintain_order="left")
    metrics = _daily_metrics(full, days, interval_s).join(_ratios(full), on="meter_id")
    ramps = _ramps(loads, interval_s)
    return metrics.join(ramps, on="meter_id").sort("meter_id")


def monthly_peaks(readings: pl.DataFrame, timezone: str, interval_s: int) -> pl.DataFrame:
    """The largest interval of each meter and local month: meter_id, month, peak_kw, peak_ts (UTC, the first one)."""
    loads = _loads(readings, timezone, interval_s)
    by_month = loads.group_by("meter_id", pl.col("day").dt.truncate("1mo").alias("month"))
    peaks = by_month.agg(peak_kw=pl.col("kw").max(), peak_ts=pl.col("ts").gather(pl.col("kw").arg_max()).first())
    return peaks.sort("meter_id", "month")


def _loads(readings: pl.DataFrame, timezone: str, interval_s: int) -> pl.DataFrame:
    kw = (pl.col("value").cast(pl.Float64) * (3.6 / interval_s)).alias("kw")
    known = readings.select("meter_id", "ts", kw).filter(pl.col("kw").is_not_null() & pl.col("kw").is_not_nan())
    ordered = known if _in_order(known) else known.sort("meter_id", "ts")
    return ordered.with_columns(*local_columns("ts", timezone))


def _in_order(rows: pl.DataFrame) -> bool:
    """Whether rows are sorted by meter and time, as stores give them: to look is far cheaper than to sort again."""
    meter, ts = pl.col("meter_id").diff(), pl.col("ts").diff()
    return bool(rows.select(((meter > 0) | ((meter == 0) & (ts >= pl.duration()))).all()).item())


def _days(loads: pl.DataFrame, interval_s: int) -> pl.DataFrame:
    """Base and peak of each meter and day that has enough intervals (a 23-hour day is measured against 24 h)."""
    quantile = pl.col("kw").quantile
    days = loads.group_by("meter_id", "day").agg(
        base=quantile(0.025, interpolation="linear"), peak=quantile(0.975, interpolation="linear"), n_day=pl.len()
    )
    return days.filter(pl.col("n_day") >= MIN_DAY_SHARE * 86400.0 / interval_s)


def _daily_metrics(full: pl.DataFrame, days: pl.DataFrame, interval_s: int) -> pl.DataFrame:
    high = full.filter(pl.col("kw") > pl.col("base") + 0.5 * (pl.col("peak") - pl.col("base")))
    high_days = high.group_by("meter_id", "day").agg(
        high_n=pl.len(), rise=pl.col("hour").first(), fall=pl.col("hour").last() + interval_s / 3600.0
    )
    means = full.group_by("meter_id").agg(mean_kw=pl.col("kw").mean(), max_kw=pl.col("kw").max(), n=pl.len())
    joined = days.join(high_days, on=["meter_id", "day"], how="left")
    daily = joined.group_by("meter_id").agg(
        base_kw=pl.col("base").mean(),
        peak_kw=pl.col("peak").mean(),
        high_load_h_per_day=pl.col("high_n").fill_null(0).mean() * (interval_s / 3600.0),
        rise_hour=pl.col("rise").median(),
        fall_hour=pl.col("fall").median(),
        n_days=pl.len(),
    )
    return daily.join(means, on="meter_id").with_columns(
        base_peak_ratio=pl.col("base_kw") / pl.col("peak_kw"), load_factor=pl.col("mean_kw") / pl.col("peak_kw")
    )


def _ratios(full: pl.DataFrame) -> pl.DataFrame:
    kw, hour, weekend = pl.col("kw"), pl.col("hour"), pl.col("day").dt.weekday() >= 6
    night, day = (kw.filter((hour >= a) & (hour < b)).mean() for a, b in (NIGHT_HOURS, DAY_HOURS))
    return full.group_by("meter_id").agg(
        night_day_ratio=night / day,
        weekend_weekday_ratio=kw.filter(weekend).mean() / kw.filter(~weekend).mean(),
    )


def _ramps(loads: pl.DataFrame, interval_s: int) -> pl.DataFrame:
    """Neighbours across a gap are no ramp."""
    same = pl.col("meter_id") == pl.col("meter_id").shift(1)
    near = (pl.col("ts").diff() == pl.duration(seconds=interval_s)) & same
    ramp = pl.when(near).then(pl.col("kw").diff().abs()).alias("ramp")
    return loads.select("meter_id", ramp).group_by("meter_id").agg(max_ramp_kw=pl.col("ramp").max())
