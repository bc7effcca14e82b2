"""What one clause means: figures that a party wants, times that open a list, meters to bill, circles of named work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.orchestration.planners.world import made, node, plan, reading

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.periods import read_periods
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.clauses.whole_wishes import said
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain, message
from redaptive.orchestration.intelligent.planners.refusals.balance import unbalanced
from redaptive.orchestration.intelligent.planners.refusals.kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusals.objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusals.refusals import impossible
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


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("Toss the coin 10,000 times for a $500,000 retrofit", "energy-finance.simulate_risk"),
        ("Rank what 400,000 dollars can buy", "portfolio-intelligence.rank_and_summarize_portfolio"),
        ("Show me what $2 million would buy here", "portfolio-intelligence.rank_and_summarize_portfolio"),
        ("The fan ran 10,000 times", None),
    ],
)
def test_whole_sentences_name_their_tool(text: str, tool: str | None) -> None:
    assert said(text) == tool


def test_what_is_written_of_estimates_is_part_of_their_making() -> None:
    assert certain("write the estimates into the store") == "energy-monitoring.validate_estimate_edit"
    assert certain("load the readings") == "energy-monitoring.ingest_readings"


def test_who_wants_to_be_let_know_whether_something_is_so_asks() -> None:
    assert certain("let me know whether its billing peak is at risk") != "customer-experience.notify"
    assert certain("let the CFO know how it went") == "customer-experience.notify"
    assert message("Page the on-call technician") == "customer-experience.notify"


def test_what_was_done_to_a_meter_is_no_wish() -> None:
    found = made("Meter M-4 had its transformers swapped. Find anomalies on it from 2025-05-01 to 2025-05-10.")
    assert [one.tool for one in found.nodes] == ["energy-monitoring.detect_anomalies"]


@pytest.mark.parametrize(
    "text",
    [
        "snooze alert 3fa2b1c4 until next week",
        "earned value with 1,200,000 budget at completion, 500,000 planned, 450,000 earned, 540,000 actual",
        "Forecast ATL-E2 as far as you can go, the full 336 hours.",
    ],
)
def test_where_a_rule_knows_the_limits_no_score_refuses(text: str) -> None:
    assert impossible(reading(text)) is None


def test_the_rule_still_refuses() -> None:
    assert impossible(reading("snooze alert 3fa2b1c4 for 200 days")) is not None


def test_what_a_deed_is_done_with_may_stand_before_it() -> None:
    found = made("Compare tariffs for meter DEN-E2. With the cheapest one, calculate the bill of DEN-E2 for July 2025.")
    assert node(found, "calculate_bill").args["tariff_id"] == "$compare_tariffs.value.cheapest_tariff_id"
