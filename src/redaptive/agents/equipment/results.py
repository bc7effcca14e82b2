"""What the equipment tools answer with: temperatures in degF, power in kW, money exact to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from redaptive.agents.entities import BuildingCode, EquipmentId


@dataclass(frozen=True)
class ChillerPerformance:
    """How a chiller runs now; deviation is against its design curve, positive is worse. None where not given."""

    equipment_id: EquipmentId | None
    cooling_tons: float
    specific_kw_per_ton: float
    cop: float
    load_pct: float | None
    design_kw_per_ton: float | None
    deviation_pct: float | None
    chilled_water_delta_f: float
    evaporator_approach_f: float | None
    condenser_approach_f: float | None


@dataclass(frozen=True)
class PointEvidence:
    """A point's mean over a fault, in its unit."""

    point: str
    mean: float
    unit: str


@dataclass(frozen=True)
class UsedThreshold:
    """A threshold that decided, in the unit of the quantity that it belongs to."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class EquipmentFault:
    """One fault over [start, end): the rule, what was seen, the thresholds used, and how likely it is true (0-1)."""

    equipment_id: EquipmentId
    rule: str
    title: str
    start: datetime
    end: datetime
    active_h: float
    operating_state: str | None
    evidence: tuple[PointEvidence, ...]
    thresholds: tuple[UsedThreshold, ...]
    probability: float


@dataclass(frozen=True)
class RuleSkipped:
    """A rule that could not be judged, and the points that are missing."""

    rule: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class RuleOutcome:
    """How one rule ended; only `clear` says that nothing was wrong. `judged_h` hours held its state and its points."""

    rule: str
    outcome: Literal["fault", "clear", "not_applicable", "missing_point"]
    judged_h: float
    true_h: float


@dataclass(frozen=True)
class FaultReport:
    """Faults of one piece of equipment in a window, longest first, and how every rule ended.

    `skipped` are the rules that could not be judged; `thresholds` all that decided. Samples outside of what is
    plausible, and sensors that do not move, are faults of their own and judged by no other rule.
    """

    equipment_id: EquipmentId
    building_code: BuildingCode | None
    start: datetime
    end: datetime
    faults: tuple[EquipmentFault, ...]
    rules_judged: int
    skipped: tuple[RuleSkipped, ...]
    outcomes: tuple[RuleOutcome, ...] = ()
    thresholds: tuple[UsedThreshold, ...] = ()
    bad_samples: int = 0


@dataclass(frozen=True)
class CusumPoint:
    """The cumulative sum of residuals at the end of a day, in standard deviations."""

    day: date
    value: float


@dataclass(frozen=True)
class DegradationTrend:
    """Change of efficiency with time, at equal load and wet-bulb; the interval is that of 95 % confidence."""

    equipment_id: EquipmentId
    quantity: str
    change_pct_per_y: float
    low_pct_per_y: float
    high_pct_per_y: float
    significant: bool
    alarm_on: date | None
    cusum: tuple[CusumPoint, ...]
    r2: float
    samples: int


@dataclass(frozen=True)
class RemainingLife:
    """Weibull estimate of the life that is left."""

    equipment_type: str
    effective_age_y: float
    failure_probability_12_months: float
    median_residual_life_y: float
    mean_residual_life_y: float
    median_service_life_y: float
    shape: float
    scale_y: float


@dataclass(frozen=True)
class FaultCost:
    """What a fault wastes while it lasts. `priced` is False where no energy follows from its points: it costs comfort,
    wear or knowledge, and the figures are zero.
    """

    equipment_id: EquipmentId
    rule: str
    excess_kwh_per_day: float
    excess_therms_per_day: float
    cost_usd_per_day: Decimal
    cost_usd_per_y: Decimal
    assumptions: tuple[str, ...]
    priced: bool = True


@dataclass(frozen=True)
class WorkOrder:
    """One piece of work; rank 1 is the first to do. `worth_usd_per_day` is cost a day times probability.

    `payback_days` is None where no fault of it has a price.
    """

    rank: int
    equipment_id: EquipmentId
    rules: tuple[str, ...]
    action: str
    priority: Literal["urgent", "high", "normal", "low"]
    worth_usd_per_day: Decimal
    fix_cost_usd: Decimal
    payback_days: float | None
    probability: float


@dataclass(frozen=True)
class MaintenancePlan:
    """Work orders by worth, and what doing them all saves."""

    work_orders: tuple[WorkOrder, ...]
    total_worth_usd_per_day: Decimal
    total_fix_cost_usd: Decimal
