"""Load-shape metrics of one meter from its readings."""

from __future__ import annotations

import math

from redaptive.agents.portfolio.periods import Period
from redaptive.agents.portfolio.results import LoadShape, MonthlyPeak
from redaptive.domain.intervals import local_midnight
from redaptive.domain.portfolio.load_shape import load_shapes, monthly_peaks
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings.store import ReadingsStore


def meter_shape(readings: ReadingsStore, meter: Meter, timezone: str, period: Period) -> LoadShape:
    """The load shape of a meter in a period; raises InvalidInput for water and for a period without readings."""
    if meter.commodity is Commodity.WATER or meter.meter_no is None:
        raise InvalidInput(f"{meter.code} measures no energy.", field="meter_id", fix="Name an energy meter.")
    start, end = local_midnight(period.start, timezone), local_midnight(period.end, timezone)
    frame = readings.readings([meter.meter_no], start, end)
    if frame.is_empty():
        raise InvalidInput(
            f"{meter.code} has no reading in {period}.", field="period", fix="Choose another period or import readings."
        )
    row = load_shapes(frame, timezone, meter.interval_s).row(0, named=True)
    peaks = monthly_peaks(frame, timezone, meter.interval_s).select("month", "peak_kw", "peak_ts")
    known = {name: value if _is_known(value) else None for name, value in row.items()}
    return LoadShape(
        meter_code=meter.code,
        interval_s=meter.interval_s,
        base_kw=row["base_kw"],
        peak_kw=row["peak_kw"],
        max_kw=row["max_kw"],
        mean_kw=row["mean_kw"],
        high_load_h_per_day=row["high_load_h_per_day"],
        n_days=row["n_days"],
        base_peak_ratio=known["base_peak_ratio"],
        load_factor=known["load_factor"],
        rise_hour=known["rise_hour"],
        fall_hour=known["fall_hour"],
        night_day_ratio=known["night_day_ratio"],
        weekend_weekday_ratio=known["weekend_weekday_ratio"],
        max_ramp_kw=known["max_ramp_kw"],
        monthly_peaks=tuple(MonthlyPeak(*values) for values in peaks.iter_rows()),
    )


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
