"""Live state of meters: when they were last heard of, what validation says, which gateway sends for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from redaptive.agents.monitoring.meters import KILO, last_values, read_many, unit_of
from redaptive.agents.monitoring.results import FlagCount, FleetStatus, GatewayState, MeterStatus, OpenAlert
from redaptive.agents.monitoring.validating import rules_of
from redaptive.domain.meter_series import MeterSeries
from redaptive.domain.quality.vee import VeeFlag, validate
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore

FLAG_DAYS: Final = 7
HISTORY_DAYS: Final = 37
LATE_INTERVALS: Final = 2
LATE_GRACE_S: Final = 300.0
SILENT_S: Final = 86_400.0
Alerts = Mapping[str, Sequence[OpenAlert]]


def fleet_status(
    readings: ReadingsStore, meters: Sequence[MonitoredMeter], alerts: Alerts, now: datetime
) -> FleetStatus:
    """The status of each meter at `now`, longest silent first; `alerts` by meter code."""
    latest = last_values(readings.latest([m.number for m in meters]))
    flags = _flags(readings, [m for m in meters if m.number in latest], latest)
    rows = [_status(m, latest.get(m.number), flags.get(m.number, ()), alerts, now) for m in meters]
    rows.sort(key=lambda row: (row.last_seen is not None, row.last_seen or now, row.meter_code))
    states = [row.state for row in rows]
    live, late, silent, never = (states.count(s) for s in ("live", "late", "silent", "never"))
    return FleetStatus(now, live, late, silent, never, tuple(rows))


def state_of(latency_s: float | None, interval_s: int) -> str:
    """live until two intervals (and 5 minutes) after the newest reading, late until a day or 8 intervals, then silent.

    >>> state_of(1800.0, 900), state_of(7200.0, 900), state_of(90_000.0, 900), state_of(None, 900)
    ('live', 'late', 'silent', 'never')
    """
    if latency_s is None:
        return "never"
    if latency_s <= LATE_INTERVALS * interval_s + LATE_GRACE_S:
        return "live"
    return "late" if latency_s <= max(SILENT_S, 8.0 * interval_s) else "silent"


def count_flags(flags: np.ndarray[tuple[int], np.dtype[np.int16]]) -> tuple[FlagCount, ...]:
    """How often each flag occurs, those that do."""
    counts = [(bit.name or "", int(np.count_nonzero(flags & int(bit)))) for bit in VeeFlag]
    return tuple(FlagCount(name.lower(), n) for name, n in counts if n)


def _flags(
    readings: ReadingsStore, meters: Sequence[MonitoredMeter], latest: Mapping[int, tuple[datetime, int]]
) -> dict[int, tuple[FlagCount, ...]]:
    """Flags of the week up to the newest reading of all; a silent meter's missing intervals are its gap, not flags."""
    if not meters:
        return {}
    end = max(latest[m.number][0] + timedelta(seconds=m.meter.interval_s) for m in meters)
    series = read_many(readings, meters, end - timedelta(days=HISTORY_DAYS), end)
    pairs = zip(meters, series, strict=True)
    return {m.number: count_flags(_recent(m, own, latest[m.number][0])) for m, own in pairs}


def _recent(meter: MonitoredMeter, series: MeterSeries, newest: datetime) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    known = series.until(int(newest.timestamp()) + series.step_s)
    flags = validate(known, rules_of(meter), meter.timezone)
    return np.asarray(flags[max(0, flags.size - FLAG_DAYS * 86_400 // series.step_s) :])


def _status(
    meter: MonitoredMeter,
    newest: tuple[datetime, int] | None,
    flags: tuple[FlagCount, ...],
    alerts: Alerts,
    now: datetime,
) -> MeterStatus:
    record, gateway = meter.meter, meter.gateway
    end = None if newest is None else newest[0] + timedelta(seconds=record.interval_s)
    latency = None if end is None else (now - end).total_seconds()
    return MeterStatus(
        meter_code=record.code,
        building_code=record.building_code,
        commodity=record.commodity.value,
        role=record.role.value,
        unit=unit_of(meter),
        interval_s=record.interval_s,
        state=state_of(latency, record.interval_s),
        last_seen=None if newest is None else newest[0],
        last_value=None if newest is None else newest[1] / KILO,
        latency_s=latency,
        gap_min=None if latency is None else max(0.0, latency - record.interval_s) / 60.0,
        flags=flags,
        gateway=None if gateway is None else GatewayState(gateway.code, gateway.state, gateway.last_seen_at),
        open_alerts=tuple(alerts.get(record.code, ())),
    )
