"""Things that a text lists by a noun and a letter, tasks one after the other, and what lies outside of its bounds."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import NOW, plan, reading

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.clauses.abbreviations import written_out
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened
from redaptive.orchestration.intelligent.planners.refusals.kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusals.outside import apart_from_its_limit
from redaptive.orchestration.intelligent.planners.refusals.unsaid import unsaid

TODAY = Calendar.at(NOW)


@pytest.mark.parametrize(
    "text",
    [
        "With 350,000 dollars select. Candidate A: NPV 90,000, capex 200,000. Candidate B: NPV 120,000, capex 260,000.",
        "Budget $350,000. Proposal 1: capex 200,000, NPV 90,000. Proposal 2: capex 260,000, NPV 120,000. Select one.",
        "With $350,000 select: option X (capex 200,000, NPV 90,000) or option Y (capex 260,000, NPV 120,000)",
    ],
)
def test_candidates_by_noun_and_label(text: str) -> None:
    found = bind(catalogue()["energy-finance.select_projects"], reading(text)).args
    records = found["candidates"]
    assert isinstance(records, list)
    assert [(one["npv_usd"], one["capex_usd"]) for one in records if isinstance(one, dict)] == [
        (90_000, 200_000),
        (120_000, 260_000),
    ]
    assert found["budget_usd"] == 350_000


def test_a_task_said_to_come_then_waits_for_the_one_before() -> None:
    text = (
        "Schedule from 2027-02-01: task A1, survey, 3 days; afterwards task A2, wire, 8 days; finally task A3, 2 days."
    )
    found = bind(catalogue()["project-implementation.schedule_projects"], reading(text)).args["tasks"]
    assert isinstance(found, list)
    assert [(one["task_id"], one.get("predecessors")) for one in found if isinstance(one, dict)] == [
        ("A1", None),
        ("A2", ["A1"]),
        ("A3", ["A2"]),
    ]


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("load shape of M-3 for May 2025, limited to the days of July 2025", True),
        ("savings report for Q3 2025. It must cover only days in January 2025.", True),
        ("the bill of March 2025, for the part of March 2025 which lies in April 2025", True),
        ("usage of 2025, only the months June to August 2025", False),
        ("bill of M-44 for June 2025; the invoice arrived in July 2025 only", False),
        ("usage of 2024 without only days in May 2023", False),
    ],
)
def test_a_limit_outside_of_its_period(text: str, apart: bool) -> None:
    assert (apart_from_its_limit(text, TODAY) is not None) == apart


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Day-ahead prices of the CAISO zone New York City on 2025-07-04", True),
        ("ERCOT real-time prices in the Chicago hub on 2025-05-05", True),
        ("PJM day-ahead prices for the Chicago zone on 2025-03-03", False),
        ("NYISO prices for the New York City zone on 2025-07-04", False),
    ],
)
def test_a_zone_lies_in_its_market(text: str, wrong: bool) -> None:
    assert (mismatched(text) is not None) == wrong


@pytest.mark.parametrize(
    "text",
    [
        "Close ticket TCK-1, however not without my approval.",
        "Close ticket TCK-1, but not before I approve.",
        "Close ticket TCK-1; never without my sign-off though.",
        "Close ticket TCK-1, yet only once I have given my consent.",
    ],
)
def test_twice_denied_is_a_wish_to_be_asked(text: str) -> None:
    assert ", only after" in opened(text)
    assert plan(text).status != "refused"


def test_a_choice_among_projects_needs_a_budget() -> None:
    text = "Put together the best package of projects for portfolio PF-1."
    assert unsaid(reading(text), "workflow.portfolio_optimization") == ("What is the budget, in USD?", "budget_usd")
    assert unsaid(reading(f"{text[:-1]} with $400,000."), "workflow.portfolio_optimization") is None


def test_ages_in_short() -> None:
    assert written_out("17 yo tower, 31 y/o boiler") == "17 years old tower, 31 years old boiler"
