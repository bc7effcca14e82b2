"""Equipment figures out of dated reference rows, as the domain takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from redaptive.domain.equipment.chiller import DesignCurve
from redaptive.domain.equipment.fault_cost import CostFactors
from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.domain.equipment.maintenance import Action
from redaptive.domain.equipment.service_life import ServiceLife
from redaptive.errors import InvalidInput
from redaptive.reference.loader import ReferenceData
from redaptive.reference.rows import ReferenceRow

T = TypeVar("T")


@dataclass(frozen=True)
class Dated(Generic[T]):
    """Something made of reference rows, with their versions and what a reader must be told of them."""

    value: T
    versions: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Life:
    """A service life and how many hours of wear an hour with a fault adds."""

    life: ServiceLife
    fault_wear: float


def rule_limits(reference: ReferenceData, given: Mapping[str, float] | None = None, at: date | None = None) -> Limits:
    """The thresholds in effect on `at`, with those that the caller gives in their place.

    :raises InvalidInput: a name that is no threshold.
    """
    return Limits({row.key: _limit(row) for row in _rows(reference, "equipment_thresholds", at)}).replaced(given or {})


def service_life(reference: ReferenceData, kind: str, at: date | None = None) -> Dated[Life]:
    """The service life of a type of equipment; raises NotFound naming the known types."""
    row = reference.row("service_lives", kind, at)
    life = ServiceLife(number(row, "median_y"), number(row, "shape"))
    return _dated(Life(life, number(row, "fault_wear")), [row], at)


def cost_factors(reference: ReferenceData, limits: Limits, at: date | None = None) -> Dated[CostFactors]:
    """The figures that turn a fault into energy; `limits` are the thresholds that its rule used."""
    rows = _rows(reference, "fault_costs", at)
    own = {row.key: number(row, "value") for row in rows}
    return _dated(
        CostFactors(**own, fan_rise_f=limits["fan_rise_f"], tower_approach_f=limits["tower_approach_f"]), rows, at
    )


def design_curve(reference: ReferenceData, kind: str, at: date | None = None) -> Dated[DesignCurve]:
    """The part-load curve of a type of chiller."""
    row = reference.row("chiller_curves", kind, at)
    return _dated(DesignCurve(*(number(row, name) for name in ("c0", "c1", "c2"))), [row], at)


def maintenance_actions(reference: ReferenceData, at: date | None = None) -> Dated[tuple[Action, ...]]:
    """All actions in the order of their keys; the last is for rules that none names."""
    rows = _rows(reference, "maintenance_actions", at)
    return _dated(tuple(map(_action, rows)), rows, at)


def number(row: ReferenceRow, column: str) -> float:
    """One figure of a row.

    :raises InvalidInput: the row has no such figure.
    """
    value = row.payload.get(column)
    if not isinstance(value, (int, float)):
        where = f"{row.set_name}:{row.key}:{column}"
        raise InvalidInput(f"The reference row has no number {column!r}.", field=where, fix="Correct the row.")
    return float(value)


def _rows(reference: ReferenceData, set_name: str, at: date | None) -> list[ReferenceRow]:
    return [reference.row(set_name, key, at) for key in reference.keys(set_name)]


def _limit(row: ReferenceRow) -> Limit:
    return Limit(row.key, number(row, "value"), str(row.payload["per"]), row.version, row.checked)


def _action(row: ReferenceRow) -> Action:
    rules = row.payload["rules"]
    named = tuple(map(str, rules)) if isinstance(rules, Sequence) else ()
    cost = Decimal(str(number(row, "fix_cost_usd"))).quantize(Decimal("0.01"))
    return Action(
        row.key, str(row.payload["text"]), named, cost, number(row, "prior_true"), number(row, "prior_weight")
    )


def _dated(value: T, rows: Iterable[ReferenceRow], at: date | None) -> Dated[T]:
    used = list(rows)
    unchecked = sorted({row.set_name for row in used if row.warnings_at(at)})
    warnings = [f"{name}: figures that are not yet checked at their source" for name in unchecked]
    return Dated(value, tuple(sorted({row.version for row in used})), tuple(warnings))
