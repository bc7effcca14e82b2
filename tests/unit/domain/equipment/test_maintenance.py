"""Work orders by hand: worth against cost, symptoms of one cause counted once, tickets that teach."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.equipment.maintenance import (
    Action,
    PricedFault,
    Ticket,
    action_for,
    probability_true,
    work_orders,
)

DAMPER = Action("damper", "Free the damper", ("FC6", "APAR2"), Decimal(400), 0.6, 5.0)
VALVE = Action("valve", "Replace the valve", ("FC15", "SIMUL"), Decimal(900), 0.7, 5.0)
SENSOR = Action("sensor", "Calibrate the sensor", ("RANGE-", "FLATLINE-"), Decimal(150), 0.8, 5.0)
OTHER = Action("inspect", "Inspect", (), Decimal(200), 0.5, 5.0)
ACTIONS = (DAMPER, VALVE, SENSOR, OTHER)


def fault(equipment: str, rule: str, p: float, usd: str | None) -> PricedFault:
    return PricedFault(equipment, rule, p, None if usd is None else Decimal(usd))


def test_the_order_of_a_hand_case() -> None:
    faults = [
        fault("A", "FC6", 0.5, "20"),  # worth 10 a day, 400 USD: 40 days
        fault("B", "SIMUL", 0.9, "50"),  # worth 45 a day, 900 USD: 20 days
        fault("C", "FC15", 0.5, "1"),  # worth 0.50 a day, 900 USD: 1,800 days
        fault("D", "RANGE-SAT", 0.8, None),
        fault("E", "FC4", 0.5, None),
    ]
    made = work_orders(faults, ACTIONS)
    assert [(o.rank, o.equipment_id, o.action.id, o.priority) for o in made] == [
        (1, "B", "valve", "urgent"), (2, "A", "damper", "high"), (3, "C", "valve", "low"), (4, "D", "sensor", "low"),
        (5, "E", "inspect", "low"),
    ]  # fmt: skip
    assert [o.payback_days for o in made] == [
        pytest.approx(20.0),
        pytest.approx(40.0),
        pytest.approx(1800.0),
        None,
        None,
    ]
    assert [o.worth_usd_per_day for o in made[:3]] == [Decimal("45.00"), Decimal("10.00"), Decimal("0.50")]


def test_symptoms_of_one_cause_are_one_order_and_not_added() -> None:
    (order,) = work_orders([fault("A", "FC6", 0.5, "20"), fault("A", "APAR2", 0.8, "20")], ACTIONS)
    assert order.rules == ("APAR2", "FC6")
    assert order.worth_usd_per_day == Decimal("16.00")
    assert order.probability == 0.8


def test_no_faults_no_work() -> None:
    assert work_orders([], ACTIONS) == ()


def test_a_rule_that_no_action_covers_is_inspected() -> None:
    assert action_for("FLATLINE-RAT", ACTIONS) is SENSOR
    assert action_for("WHATEVER", ACTIONS) is OTHER


def test_tickets_move_the_prior() -> None:
    # (0.6 x 5 + 9) / (5 + 9 + 1) = 0.8; (0.6 x 5) / (5 + 10) = 0.2
    assert probability_true(DAMPER, Ticket()) == pytest.approx(0.6)
    assert probability_true(DAMPER, Ticket(9, 1)) == pytest.approx(0.8)
    assert probability_true(DAMPER, Ticket(0, 10)) == pytest.approx(0.2)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_probability_stays_one(confirmed: int, rejected: int) -> None:
    assert 0.0 < probability_true(VALVE, Ticket(confirmed, rejected)) < 1.0
    more = probability_true(VALVE, Ticket(confirmed + 1, rejected))
    assert more > probability_true(VALVE, Ticket(confirmed, rejected))


@given(st.permutations([("A", "FC6", "20"), ("B", "SIMUL", "50"), ("C", "FC15", "1"), ("D", "FC4", None)]))
def test_the_order_of_the_faults_is_without_effect(given_faults: list[tuple[str, str, str | None]]) -> None:
    made = work_orders([fault(e, rule, 0.5, usd) for e, rule, usd in given_faults], ACTIONS)
    assert [o.equipment_id for o in made] == ["B", "A", "C", "D"]
