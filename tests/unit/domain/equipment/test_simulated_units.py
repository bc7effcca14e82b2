"""Rules over simulated air handlers with known faults: silent on healthy ones, and each fault shows in its season."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.equipment.rows import LIMITS

from redaptive.domain.equipment.evaluate import evaluate
from redaptive.domain.equipment.rules import AHU
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.verdict import Verdict
from redaptive.sample.equipment_units import STEP_S, SimulatedUnit, UnitFault, simulate_air_handler

WINTER, SPRING, MILD, SUMMER = 15, 100, 130, 200
SHOWN = {
    UnitFault.DAMPER_OPEN: (WINTER, {"FC6", "APAR2"}),
    UnitFault.DAMPER_CLOSED: (MILD, {"FC10", "APAR10"}),
    UnitFault.HEATING_LEAK: (SPRING, {"FC8", "FC12"}),
    UnitFault.COOLING_LEAK: (WINTER, {"FC5", "APAR1"}),
    UnitFault.COOLING_STUCK: (SUMMER, {"FC13", "APAR19"}),
    UnitFault.OAT_BIAS: (SPRING, {"FC2", "APAR26"}),
    UnitFault.SAT_BIAS: (SPRING, {"FC8", "APAR25"}),
    UnitFault.MAT_FLAT: (SPRING, {"FLATLINE-MAT"}),
    UnitFault.NIGHT: (SPRING, {"SCHED"}),
    UnitFault.SIMULTANEOUS: (SPRING, {"SIMUL", "APAR22"}),
    UnitFault.HUNTING: (SPRING, {"FC4", "APAR28"}),
    UnitFault.STATIC_LOW: (SPRING, {"FC1"}),
}


def found(unit: SimulatedUnit) -> dict[str, Verdict]:
    trend = Trend("U", unit.start_s, STEP_S, unit.columns)
    return {v.rule_id: v for v in evaluate(trend, "ahu", AHU, LIMITS).faults}


@pytest.mark.parametrize("day", [1, 40, 80, 120, 160, 200, 240, 280, 320])
def test_healthy_units_are_silent_all_the_year(day: int) -> None:
    for seed in range(2):
        assert found(simulate_air_handler(seed, day_of_year=day)) == {}


@pytest.mark.parametrize("fault", SHOWN)
def test_a_fault_shows_in_its_season_from_when_it_began(fault: UnitFault) -> None:
    day, rules = SHOWN[fault]
    unit = simulate_air_handler(11, fault, day_of_year=day)
    verdicts = found(unit)
    assert rules & set(verdicts), sorted(verdicts)
    begins = unit.start_s + unit.first_row * STEP_S
    starts = [episode.start_s for name in rules & set(verdicts) for episode in verdicts[name].episodes]
    assert min(starts) >= begins
    assert min(starts) < begins + 2 * 86_400


def test_every_fault_is_tested() -> None:
    assert set(SHOWN) | {UnitFault.NONE} == set(UnitFault)


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (simulate_air_handler(4, UnitFault.NIGHT).columns for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not np.array_equal(first["oat"], simulate_air_handler(5, UnitFault.NIGHT).columns["oat"])
