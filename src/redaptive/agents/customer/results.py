"""What the customer tools answer with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from redaptive.agents.entities import (
    AlertId,
    BuildingCode,
    CallId,
    CustomerCode,
    DocumentId,
    ProjectId,
    TicketId,
)


@dataclass(frozen=True)
class Citation:
    """Where a figure of an answer comes from: the call, the path in its answer, and the figure as it stands there."""

    call_id: CallId
    tool: str
    path: str
    quoted: str
    unit: str | None


@dataclass(frozen=True)
class GroundedAnswer:
    """An answer whose figures are all copied from tool results; unsupported ones are refused with what is missing."""

    supported: bool
    text: str
    citations: tuple[Citation, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Ticket:
    """A customer's ticket and its place in the queue."""

    ticket_id: TicketId
    customer_code: CustomerCode
    building_code: BuildingCode | None
    alert_id: AlertId | None
    subject: str
    priority: Literal["P1", "P2", "P3", "P4"]
    state: Literal["open", "in_progress", "waiting", "resolved", "closed"]
    waste_usd_per_day: Decimal | None
    comfort_or_safety: bool
    opened_at: datetime
    updated_at: datetime
    assigned_to: str | None


@dataclass(frozen=True)
class SlaClock:
    """The clocks of one ticket in business hours; `breach` says whether a target is or will be missed."""

    ticket_id: TicketId
    priority: str
    response_h: float | None
    response_target_h: float
    resolution_h: float | None
    resolution_target_h: float
    paused: bool
    breach: Literal["none", "likely", "missed"]
    due_at: datetime | None


@dataclass(frozen=True)
class SlaReport:
    """Clocks of the tickets that were asked for, those nearest to a breach first."""

    customer_code: CustomerCode | None
    tickets: tuple[SlaClock, ...]
    met_pct: float | None


@dataclass(frozen=True)
class ProjectSavings:
    """What one project saved in the period."""

    project_id: ProjectId
    name: str
    building_code: BuildingCode
    avoided_kwh: float
    avoided_usd: Decimal
    avoided_t_co2e: float
    fee_usd: Decimal


@dataclass(frozen=True)
class SavingsReport:
    """Savings of a customer in a period: from baseline to net benefit; totals equal those of the settlement."""

    customer_code: CustomerCode
    period: str
    baseline_kwh: float
    adjustments_kwh: float
    actual_kwh: float
    avoided_kwh: float
    avoided_usd: Decimal
    avoided_t_co2e: float
    uncertainty_pct: float
    fee_usd: Decimal
    net_benefit_usd: Decimal
    projects: tuple[ProjectSavings, ...]
    document_ids: tuple[DocumentId, ...]


@dataclass(frozen=True)
class Delivery:
    """What became of a message; held ones go out at `send_at`, merged ones with the next digest."""

    delivery_id: str
    channel: str
    recipient: str
    state: Literal["sent", "held", "merged", "duplicate", "failed"]
    send_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class ChurnFlag:
    """A sign that a customer may leave."""

    customer_code: CustomerCode
    reason: str
    since: date


@dataclass(frozen=True)
class SatisfactionReport:
    """How content customers are: score (1 to 5), time to first response, reopened tickets, signs of leaving."""

    customer_code: CustomerCode | None
    period: str
    csat: float | None
    ratings: int
    first_response_h: float | None
    reopen_pct: float | None
    tickets: int
    churn_flags: tuple[ChurnFlag, ...]
