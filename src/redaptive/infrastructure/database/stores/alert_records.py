"""Alerts as they are read: the alert, its history, its messages, and how long things took."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.domain.alerts.causes import LikelyCause


@dataclass(frozen=True)
class Alert:
    """One alert. `actual_kwh`, `expected_kwh` and the excess are m³ for water; times are UTC, `timezone` the site's.

    `since` is the start of the event, `ended_at` when the condition was gone (None: it lasts). `usd_per_day` is None
    where no price is known or the kind has none; `price_note` says which.
    """

    id: UUID
    kind: str
    state: str
    severity: str
    since: datetime
    decided_at: datetime
    ended_at: datetime | None
    raised_at: datetime
    opened_at: datetime | None
    acknowledged_at: datetime | None
    diagnosed_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    snoozed_until: datetime | None
    occurrences: int
    usd_per_day: Decimal | None
    price_note: str
    excess_kwh_per_day: float | None
    score: float | None
    rank: float
    evidence: str
    likely_causes: tuple[LikelyCause, ...]
    cause: str | None
    cause_note: str
    rejected_causes: tuple[str, ...]
    kernel_version: str
    parent_id: UUID | None
    suppressed_by: str | None
    meter_no: int | None
    meter_id: UUID | None
    meter_code: str
    building_code: str
    site_code: str
    timezone: str
    commodity: str | None
    interval_s: int | None
    team_code: str
    assignee_code: str
    source: str
    """The gateway or weather station that an alert without a meter is about."""

    @property
    def short_id(self) -> str:
        """The first eight digits, which people type."""
        return str(self.id)[:8]

    @property
    def place(self) -> str:
        """Meter, else gateway or weather station, else building, else site."""
        return self.meter_code or self.source or self.building_code or self.site_code or "–"


@dataclass(frozen=True)
class AlertEvent:
    """One line of an alert's history."""

    at: datetime
    who: str
    action: str
    from_state: str | None
    to_state: str | None
    why: str


@dataclass(frozen=True)
class Delivery:
    """One message to one person; `state` is pending, sending, sent, dead, digest, digested or dropped."""

    channel: str
    engineer_code: str
    level: int
    state: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class AlertTimes:
    """How many alerts were raised, and mean and median seconds from raised to each step (None: none got there)."""

    raised: int
    acknowledged: int
    diagnosed: int
    resolved: int
    mean_to_acknowledge_s: float | None
    median_to_acknowledge_s: float | None
    mean_to_diagnose_s: float | None
    median_to_diagnose_s: float | None
    mean_to_resolve_s: float | None
    median_to_resolve_s: float | None
    messages_sent: int
    messages_dead: int
    suppressed: int


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts to list; None means any. Without `states` those that are live and not snoozed."""

    states: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    severities: tuple[str, ...] | None = None
    site: str | None = None
    building: str | None = None
    meter: str | None = None
    assignee: str | None = None
    parent: UUID | None = None
    since: datetime | None = None
    snoozed: bool = False
    limit: int = 100


def alert_of(row: DictRow) -> Alert:
    """The alert of a row of the board."""
    values = {f.name: row[f.name] for f in fields(Alert)}
    causes = tuple(LikelyCause(**cause) for cause in values["likely_causes"])
    return Alert(**{**values, "likely_causes": causes, "rejected_causes": tuple(row["rejected_causes"])})
