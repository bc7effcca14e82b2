"""What one clause means: figures that a party wants, times that open a list, meters to bill, circles of named work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.orchestration.planners.world import made, node, plan, reading

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.periods import read_periods
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.refusals.balance import unbalanced
from redaptive.orchestration.intelligent.planners.refusals.kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusals.objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusals.relations import unrelated

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "cash flow of 90,000 dollars when the board requires a 9 % rate",
        "eaas for $300,000, if the investor expects 12 % IRR",
        "eaas for $300,000, provided our provider insists on at least 12 %",
    ],
)
def test_what_a_party_wants_decides_nothing(text: str) -> None:
    assert not any(clause.condition for clause in split(text))


def test_what_a_result_shows_decides() -> None:
    assert any(clause.condition for clause in split("email kim@x.example when the wait for it needs more than 3 days"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("It was shut over the 4th of July. Run the rules, 2025-07-07 to 2025-07-14.", "2025-07-07"),
        ("AHU-2 was rebuilt on May 3rd. Evaluate its rules from 2025-06-01 to 2025-06-08.", "2025-06-01"),
        ("We lost data on 3/12/2025. Validate the meter for 2025-04.", "2025-03-12"),
    ],
)
def test_a_time_with_its_year_counts_before_one_told_before_it(text: str, day: str) -> None:
    period = read_periods(text, Calendar.at(NOW, "UTC")).period
    assert period is not None
    assert period.start.date().isoformat() == day


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("Bill DEN-E2 for March 2025", "meter", "DEN-E2"),
        ("What would bill NLS-CHI-01-E1 have been", "meter", "NLS-CHI-01-E1"),
        ("Audit bill DOC-4", "document", "DOC-4"),
    ],
)
def test_a_meter_is_billed_and_a_document_is_a_bill(text: str, kind: str, code: str) -> None:
    assert reading(text).id(kind) == code


@pytest.mark.parametrize(
    "text",
    [
        "roofing follows framing, framing follows wiring, and wiring follows roofing",
        "Schedule: pull wire after panel set, panel set after inspection, inspection after pull wire",
        "the demo must come before the set, the set before the tie-in, the tie-in before the demo",
    ],
)
def test_named_work_that_waits_in_a_circle_cannot_begin(text: str) -> None:
    assert unrelated(text)
    assert unrelated(text.rpartition(",")[0]) is None


def test_units_measure_their_own_quantity() -> None:
    assert mismatched("Record 500 therms of electricity for meter M-4.")
    assert mismatched("How many decibels does fan EF-2 make?")
    assert mismatched("30 kW of water heating, 300 therms of gas, how many pounds of CO2?") is None
    assert unbalanced("price the fault at 30 run hours per day")
    assert unbalanced("price the fault at 12 run hours per day") is None
    assert wrong_kind("Benchmark the rooftop units RTU-3 and RTU-4 against offices.")


def test_a_period_that_opens_a_list_holds_for_its_items() -> None:
    found = made("For May 2025 I need the load factor of meter M-4 and the anomalies of building B-2.")
    assert node(found, "load_shape_metrics").args["period"] == "2025-05"
    assert str(node(found, "detect_anomalies").args["start"]).startswith("2025-05-01")


def test_nobody_but_the_asker_says_which_time_is_meant() -> None:
    assert plan("calculate the bill of meter DEN-E2").slot == "period"
