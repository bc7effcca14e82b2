"""Validation, estimation and editing of one meter's stored readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.agents.monitoring.meters import KILO, holidays_of, read_many, read_series, unit_of
from redaptive.agents.monitoring.results import (
    ClockChangeDay,
    EstimatedInterval,
    FlagCount,
    FlaggedSpan,
    SumCheck,
    SumCheckDay,
    VeeReport,
    Written,
)
from redaptive.agents.monitoring.window import Window
from redaptive.domain.intervals import parse_time
from redaptive.domain.meter_series import Floats, MeterSeries
from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.vee import Flags, VeeFlag, VeeRules, clock_days, spans, validate
from redaptive.domain.quality.vee_estimate import Estimate, cleaned, estimate
from redaptive.domain.quality.vee_sum import sum_check, with_sum_flags
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore

AROUND_DAYS: Final = 42
"""Read on both sides of the window: for the 30-day maximum and for like days."""
Stood = list[int | None]
LISTED: Final = 500
"""Most spans and estimates in an answer; counts are always complete."""


@dataclass(frozen=True)
class Edit:
    """A value that a person puts in place of a reading: start of the interval (ISO 8601), and kWh (m3 for water)."""

    start: str
    value: float


@dataclass(frozen=True)
class Validated:
    """A window of a meter with its flags, estimates and checks; `around` is the longer series that was looked at."""

    meter: MonitoredMeter
    span: Window
    around: MeterSeries
    flags: Flags
    estimates: list[Estimate]
    checked: SumCheck | None
    first: int

    @property
    def inside(self) -> slice:
        """The window's intervals in `around`."""
        n = -(-int((self.span.end - self.span.start).total_seconds()) // self.around.step_s)
        return slice(self.first, min(self.first + n, self.around.energy.size))

    @property
    def window(self) -> MeterSeries:
        """The window's readings as they stand."""
        first, series = self.inside.start, self.around
        energy, quality = series.energy[self.inside], series.quality[self.inside]
        return MeterSeries(series.start_s + first * series.step_s, series.step_s, energy, quality)

    @property
    def own(self) -> list[Estimate]:
        """The estimates cut to the window."""
        return [cut for each in self.estimates if (cut := _cut(each, self.inside)) is not None]


def rules_of(meter: MonitoredMeter) -> VeeRules:
    """The limits of a meter; register differences may roll over where digits and weight are known."""
    limits = meter.limits
    size = None
    if limits.register_digits is not None:
        size = 10.0**limits.register_digits * (limits.wh_per_count or 1000.0) * meter.meter.multiplier
    cap = None if limits.cap_wh is None else float(limits.cap_wh)
    return VeeRules(cap=cap, exports=limits.exports, register_size=size)


def examine(
    readings: ReadingsStore, meter: MonitoredMeter, children: Sequence[MonitoredMeter], span: Window
) -> Validated:
    """Validate the window, with 42 days around it to judge and to estimate by."""
    start, end = span.start - timedelta(days=AROUND_DAYS), span.end + timedelta(days=AROUND_DAYS)
    series, rules = read_series(readings, meter, start, end), rules_of(meter)
    if np.isnan(series.energy).all():
        raise InvalidInput(f"{meter.meter.code} has no reading near the window.", field="start")
    first = (int(span.start.timestamp()) - series.start_s) // series.step_s
    flags = validate(series, rules, meter.timezone)
    flags, checked = _checked_sums(readings, meter, children, series, flags, span)
    estimates = estimate(series, flags, rules, meter.timezone, holidays_of(meter, start, end))
    return Validated(meter, span, series, flags, estimates, checked, first)


def report(found: Validated, written: Written | None) -> VeeReport:
    """The window's findings in kWh (m3)."""
    own, inside = found.own, found.inside
    flags, original = found.flags[inside], found.around.energy[inside]
    clean = cleaned(found.around, found.estimates).energy[inside]
    marked = [row for bit in VeeFlag for row in _flagged(found, bit)]
    days = clock_days(_window_of(found), found.meter.timezone)
    return VeeReport(
        meter_code=found.meter.meter.code,
        unit=unit_of(found.meter),
        start=found.around.at(inside.start),
        end=found.around.at(inside.stop),
        intervals=original.size,
        valid=int(np.count_nonzero(flags == 0)),
        flags=tuple(
            FlagCount((bit.name or "").lower(), n) for bit in VeeFlag if (n := int(np.count_nonzero(flags & int(bit))))
        ),
        spans=tuple(sorted(marked, key=lambda row: (row.start, row.flag))[:LISTED]),
        estimates=tuple(_estimated(found, own))[:LISTED],
        cleaned_total=float(np.nansum(clean)) / KILO,
        original_total=float(np.nansum(original)) / KILO,
        clock_change_days=tuple(ClockChangeDay(d.day, d.hours, d.expected, d.present) for d in days),
        sum_check=found.checked,
        written=written,
    )


def corrections(found: Validated, edits: Sequence[Edit], *, with_estimates: bool) -> pl.DataFrame:
    """Rows for the store: estimates marked ESTIMATED, edits marked EDITED; an edit wins over an estimate."""
    rows: dict[datetime, tuple[int, int]] = {}
    if with_estimates:
        for each in found.own:
            for i, value in enumerate(each.energy.tolist(), start=each.first):
                if value == value:  # not NaN
                    rows[found.around.at(i)] = (round(value), int(Quality.ESTIMATED))
    for edit in edits:
        rows[_on_grid(found, edit)] = (round(edit.value * KILO), int(Quality.EDITED))
    if not rows:
        raise InvalidInput("There is nothing to write.", field="edits", fix="Give edits, or apply estimates.")
    keys = sorted(rows)
    return pl.DataFrame(
        {"meter_id": [found.meter.number] * len(keys), "ts": keys, "value": [rows[k][0] for k in keys],
         "quality": [rows[k][1] for k in keys]},
        schema={"meter_id": pl.Int32(), "ts": pl.Datetime("us", "UTC"), "value": pl.Int64(), "quality": pl.Int8()},
    )  # fmt: skip


def changes(found: Validated, rows: pl.DataFrame) -> tuple[dict[str, Stood], dict[str, Stood]]:
    """What stood at the rows' times and what stands there now, for the audit log: start -> [Wh or litres, quality]."""
    before: dict[str, Stood] = {}
    for ts in rows["ts"].to_list():
        i = (int(ts.timestamp()) - found.around.start_s) // found.around.step_s
        value = found.around.energy[i]
        before[ts.isoformat()] = [None if np.isnan(value) else int(value), int(found.around.quality[i])]
    return before, {ts.isoformat(): [value, quality] for _, ts, value, quality in rows.iter_rows()}


def _checked_sums(
    readings: ReadingsStore,
    meter: MonitoredMeter,
    children: Sequence[MonitoredMeter],
    series: MeterSeries,
    flags: Flags,
    span: Window,
) -> tuple[Flags, SumCheck | None]:
    """Flags with the sum check of the days of the window; only submeters of the same unit and cadence take part."""
    record = meter.meter
    same = [c for c in children if (c.meter.commodity, c.meter.interval_s) == (record.commodity, record.interval_s)]
    if not same:
        return flags, None
    start = datetime.fromtimestamp(series.start_s, UTC)
    parts = read_many(readings, same, start, datetime.fromtimestamp(series.end_s, UTC))
    days, usual = sum_check(series, np.stack([p.energy for p in parts]), meter.timezone)
    low, high = span.start.date() - timedelta(days=1), span.end.date()
    near = [d for d in days if low <= d.day <= high]
    deviations = tuple(
        SumCheckDay(d.day, d.parent_kwh, d.children_kwh, d.difference_pct, d.grade) for d in near if d.grade != "ok"
    )
    check = SumCheck(tuple(c.meter.code for c in same), len(near), usual, deviations)
    return with_sum_flags(flags, series, days, meter.timezone), check


def _window_of(found: Validated) -> MeterSeries:
    """The window with a day on either side, so that its clock-change days are whole."""
    day = 86_400 // found.around.step_s
    first, last = max(0, found.inside.start - day), found.inside.stop + day
    series = found.around
    return MeterSeries(
        series.start_s + first * series.step_s, series.step_s, series.energy[first:last], series.quality[first:last]
    )


def _flagged(found: Validated, bit: VeeFlag) -> list[FlaggedSpan]:
    rows = []
    for first, end in spans((found.flags[found.inside] & int(bit)) != 0):
        a, b = first + found.inside.start, end + found.inside.start
        amount = found.around.energy[a:b]
        total = None if np.isnan(amount).all() else float(np.nansum(amount)) / KILO
        rows.append(FlaggedSpan((bit.name or "").lower(), found.around.at(a), found.around.at(b), b - a, total))
    return rows


def _estimated(found: Validated, own: Sequence[Estimate]) -> list[EstimatedInterval]:
    return [
        EstimatedInterval(found.around.at(i), _known(found.around.energy, i), _amount(value), each.method)
        for each in own
        for i, value in enumerate(each.energy.tolist(), start=each.first)
    ]


def _known(energy: Floats, index: int) -> float | None:
    return _amount(float(energy[index]))


def _amount(wh: float) -> float | None:
    return None if np.isnan(wh) else wh / KILO


def _cut(each: Estimate, inside: slice) -> Estimate | None:
    first, end = max(each.first, inside.start), min(each.end, inside.stop)
    if first >= end:
        return None
    return Estimate(first, end, each.method, each.energy[first - each.first : end - each.first])


def _on_grid(found: Validated, edit: Edit) -> datetime:
    start = parse_time(edit.start, "edits.start")
    if not found.span.start <= start < found.span.end:
        raise InvalidInput(f"The edit at {start.isoformat()} lies outside of the window.", field="edits")
    if (int(start.timestamp()) - found.around.start_s) % found.around.step_s or start.microsecond:
        raise InvalidInput(
            f"No interval of {found.meter.meter.code} starts at {start.isoformat()}.",
            field="edits",
            fix=f"Its intervals last {found.around.step_s} s.",
        )
    return start
