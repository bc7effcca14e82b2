"""Meters of the readings store as hourly histories, one per commodity, clock, calendar and station."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.domain.baseline.hour_matrix import hourly_weather
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.meter_series import Floats
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.quality.zero_or_missing import classify_zeros
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.store_energy import Climate
from redaptive.streams.forecasts.history import KILO, History

TRAIN_DAYS: Final = 1_200
FORECAST_DAYS: Final = 430
"""A year and what its features need."""
NO_WEATHER: Final = "No weather is stored for some meters: their forecast goes without it."


@dataclass(frozen=True)
class Group:
    """Meters that one history holds; `climate.station` is empty where their site has none."""

    commodity: str
    climate: Climate
    meters: tuple[MonitoredMeter, ...]


def can_be_forecast(meter: MonitoredMeter) -> bool:
    """Whether a meter measures energy by the hour or finer."""
    return meter.meter.interval_s <= HOUR_S and meter.meter.commodity is not Commodity.WATER


def groups_of(meters: Sequence[MonitoredMeter]) -> list[Group]:
    """The meters that can be forecast, by commodity, clock, calendar and station, in that order."""
    found: dict[tuple[str, Climate], list[MonitoredMeter]] = {}
    for meter in filter(can_be_forecast, meters):
        climate = Climate(meter.timezone, meter.weather_station or "", meter.country, meter.state)
        found.setdefault((str(meter.meter.commodity), climate), []).append(meter)
    key = lambda item: (item[0][0], item[0][1].timezone, item[0][1].station, item[0][1].state or "")  # noqa: E731
    return [
        Group(commodity, climate, tuple(members)) for (commodity, climate), members in sorted(found.items(), key=key)
    ]


def newest_hour(readings: ReadingsStore, meters: Sequence[MonitoredMeter]) -> datetime | None:
    """End of the newest full hour that any of the meters has read; None without a reading."""
    latest = readings.latest([m.number for m in meters])
    if latest.is_empty():
        return None
    steps = {m.number: m.meter.interval_s for m in meters}
    ends = [ts.timestamp() + steps[number] for number, ts in latest.select("meter_id", "ts").iter_rows()]
    return datetime.fromtimestamp(int(max(ends)) // HOUR_S * HOUR_S, UTC)


def history_of(readings: ReadingsStore, group: Group, air: pl.DataFrame | None, end: datetime, days: int) -> History:
    """The last `days` until the full hour `end`; zeros that are probably filled gaps count as missing.

    `air`: ts and air_temperature_c of the station.
    An hour that lacks a reading is missing, and so is one with a doubtful reading that nobody has estimated.
    """
    start = end - timedelta(days=days)
    span = int(start.timestamp()), int(end.timestamp())
    frame, notes = _without_filled_gaps(readings.hourly([m.number for m in group.meters], start, end), group, air)
    energy = _matrix(frame, group, span)
    warm = np.full(energy.shape[1], np.nan) if air is None else hourly_weather(air, span)[0]
    if air is None:
        notes.append(NO_WEATHER)
    meters = group.meters
    return History(
        names=tuple(m.meter.code for m in meters),
        timezone=group.climate.timezone,
        closed=group.climate.holidays(start.year, end.year + 1),
        start_s=span[0],
        energy=energy,
        temperature_c=warm,
        commodity=group.commodity,
        sites=tuple(m.site_code for m in meters),
        parents=tuple(m.meter.parent_code or "" for m in meters),
        notes=tuple(notes),
    )


def _without_filled_gaps(frame: pl.DataFrame, group: Group, air: pl.DataFrame | None) -> tuple[pl.DataFrame, list[str]]:
    if frame.is_empty():
        return frame, []
    numbers = [meter.number for meter in group.meters]
    commodities = pl.DataFrame({"meter_id": numbers, "commodity": [group.commodity] * len(numbers)}).with_columns(
        pl.col("meter_id").cast(frame["meter_id"].dtype)
    )
    rows = frame.select("meter_id", ts="hour_ts", value="value_sum")
    warm = None if air is None else air.select("ts", "air_temperature_c")
    flags = classify_zeros(rows, commodities, interval_s=HOUR_S, temperature=warm).flags
    zeros = int((flags != 0).sum())
    said = [f"{zeros:,} hours of zero are probably gaps that were filled; they count as missing."] if zeros else []
    return frame.filter(flags == 0), said


def _matrix(frame: pl.DataFrame, group: Group, span: tuple[int, int]) -> Floats:
    rows = {meter.number: row for row, meter in enumerate(group.meters)}
    row = frame["meter_id"].cast(pl.Int64).replace_strict(rows, return_dtype=pl.Int64).to_numpy()
    hour = (frame["hour_ts"].dt.epoch("s").to_numpy() - span[0]) // HOUR_S
    needed = np.array([max(1, HOUR_S // meter.meter.interval_s) for meter in group.meters], np.int64)
    whole = (frame["n"].to_numpy() >= needed[row]) & (frame["n_flagged"] <= frame["n_estimated"]).to_numpy()
    energy = np.full((len(rows), (span[1] - span[0]) // HOUR_S), np.nan)
    energy[row[whole], hour[whole]] = frame["value_sum"].to_numpy()[whole] / KILO
    return energy
