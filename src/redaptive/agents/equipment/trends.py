"""The trend that a tool judges: given by the caller, or stored; with the window it covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from redaptive.agents.equipment.inputs import PointSeries
from redaptive.domain.answers import DataQuality, Source
from redaptive.domain.equipment.points import converted
from redaptive.domain.equipment.records import LocatedEquipment
from redaptive.domain.equipment.resample import constant_points, on_grid
from redaptive.domain.equipment.samples import Samples
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore

WINDOW: Final = timedelta(days=7)


@dataclass(frozen=True)
class Judged:
    """A trend with where it comes from."""

    trend: Trend
    source: Source

    def quality(self) -> DataQuality:
        """The share of samples that are there, over all points."""
        known = [float(np.isfinite(values).mean()) for values in self.trend.columns.values()]
        return DataQuality(100.0 * sum(known) / len(known))


async def chosen_trend(
    store: EquipmentStore,
    found: LocatedEquipment,
    points: Sequence[PointSeries] | None,
    start: str | None,
    end: str | None,
    window: timedelta = WINDOW,
) -> Judged:
    """The given points cut to the window, else the stored ones of it.

    Without an end the window ends with the newest sample, without a start it begins `window` before.
    :raises NotFound: no trend is stored in it. :raises InvalidInput: a window that ends before it begins.
    """
    code = found.equipment.code
    first = parse_time(start, "start", found.timezone) if start else None
    last = parse_time(end, "end", found.timezone) if end else None
    if first is not None and last is not None and first >= last:
        raise InvalidInput("The window ends before it begins.", field="end", fix="Give an end after the start.")
    if points:
        return Judged(_cut(_given(code, points), first, last), Source("caller", code))
    if last is None:
        span = await store.span(code)
        if span is None:
            raise NotFound(f"No trend of {code} is stored.", field="points", fix="Give points, or load them.")
        last = span[1]
    trend = await store.trend(code, first or last - window, last)
    if trend is None or not trend.columns:
        raise NotFound(f"No trend of {code} is stored up to {last:%Y-%m-%d %H:%M} UTC.", field="end", fix="Move it.")
    return Judged(trend, Source("trend", code, f"{moment(trend.start_s)}/{moment(trend.end_s)}"))


def moment(seconds: int) -> str:
    """The moment as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _given(code: str, points: Sequence[PointSeries]) -> Trend:
    """The caller's points on one grid; a single value is a constant.

    :raises InvalidInput: a role that is given twice or unknown, a unit that it cannot have, or only constants.
    """
    names = [series.point for series in points]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidInput(f"{twice} is given twice.", field="points", fix="Give each point once.")
    samples, constants = {}, {}
    for series in points:
        values = converted(np.array(series.values, np.float64), series.point, series.unit)
        if values.size == 1:
            constants[series.point] = float(values[0])
            continue
        start = series.start.replace(tzinfo=series.start.tzinfo or UTC).timestamp()
        samples[series.point] = Samples(int(start) + series.interval_s * np.arange(values.size), values)
    step = max((series.interval_s for series in points if len(series.values) > 1), default=None)
    return constant_points(on_grid(code, samples, step), constants)


def _cut(trend: Trend, start: datetime | None, end: datetime | None) -> Trend:
    first = 0 if start is None else -(-(int(start.timestamp()) - trend.start_s) // trend.step_s)
    last = trend.rows if end is None else (int(end.timestamp()) - trend.start_s) // trend.step_s
    first, last = max(0, first), min(trend.rows, last)
    if first >= last:
        raise InvalidInput("No sample lies in the window.", field="start", fix="Give points and a window that meet.")
    columns = {name: values[first:last] for name, values in trend.columns.items()}
    return Trend(trend.equipment_id, trend.start_s + first * trend.step_s, trend.step_s, columns)
