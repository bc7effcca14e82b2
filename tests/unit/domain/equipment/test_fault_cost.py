"""Cost of faults by hand: 1.08 cfm dT Btu/h; heating and cooling at once count both; refusals name the input."""

from __future__ import annotations

from decimal import Decimal

import pytest

from redaptive.domain.equipment.fault_cost import (
    WASTE,
    CostFactors,
    FaultFacts,
    Waste,
    Wasted,
    airflow_of,
    cost_usd,
    wasted,
)
from redaptive.domain.equipment.rules import RULES
from redaptive.errors import InvalidInput

FACTORS = CostFactors(1.08, 0.8, 1.0, 0.8, 1.5, 2.0, 8.0)
MIXED = {"mat": 50.0, "rat": 72.0, "oat": 32.0, "oa_min_pct": 20.0}


def facts(rule: str, *, heating: bool = False, hours: float = 12.0, **means: float) -> FaultFacts:
    return FaultFacts(rule, means, heating, hours)


@pytest.mark.parametrize(
    ("given", "rated", "means", "cfm", "said"),
    [
        (900.0, {"airflow_cfm": 500.0}, {"airflow": 300.0}, 900.0, ""),
        (None, {"airflow_cfm": 500.0, "design_tons": 9.0}, {"airflow": 300.0}, 500.0, ""),
        (None, {"design_tons": 9.0}, {"airflow": 300.0}, 300.0, "mean during the fault"),
        (None, {}, {"supply_airflow": 700.0, "airflow": 300.0}, 700.0, "mean during the fault"),
        (None, {"design_tons": 9.0}, {"airflow": 0.0}, 3_600.0, "9 design tons at 400 cfm a ton"),
        (None, {}, {}, None, ""),
    ],
)
def test_airflow_is_known_measured_or_assumed_and_said(
    given: float | None, rated: dict[str, float], means: dict[str, float], cfm: float | None, said: str
) -> None:
    found = airflow_of(given, rated, means, FACTORS)
    assert found.cfm == cfm
    assert said in found.note
    assert bool(found.note) == bool(said)


def test_a_stuck_damper_while_heating_by_hand() -> None:
    # 1.08 x 10,000 cfm x (64 - 50) degF x 12 h = 1,814,400 Btu a day; at 80 % that is 22.68 therms.
    found = wasted(facts("FC6", heating=True, **MIXED), FACTORS, 10_000.0, None)
    assert (found.kwh_per_day, found.therms_per_day) == (0.0, pytest.approx(22.68))
    assert "mixed air against that of the least outdoor air" in found.assumptions[0]


def test_the_same_while_cooling_by_hand() -> None:
    # 1.08 x 10,000 x 10 x 12 = 1,296,000 Btu a day = 108 ton-hours, at 1 kW/ton 108 kWh.
    found = wasted(facts("FC6", **MIXED), FACTORS, 10_000.0, 10.0)
    assert (found.kwh_per_day, found.therms_per_day) == (pytest.approx(108.0), 0.0)


def test_heating_and_cooling_at_once_count_both() -> None:
    found = wasted(facts("SIMUL", heating_valve=30.0, cooling_valve=30.0), FACTORS, 10_000.0, 10.0)
    assert (found.kwh_per_day, found.therms_per_day) == (pytest.approx(108.0), pytest.approx(16.2))


@pytest.mark.parametrize(
    ("rule", "means", "delta"),
    [
        ("FC14", {"cc_enter": 60.0, "cc_leave": 52.0}, 8.0),
        ("FC15", {"hc_enter": 60.0, "hc_leave": 66.0}, 6.0),
        ("FC12", {"sat": 80.0, "mat": 70.0}, 8.0),
        ("VAV-VALVE-LEAK", {"dat": 75.0, "sat": 56.0, "reheat_valve": 0.0}, 19.0),
    ],
)
def test_the_evidence_says_the_temperature_difference(rule: str, means: dict[str, float], delta: float) -> None:
    found = wasted(facts(rule, **means), FACTORS, 1_000.0, None)
    assert found.kwh_per_day == pytest.approx(1.08 * 1000 * delta * 12 / 12_000)
    assert found == wasted(facts(rule, **means), FACTORS, 1_000.0, None)


def test_a_fan_at_night_by_hand() -> None:
    # 0.8 W/cfm x 10,000 cfm = 8 kW, 10 h.
    assert wasted(facts("SCHED", hours=10.0), FACTORS, 10_000.0, None).kwh_per_day == pytest.approx(80.0)
    warm = wasted(facts("SCHED", hours=10.0), FACTORS, 10_000.0, 5.0)
    assert warm.kwh_per_day == pytest.approx(80.0 + 1.08 * 10_000 * 5 * 10 / 12_000)
    cold = wasted(facts("SCHED", heating=True, hours=10.0), FACTORS, 10_000.0, 5.0)
    assert cold.therms_per_day == pytest.approx(1.08 * 10_000 * 5 * 10 / 100_000 / 0.8)


def test_a_tower_by_hand() -> None:
    # 6 degF above the approach of 8 at 1.5 % a degF is 9 % of 200 kW over 12 h.
    found = wasted(facts("TOWER", cws=86.0, wet_bulb=72.0, power=200.0), FACTORS, None, None)
    assert found.kwh_per_day == pytest.approx(216.0)


@pytest.mark.parametrize(
    ("fault", "cfm", "delta", "field"),
    [
        (facts("SIMUL"), None, 10.0, "airflow_cfm"),
        (facts("SIMUL"), 1_000.0, None, "delta_t_f"),
        (facts("FC4"), 1_000.0, 10.0, "fault.rule"),
        (facts("RANGE-SAT"), 1_000.0, 10.0, "fault.rule"),
        (facts("TOWER", cws=86.0, wet_bulb=72.0), None, None, "power"),
    ],
)
def test_what_cannot_be_priced_names_its_input(
    fault: FaultFacts, cfm: float | None, delta: float | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        wasted(fault, FACTORS, cfm, delta)
    assert caught.value.field == field
    assert caught.value.fix


def test_money_is_exact_to_the_cent() -> None:
    assert cost_usd(Wasted(108.0, 16.2, ()), Decimal("0.12"), Decimal("1.05")) == Decimal("29.97")
    assert cost_usd(Wasted(1.0, 0.0, ()), Decimal("0.125"), Decimal(1)) == Decimal("0.13")


def test_every_priced_rule_exists() -> None:
    assert set(WASTE) <= set(RULES)
    assert set(WASTE.values()) == set(Waste)
