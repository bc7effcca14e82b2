"""Zeros that are probably gaps which the source filled with zeros.

A zero reading is either no use or no reading. Each run of zeros of a meter is judged by the meter's own habits:

- `base_load` (electricity and other always-on meters): the 5th percentile of the non-zero values is above a tenth of
  their median, so the meter never comes near zero: every zero run is suspect.
- `intermittent` (all other meters without a heating season): zero is normal; only runs longer than 7 days are suspect.
- `heating` (gas, steam, hot water, fuels): a run is plausible where it is warm. It is suspect where the meter
  otherwise burns in the cold (at least half of its cold intervals are non-zero) and the run is cold: at least 24 cold
  hours that are at least a quarter of the run, or any cold run where 98 % of the cold intervals are non-zero.
  Cold is below 10 °C; without temperature, November to March (northern hemisphere).
- `all_zero`: nothing but zeros; all suspect. `no_zeros`: nothing to judge.

Failure modes: a building that was really shut for a week is flagged (a person clears it); a filled gap in a warm month
of a heating meter is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from redaptive.domain.quality.flags import Quality

HEATING_COMMODITIES: Final = ("gas", "steam", "hot_water", "fuel_oil", "propane")


@dataclass(frozen=True)
class ZeroRules:
    """Limits of the rules above; durations in hours, temperature in °C, shares as fractions."""

    base_to_median: float = 0.10
    max_intermittent_run_h: float = 168.0
    cold_below_c: float = 10.0
    cold_months: tuple[int, ...] = (11, 12, 1, 2, 3)
    active_in_cold: float = 0.50
    always_in_cold: float = 0.98
    min_cold_run_h: float = 24.0
    min_cold_share: float = 0.25
    short_run_h: float = 24.0
    max_short_runs_per_day: float = 0.10


@dataclass(frozen=True)
class ZeroFlags:
    """`flags` (Int8, Quality.SUSPECT_ZERO or 0) in the order of the readings; `summary` one row per meter.

    Summary columns: meter_id, rule, n, n_zero, n_suspect, longest_run_h (of zeros).
    """

    flags: pl.Series
    summary: pl.DataFrame


def classify_zeros(
    readings: pl.DataFrame,
    commodities: pl.DataFrame,
    *,
    interval_s: int = 3600,
    temperature: pl.DataFrame | None = None,
    rules: ZeroRules = ZeroRules(),
) -> ZeroFlags:
    """Which zeros are suspect, and why, of many meters of one weather station.

    `readings`: meter_id, ts, value, in any order; null and NaN are gaps and end a run. `commodities`: meter_id,
    commodity. `temperature`: ts (hourly, same clock as the readings), air_temperature_c.
    """
    table = _ordered(readings, temperature, rules)
    runs = _zero_runs(table, interval_s)
    habits = _habits(table, runs, commodities, interval_s, rules)
    judged = runs.join(habits.select("meter_id", "rule", "cold_active"), on="meter_id", how="left")
    judged = judged.with_columns(suspect=_suspect(rules))
    flagged = table.join(judged.select("run", "suspect"), on="run", how="left", maintain_order="left")
    bit = pl.when(pl.col("is_zero") & pl.col("suspect").fill_null(value=False)).then(int(Quality.SUSPECT_ZERO))
    flags = flagged.select("row", flag=bit.otherwise(0).cast(pl.Int8)).sort("row")["flag"]
    return ZeroFlags(flags, _summary(habits, judged))


def _ordered(readings: pl.DataFrame, temperature: pl.DataFrame | None, rules: ZeroRules) -> pl.DataFrame:
    """Sorted rows with is_zero, cold and the number of the run of equal is_zero they belong to."""
    value = pl.col("value").cast(pl.Float64).fill_nan(None)
    table = readings.select("meter_id", "ts", value.alias("value"), row=pl.int_range(pl.len()))
    cold = pl.col("ts").dt.month().is_in(list(rules.cold_months))
    if temperature is not None:
        hourly = temperature.select(hour="ts", t="air_temperature_c").unique("hour")
        hour = pl.col("ts").dt.truncate("1h").cast(hourly["hour"].dtype).alias("hour")
        table = table.with_columns(hour).join(hourly, on="hour", how="left", maintain_order="left")
        cold = (pl.col("t") < rules.cold_below_c).fill_null(value=False)
    table = table.with_columns(is_zero=(pl.col("value") == 0).fill_null(value=False), cold=cold)
    table = table.select("meter_id", "ts", "value", "row", "is_zero", "cold").sort("meter_id", "ts")
    changed = (pl.col("is_zero") != pl.col("is_zero").shift(1)) | (pl.col("meter_id") != pl.col("meter_id").shift(1))
    return table.with_columns(run=changed.fill_null(value=True).cum_sum())


def _zero_runs(table: pl.DataFrame, interval_s: int) -> pl.DataFrame:
    hours = interval_s / 3600.0
    runs = table.filter("is_zero").group_by("run", maintain_order=True)
    return runs.agg(
        meter_id=pl.col("meter_id").first(),
        length=pl.len(),
        hours=pl.len() * hours,
        cold_hours=pl.col("cold").sum() * hours,
    )


def _habits(
    table: pl.DataFrame, runs: pl.DataFrame, commodities: pl.DataFrame, interval_s: int, rules: ZeroRules
) -> pl.DataFrame:
    """What each meter usually does, and the rule that follows from it."""
    value, active = pl.col("value"), pl.col("value") != 0
    habits = table.filter(value.is_not_null()).group_by("meter_id", maintain_order=True)
    stats = habits.agg(
        n=pl.len(),
        n_zero=pl.col("is_zero").sum(),
        low=value.filter(active).quantile(0.05),
        middle=value.filter(active).median(),
        cold_active=active.filter(pl.col("cold")).mean(),
    )
    short = runs.filter(pl.col("hours") <= rules.short_run_h).group_by("meter_id").agg(n_short=pl.len())
    stats = stats.join(short, on="meter_id", how="left").join(commodities, on="meter_id", how="left")
    short_per_day = pl.col("n_short").fill_null(0) / (pl.col("n") * interval_s / 86400.0)
    # Frequent short runs are habits (on/off loads, coarse pulse registers), not gaps.
    based = (pl.col("low") > rules.base_to_median * pl.col("middle")) & (short_per_day <= rules.max_short_runs_per_day)
    heating = pl.col("commodity").cast(pl.String).is_in(list(HEATING_COMMODITIES)).fill_null(value=False)
    rule = (
        pl.when(pl.col("n_zero") == 0)
        .then(pl.lit("no_zeros"))
        .when(pl.col("n_zero") == pl.col("n"))
        .then(pl.lit("all_zero"))
        .when(heating)
        .then(pl.lit("heating"))
        .when(based)
        .then(pl.lit("base_load"))
        .otherwise(pl.lit("intermittent"))
    )
    return stats.with_columns(rule=rule)


def _suspect(rules: ZeroRules) -> pl.Expr:
    rule, cold_share = pl.col("rule"), pl.col("cold_hours") / pl.col("hours")
    long_and_cold = (pl.col("cold_hours") >= rules.min_cold_run_h) & (cold_share >= rules.min_cold_share)
    cold_at_all = (pl.col("cold_active") >= rules.always_in_cold) & (cold_share > 0.5)
    heating = (pl.col("cold_active") >= rules.active_in_cold) & (long_and_cold | cold_at_all)
    long_pause = (rule == "intermittent") & (pl.col("hours") > rules.max_intermittent_run_h)
    return rule.is_in(["base_load", "all_zero"]) | long_pause | ((rule == "heating") & heating.fill_null(value=False))


def _summary(habits: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    runs = judged.group_by("meter_id").agg(
        longest_run_h=pl.col("hours").max(), n_suspect=pl.col("length").filter(pl.col("suspect")).sum()
    )
    joined = habits.join(runs, on="meter_id", how="left").with_columns(
        n_suspect=pl.col("n_suspect").fill_null(0), longest_run_h=pl.col("longest_run_h").fill_null(0.0)
    )
    return joined.select("meter_id", "rule", "n", "n_zero", "n_suspect", "longest_run_h").sort("meter_id")
