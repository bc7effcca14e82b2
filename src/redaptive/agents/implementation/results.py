"""What the implementation tools answer with: days are working days unless a name says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from redaptive.agents.entities import ChangeOrderId, MeasureId, PermitId, ProjectId, TaskId


@dataclass(frozen=True)
class ScheduledTask:
    """When a task runs; `float_days` is how much it may slip without moving the end."""

    task_id: TaskId
    project_id: ProjectId | None
    start: date
    finish: date
    crew: str | None
    float_days: int
    critical: bool


@dataclass(frozen=True)
class Schedule:
    """A schedule with its critical path, and how far it can be from the shortest one."""

    tasks: tuple[ScheduledTask, ...]
    critical_task_ids: tuple[TaskId, ...]
    start: date
    finish: date
    makespan_days: int
    lower_bound_days: int
    gap_pct: float


@dataclass(frozen=True)
class EarnedValue:
    """Cost and schedule performance; an index is None where its divisor is zero."""

    project_id: ProjectId | None
    cost_variance_usd: Decimal
    schedule_variance_usd: Decimal
    cost_index: float | None
    schedule_index: float | None
    estimate_at_completion_usd: Decimal | None
    estimate_to_complete_usd: Decimal | None
    variance_at_completion_usd: Decimal | None
    to_complete_index: float | None


@dataclass(frozen=True)
class Baseline:
    """A version of a project's baseline."""

    version: int
    cost_usd: Decimal
    contingency_usd: Decimal
    finish: date
    scope: str


@dataclass(frozen=True)
class ChangeOrder:
    """A change to scope, cost or time, and where its approval stands."""

    change_order_id: ChangeOrderId
    project_id: ProjectId
    state: Literal["proposed", "approved", "rejected", "withdrawn"]
    scope_change: str
    cost_change_usd: Decimal
    change_days: int
    requested_by: str
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class ChangeOrderOutcome:
    """The change order, and the baseline before and after it; `after` equals `before` until it is approved."""

    change_order: ChangeOrder
    before: Baseline
    after: Baseline
    audit_object: str


@dataclass(frozen=True)
class PermitStatus:
    """A permit: its state, when it is due with 80 % confidence, and how many days it may be late."""

    permit_id: PermitId
    authority: str
    kind: str
    state: Literal["not_applied", "pending", "issued", "late"]
    expected_p80_on: date | None
    slip_p80_days: int
    history_used: int


@dataclass(frozen=True)
class PermitBoard:
    """The permits of a project, riskiest first."""

    project_id: ProjectId | None
    permits: tuple[PermitStatus, ...]
    at_risk: int


@dataclass(frozen=True)
class ChecklistItem:
    """One thing to check or test, and what counts as passed."""

    stage: Literal["pre_functional", "functional", "trend_review", "seasonal", "mv_handoff"]
    text: str
    acceptance: str
    deferred_until: str | None


@dataclass(frozen=True)
class CommissioningChecklist:
    """The commissioning of a measure; accepted when at least `acceptance_pct` of the items pass."""

    measure: MeasureId
    project_id: ProjectId | None
    items: tuple[ChecklistItem, ...]
    acceptance_pct: float


@dataclass(frozen=True)
class StepSaving:
    """Minutes saved by one automated step, with the assumption beside it."""

    step: str
    count: int
    baseline_min: float
    review_min: float
    saved_min: float
    assumption: str


@dataclass(frozen=True)
class LaborSaved:
    """Labour saved: sum of baseline minutes times count less review; a week is 40 hours."""

    project_id: ProjectId | None
    saved_h: float
    saved_weeks: float
    steps: tuple[StepSaving, ...]
