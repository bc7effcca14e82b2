"""Units of a fleet in the order in which they are likelier to fail within 12 months, each with its reasons.

By a fitted `RiskModel` where one is given; else by the Weibull life of the type with duty and fault hours. Neither is a
prediction for one unit: without a customer's own failures it is an order, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.equipment.remaining_life import life_left
from redaptive.domain.equipment.risk import FEATURES, RiskModel
from redaptive.domain.equipment.service_life import ServiceLife

LEAST_REASON: Final = 0.05
"""Log-odds below which a feature is no reason."""
WORDS: Final = {
    "age_share": "{0:.0%} of its median life",
    "duty": "duty {0:.2g} of the usual",
    "fault_hours_y": "{0:,.0f} h with a fault in the last year",
    "degradation_pct_y": "loses {0:.1f} % a year",
    "starts_per_day": "{0:.1f} starts a day",
    "repairs_3y": "{0:.0f} repairs in three years",
}


@dataclass(frozen=True)
class Unit:
    """A unit at work: age in years, use against the usual, hours with a fault in the last year, decline, starts,
    repairs.

    None is unknown; `kind` is the type that its service life is known by.
    """

    code: str
    kind: str
    age_y: float
    duty: float | None = None
    fault_hours_y: float | None = None
    degradation_pct_y: float | None = None
    starts_per_day: float | None = None
    repairs_3y: float | None = None


@dataclass(frozen=True)
class Reason:
    """A feature, how much it adds to the log-odds beside the average unit of the training, and that in words."""

    feature: str
    log_odds: float
    text: str


@dataclass(frozen=True)
class Ranked:
    """A unit with its chance to fail within 12 months (0 to 1) and the reasons, the largest first.

    `assumed`: features that are unknown and were taken as average.
    """

    rank: int
    unit: Unit
    probability: float
    reasons: tuple[Reason, ...]
    assumed: tuple[str, ...]


LifeOf = Callable[[str], ServiceLife]


def rank_by_model(units: Sequence[Unit], model: RiskModel, life_of: LifeOf) -> list[Ranked]:
    """The units by a fitted model; what is unknown of a unit counts as the mean of the training."""
    if not units:
        return []
    known = np.array([_features(unit, life_of(unit.kind)) for unit in units])
    x = np.where(np.isfinite(known), known, model.mean)
    chance = model.probability(x)
    made = []
    for unit, own, filled, p in zip(units, known, x, chance, strict=True):
        assumed = tuple(name for name, value in zip(model.features, own, strict=True) if not np.isfinite(value))
        reasons = tuple(
            Reason(name, added, WORDS[name].format(float(filled[model.features.index(name)])))
            for name, added in model.reasons(filled)
            if abs(added) >= LEAST_REASON and name not in assumed
        )
        made.append(Ranked(0, unit, float(p), reasons, assumed))
    return _placed(made)


def rank_by_life(units: Sequence[Unit], life_of: LifeOf, fault_wear: float = 1.0) -> list[Ranked]:
    """The units by the Weibull life of their type; reasons are what age, duty and faults add to those of a new unit."""
    made = []
    for unit in units:
        life, duty, hours = life_of(unit.kind), unit.duty or 1.0, unit.fault_hours_y or 0.0
        cases = ((life.median_y / 2.0, 1.0, 0.0), (unit.age_y, 1.0, 0.0), (unit.age_y, duty, 0.0),
                 (unit.age_y, duty, hours))  # fmt: skip
        chances = [
            life_left(life, age, duty=use, fault_hours=faults, fault_wear=fault_wear).failure_probability_12_months
            for age, use, faults in cases
        ]
        added_by = np.diff([float(np.log(p / (1.0 - p))) for p in chances]).tolist()
        values = {"age_share": unit.age_y / life.median_y, "duty": duty, "fault_hours_y": hours}
        steps = [(name, added, value) for added, (name, value) in zip(added_by, values.items(), strict=True)]
        reasons = tuple(
            Reason(name, added, WORDS[name].format(value))
            for name, added, value in sorted(steps, key=lambda step: -abs(step[1]))
            if abs(added) >= LEAST_REASON
        )
        unknown = {"duty": unit.duty, "fault_hours_y": unit.fault_hours_y}
        assumed = tuple(name for name, value in unknown.items() if value is None)
        made.append(Ranked(0, unit, chances[-1], reasons, assumed))
    return _placed(made)


def _features(unit: Unit, life: ServiceLife) -> list[float]:
    """In the order of `FEATURES`; NaN is unknown."""
    known = {"age_share": unit.age_y / life.median_y, "duty": unit.duty, "fault_hours_y": unit.fault_hours_y,
             "degradation_pct_y": unit.degradation_pct_y, "starts_per_day": unit.starts_per_day,
             "repairs_3y": unit.repairs_3y}  # fmt: skip
    return [np.nan if (value := known[name]) is None else value for name in FEATURES]


def _placed(found: list[Ranked]) -> list[Ranked]:
    ordered = sorted(found, key=lambda one: (-one.probability, one.unit.code))
    return [Ranked(i, one.unit, one.probability, one.reasons, one.assumed) for i, one in enumerate(ordered, start=1)]
