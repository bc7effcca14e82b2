"""What the monitoring tools answer with: amounts in `unit` (kWh, or m3 for water), times as interval starts in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from redaptive.agents.entities import AlertId
from redaptive.infrastructure.database.stores.alert_records import AlertEvent


@dataclass(frozen=True)
class RejectedRow:
    """A row of the batch that is not taken: its place from 0, the reason, the field at fault."""

    row: int
    meter: str
    reason: str
    field: str
    detail: str


@dataclass(frozen=True)
class IngestReceipt:
    """What became of a batch. accepted + duplicate + rejected = rows; late ones are counted among the accepted.

    `path` is log (durable in the log, stored with the workers' next flush) or store (stored).
    """

    rows: int
    accepted: int
    duplicate: int
    late: int
    rejected: int
    rejected_rows: tuple[RejectedRow, ...]
    path: str


@dataclass(frozen=True)
class FlagCount:
    """How many intervals carry a flag."""

    flag: str
    intervals: int


@dataclass(frozen=True)
class GatewayState:
    """The gateway behind a meter."""

    code: str
    state: str
    last_seen_at: datetime | None


@dataclass(frozen=True)
class OpenAlert:
    """An alert that is not done, as a status shows it."""

    id: AlertId
    kind: str
    severity: str
    state: str
    usd_per_day: float | None


@dataclass(frozen=True)
class MeterStatus:
    """Live state of a meter. `latency_s`: from the end of its newest interval to now; `gap_min`: minutes without data
    since then, beyond one interval; `state`: live, late, silent or never. Flags are those of the last 7 days of data.
    """

    meter_code: str
    building_code: str
    commodity: str
    role: str
    unit: str
    interval_s: int
    state: str
    last_seen: datetime | None
    last_value: float | None
    latency_s: float | None
    gap_min: float | None
    flags: tuple[FlagCount, ...]
    gateway: GatewayState | None
    open_alerts: tuple[OpenAlert, ...]


@dataclass(frozen=True)
class FleetStatus:
    """Meters by state, and each of them, longest silent first."""

    at: datetime
    live: int
    late: int
    silent: int
    never: int
    meters: tuple[MeterStatus, ...]


@dataclass(frozen=True)
class FlaggedSpan:
    """Intervals [start, end) that carry a flag, with the amount that was read (None where nothing was)."""

    flag: str
    start: datetime
    end: datetime
    intervals: int
    original: float | None


@dataclass(frozen=True)
class EstimatedInterval:
    """One interval that was rejected: what was read, what is estimated (None: nothing supports one), and how."""

    start: datetime
    original: float | None
    estimate: float | None
    method: str


@dataclass(frozen=True)
class ClockChangeDay:
    """A local day of 23 or 25 hours and how many of its intervals were read."""

    day: date
    hours: float
    expected: int
    present: int


@dataclass(frozen=True)
class SumCheckDay:
    """A day on which parent and submeters do not agree; difference in percent of the parent."""

    day: date
    parent: float
    children: float
    difference_pct: float
    grade: str


@dataclass(frozen=True)
class SumCheck:
    """Parent against its submeters: complete days, the usual unmetered share, and the days that deviate from it."""

    children: tuple[str, ...]
    complete_days: int
    usual_unmetered_pct: float
    deviations: tuple[SumCheckDay, ...]


@dataclass(frozen=True)
class Written:
    """What was changed in the store, by whom and why; the originals are in the audit log under `audit_object`."""

    estimated: int
    edited: int
    reason: str
    author: str
    audit_object: str


@dataclass(frozen=True)
class VeeReport:
    """Validation of a meter: flags, the estimates that stand for what was rejected, checks, and what was written."""

    meter_code: str
    unit: str
    start: datetime
    end: datetime
    intervals: int
    valid: int
    flags: tuple[FlagCount, ...]
    spans: tuple[FlaggedSpan, ...]
    estimates: tuple[EstimatedInterval, ...]
    cleaned_total: float
    original_total: float
    clock_change_days: tuple[ClockChangeDay, ...]
    sum_check: SumCheck | None
    written: Written | None


@dataclass(frozen=True)
class Anomaly:
    """One event at a meter. `excess` is actual - expected over the event; `usd` prices it, None for data quality.

    `kind` is the detector's, `anomaly_class` the coarser name; `score` the largest of the event, in spreads (0-100).
    `excess_per_day` is the detector's own figure, `usd_per_day` its price to the cent.
    """

    meter_code: str
    building_code: str
    unit: str
    start: datetime
    end: datetime
    kind: str
    anomaly_class: str
    score: float
    expected: float | None
    actual: float | None
    excess: float | None
    excess_per_day: float | None
    usd: float | None
    usd_per_day: float | None
    lasting: bool
    evidence: str


@dataclass(frozen=True)
class AnomalyReport:
    """Events of the window, the costliest first; `readings` were scored, those of `warm_up_days` before it included.

    `not_persistent` counts alarms that ended before their kind's rule was met (such as 2 of 4 intervals).
    """

    start: datetime
    end: datetime
    meters: int
    readings: int
    warm_up_days: int
    kernel_version: str
    anomalies: tuple[Anomaly, ...]
    not_persistent: int
    not_judged: tuple[str, ...]


@dataclass(frozen=True)
class ForecastInterval:
    """One interval ahead; about 80 % of outcomes lie between P10 and P90. `naive` is the value of the last like day."""

    start: datetime
    p10: float
    p50: float
    p90: float
    naive: float | None


@dataclass(frozen=True)
class LoadForecast:
    """The load of a meter after `issued_at`, by interval, in kWh per interval.

    `past_errors_used`: errors of the meter's own past that set P10 and P90; 0 where a trained model brought them.
    `naive_total`: the same intervals of the last like days, added up; None where one of them is unknown.
    """

    meter_code: str
    unit: str
    issued_at: datetime
    interval_s: int
    method: str
    p50_total: float
    naive_total: float | None
    past_errors_used: int
    intervals: tuple[ForecastInterval, ...]


@dataclass(frozen=True)
class PeakAlert:
    """The billing period's peak (kW), set and projected. `risk`: likely, possible or none.

    `usd_at_stake` is the demand charge of this period on what P50 adds, `usd_at_stake_p90` on what P90 adds; None
    without a demand charge. `shed_kwh` must not be used above the peak set. `usual_peak_kw`: median of the three
    calendar months before. Readings of these months that validation calls errors (`validate_estimate_edit`: spike,
    negative, rollover) set no peak: `left_out`, the largest first, of `left_out_intervals`.
    """

    meter_code: str
    issued_at: datetime
    period_start: datetime
    period_end: datetime
    window_min: int
    peak_set_kw: float | None
    peak_set_at: datetime | None
    usual_peak_kw: float | None
    projected_peak_kw: float
    projected_p90_kw: float
    expected_at: datetime
    risk: str
    minutes_to_act: float | None
    shed_kwh: float
    usd_per_kw_month: float | None
    usd_at_stake: float | None
    usd_at_stake_p90: float | None
    left_out_intervals: int
    left_out: tuple[FlaggedSpan, ...]
    evidence: str


@dataclass(frozen=True)
class Tally:
    """A state or reason and how often it occurs."""

    name: str
    count: int


@dataclass(frozen=True)
class LiveMetering:
    """Live metering of the tenant: its gateways and what was not stored in 24 h; and of the installation: workers.

    `log` is "reachable", or says why the log could not be asked; then nothing is known of the installation.
    `backlog_entries` of the log are not stored yet.
    """

    at: datetime
    meters: int
    gateways: tuple[Tally, ...]
    not_stored: tuple[Tally, ...]
    log: str
    workers: int | None = None
    partitions: int | None = None
    partitions_owned: int | None = None
    backlog_entries: int | None = None
    lag_s: float | None = None
    readings_per_s: float | None = None


@dataclass(frozen=True)
class AlertEntry:
    """One alert. `since` and `ended_at` are those of the condition; `usd_per_day` None says `price_note` why."""

    id: AlertId
    kind: str
    severity: str
    state: str
    usd_per_day: float | None
    price_note: str
    excess_per_day: float | None
    meter_code: str
    building_code: str
    site_code: str
    since: datetime
    ended_at: datetime | None
    opened_at: datetime | None
    acknowledged_at: datetime | None
    snoozed_until: datetime | None
    resolved_at: datetime | None
    occurrences: int
    assigned_engineer: str | None
    cause: str | None
    evidence: str
    kernel_version: str


@dataclass(frozen=True)
class CauseView:
    """A likely cause: its key (what resolving takes), its words, its probability."""

    key: str
    title: str
    probability: float


@dataclass(frozen=True)
class AlertView:
    """One alert with what an engineer needs: likely causes, what to look at, who is on call, what was done."""

    alert: AlertEntry
    likely_causes: tuple[CauseView, ...]
    checklist: tuple[str, ...]
    on_call_engineer: str | None
    history: tuple[AlertEvent, ...]


@dataclass(frozen=True)
class OnDuty:
    """Who is on call; level 1 is told first. `looks_after` names the sites of the team."""

    person: str
    team: str
    level: int
    looks_after: str


@dataclass(frozen=True)
class AlertBoard:
    """Alerts by urgency (USD/day and risk); `acted` is the one that the call was about; `on_call` is now."""

    at: datetime
    alerts: tuple[AlertEntry, ...]
    acted: AlertView | None
    on_call: tuple[OnDuty, ...] = ()
