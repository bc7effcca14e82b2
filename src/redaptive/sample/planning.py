"""What happens in the sample: which meters get a fault, which buildings a project or event, which bills an error."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from redaptive.sample.faults import Fault, FaultType
from redaptive.sample.randomness import Purpose, generator, integers16
from redaptive.sample.specs import (
    BuildingSpec,
    MeterKind,
    MeterSpec,
    NonRoutineEvent,
    PlannedBillError,
    Project,
)

FAULT_PREVALENCE = 0.03
SUBTHRESHOLD_EVERY = 5
RECENT_EVERY = 2
BILL_ERROR_SHARE = 0.02
BILL_ERROR_CODES = (
    "duplicate_invoice",
    "estimated_not_flagged",
    "wrong_multiplier",
    "unit_cost_jump",
    "late_fee",
    "period_overlap",
)
# Severity range and duration in days of a detectable fault.
_SCALE: dict[FaultType, tuple[float, float, int]] = {
    FaultType.OFF_HOURS: (0.5, 1.0, 60),
    FaultType.OVERRIDE: (0.6, 1.0, 45),
    FaultType.DAMPER: (0.25, 0.5, 90),
    FaultType.SIMULTANEOUS: (0.25, 0.5, 90),
    FaultType.FOULING: (0.15, 0.15, 120),
    FaultType.REFRIGERANT: (0.2, 0.35, 90),
    FaultType.PV_STRING: (0.2, 0.4, 90),
    FaultType.DRIFT: (0.2, 0.4, 90),
    FaultType.FLATLINE: (1.0, 1.0, 10),
    FaultType.SPIKE: (8.0, 20.0, 30),
    FaultType.DROPOUT: (1.0, 1.0, 8),
    FaultType.MULTIPLIER: (10.0, 10.0, 40),
    FaultType.CLOCK: (1.0, 1.0, 60),
}
_NEVER_CLOSED = ("hospital", "hotel", "supermarket", "refrigerated_warehouse")
_HVAC = (FaultType.DAMPER, FaultType.SIMULTANEOUS, FaultType.FOULING, FaultType.REFRIGERANT)
# Faults with a fixed effect cannot be made too small to find by severity; they last one day instead.
_SHORTENED = (FaultType.FLATLINE, FaultType.DROPOUT, FaultType.MULTIPLIER, FaultType.CLOCK)
_SMALL_SPIKE = 1.2


def _suits(kind: FaultType, spec: MeterSpec, type_key: str) -> bool:
    """Whether a meter in a building of this type can have a fault of this kind."""
    if kind is FaultType.PV_STRING:
        return spec.kind is MeterKind.SOLAR
    if kind in _HVAC:
        return spec.use == "hvac"
    if kind in (FaultType.OFF_HOURS, FaultType.OVERRIDE):
        return spec.use in ("hvac", "lighting") and type_key not in _NEVER_CLOSED
    return spec.kind is MeterKind.SUB


def plan_faults(
    seed: int, meters: Sequence[MeterSpec], buildings: Sequence[BuildingSpec], start: date, end: date
) -> tuple[Fault, ...]:
    """Faults on 3 % of the meters (at least one of each kind), one per meter, every fifth too small to find.

    Every second fault is recent: it begins in the last weeks and lasts to the end or beyond it.
    """
    rng = generator(seed, Purpose.FAULT, 0)
    kinds = tuple(FaultType)
    order, used, faults = rng.permutation(len(meters)), set[int](), list[Fault]()
    types = [buildings[spec.building].type_key for spec in meters]
    pools = {kind: iter([int(i) for i in order if _suits(kind, meters[i], types[i])]) for kind in kinds}
    for n in range(max(len(kinds), round(FAULT_PREVALENCE * len(meters)))):
        kind = kinds[n % len(kinds)]
        # Where no meter suits any more (solar is rare), any electric submeter may flatline instead.
        options = ((k, i) for k in (kind, FaultType.FLATLINE) for i in pools[k])
        choice = next(((k, i) for k, i in options if i not in used), None)
        if choice is not None:
            used.add(choice[1])
            faults.append(_fault(rng, n, choice[0], choice[1], start, end))
    return tuple(faults)


def _fault(rng: np.random.Generator, number: int, kind: FaultType, meter: int, start: date, end: date) -> Fault:
    """One fault with its dates and severity."""
    low, high, days = _SCALE[kind]
    small = number % SUBTHRESHOLD_EVERY == SUBTHRESHOLD_EVERY - 1
    severity = float(round(rng.uniform(low, high), 3))
    if small and kind is FaultType.SPIKE:
        severity = _SMALL_SPIKE
    elif small and kind in _SHORTENED:
        days = 1
    elif small:
        severity = round(severity * 0.08, 4)
    if number % RECENT_EVERY == 1:
        begin = end - timedelta(days=max(1, int(days * rng.uniform(0.3, 0.9))))
    else:
        begin = start + timedelta(days=int(rng.integers(60, max(61, (end - start).days - days - 30))))
    return Fault(f"F{number + 1:04d}", meter, kind, begin, begin + timedelta(days=days), severity, small)


_MEASURES = (
    ("led_retrofit", "lighting", 0.5, 0.5),
    ("vfd", "hvac", 0.22, 0.12),
    ("retro_commissioning", "hvac", 0.12, 0.30),
    ("refrigeration_ec_motors", "refrigeration", 0.18, 0.18),
)


def plan_changes(
    seed: int, buildings: Sequence[BuildingSpec], start: date, end: date
) -> tuple[tuple[Project, ...], tuple[NonRoutineEvent, ...]]:
    """Projects in 15 % and non-routine events in 8 % of the buildings; at least three and two.

    Projects are installed in the middle third of the history, so that both sides hold enough data.
    """
    rng = generator(seed, Purpose.CHANGE, 0)
    order = rng.permutation(len(buildings))
    n_projects, n_events = max(3, round(0.15 * len(order))), max(2, round(0.08 * len(order)))
    days = (end - start).days
    projects = []
    for n, b in enumerate(order[:n_projects]):
        cold = buildings[b].type_key in ("supermarket", "refrigerated_warehouse")
        measure, component, day, night = _MEASURES[3] if cold else _MEASURES[n % 3]
        level = rng.uniform(0.8, 1.1)
        hours = tuple(round(level * (day if 7 <= h < 19 else night), 4) for h in range(24))
        begin = start + timedelta(days=int(days * rng.uniform(0.40, 0.58)))
        finish = begin + timedelta(days=int(rng.integers(14, 43)))
        projects.append(Project(f"P{n + 1:04d}", int(b), measure, component, begin, finish, hours))
    events = []
    for n, b in enumerate(order[n_projects : n_projects + n_events]):
        kind, factor = (("tenant_left", 0.78), ("floor_added", 1.15), ("equipment_moved_in", 1.10))[n % 3]
        begin = start + timedelta(days=int(days * rng.uniform(0.5, 0.8)))
        events.append(NonRoutineEvent(f"N{n + 1:04d}", int(b), kind, begin, begin + timedelta(days=120), factor))
    return tuple(projects), tuple(events)


def plan_bill_errors(seed: int, meters: Sequence[MeterSpec], periods: int) -> tuple[PlannedBillError, ...]:
    """An error on 2 % of the bills; never on a meter's first two, which have no history to compare with."""
    errors = []
    limit = int(BILL_ERROR_SHARE * 65536)
    for spec in meters:
        if spec.kind in (MeterKind.SUB, MeterKind.SOLAR):
            continue
        drawn = integers16(seed, Purpose.BILL, spec.number, 0, periods)
        for period in np.flatnonzero(drawn < limit):
            if period >= 2:
                code = BILL_ERROR_CODES[int(drawn[period]) % len(BILL_ERROR_CODES)]
                errors.append(PlannedBillError(spec.number, int(period), code))
    return tuple(errors)
