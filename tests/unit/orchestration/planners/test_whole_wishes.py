"""Sentences that ask beyond doubt, and notes of what a plan does not use."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import node, plan, tools

from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.intelligent.planners.clauses.whole_wishes import ranks_nights, said

NIGHT = "workflow.portfolio_optimization.night_waste"


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("which stores waste the most energy at night?", {"building_type": "retail"}),
        ("which Chicago offices waste the most at night", {"building_type": "office", "state": "IL"}),
        ("rank my warehouses by night waste", {"building_type": "distribution_warehouse"}),
        ("which buildings waste most out of hours?", {}),
        ("top 5 stores by overnight use in 2025", {"building_type": "retail", "period": "2025", "count": 5}),
        ("where do our schools burn the most power when they're closed", {"building_type": "k12"}),
        ("which hotels consume most outside business hours", {"building_type": "hotel"}),
    ],
)
def test_a_ranking_by_nights_is_the_pattern(text: str, inputs: dict[str, object]) -> None:
    found = plan(text)
    assert (found.status, found.path) == ("planned", "pattern")
    assert found.plan is not None
    assert found.plan.id == NIGHT
    assert dict(found.inputs) == inputs


@pytest.mark.parametrize(
    "text",
    [
        "which buildings used the most last night?",
        "which stores use the most energy tonight?",
        "why does meter NLS-CHI-001-E1 use so much at night?",
        "which buildings use the most energy?",
        "find anomalies at night in our stores, worst first",
        "raise an alert when the offices use most power at night",
        "list the open tickets of stores that waste power overnight",
    ],
)
def test_a_certain_night_or_one_thing_is_no_ranking(text: str) -> None:
    assert not ranks_nights(text)


@pytest.mark.parametrize(
    ("text", "tool", "args"),
    [
        ("Which building uses the most energy?", "analyze_portfolio_usage", {"group_by": "building_code"}),
        (
            "top 3 buildings by cost in 2025",
            "analyze_portfolio_usage",
            {"period": "2025", "group_by": "building_code"},
        ),
        (
            "which of our hotels costs the most in 2025?",
            "analyze_portfolio_usage",
            {"period": "2025", "building_type": "hotel", "group_by": "building_code"},
        ),
        ("What can I save with 500000 dollars?", "rank_and_summarize_portfolio", {"budget_usd": 500000}),
        (
            "what are our biggest energy users in Florida?",
            "analyze_portfolio_usage",
            {"state": "FL", "group_by": "building_code"},
        ),
        ("how much gas did NLS-CHI-001 use in 2025?", "analyze_portfolio_usage", {"period": "2025"}),
        ("which customers emit the most?", "analyze_portfolio_usage", {"group_by": "customer_code"}),
        ("who is on call?", "raise_or_acknowledge_alert", {"action": "list"}),
        ("Which engineer is on duty tonight?", "raise_or_acknowledge_alert", {"action": "list"}),
        (
            "what would fixing building NLS-CHI-001 and NLS-HOU-003 earn?",
            "find_opportunities",
            {"building_ids": ["NLS-CHI-001", "NLS-HOU-003"]},
        ),
        ("How should we invest $2 million?", "rank_and_summarize_portfolio", {"budget_usd": 2000000}),
        (
            "what did NLS-CHI-001 cost in March 2025?",
            "analyze_portfolio_usage",
            {"period": "2025-03", "group_by": "building_code"},
        ),
    ],
)
def test_a_question_finds_the_tool_that_takes_what_it_says(text: str, tool: str, args: dict[str, object]) -> None:
    found = plan(text).plan
    assert found is not None
    assert tools(found) == [tool]
    assert dict(node(found, tool).args) == args


def test_the_peak_of_a_building_is_that_of_its_meters() -> None:
    found = plan("What is the peak of NLS-CHI-001?").plan
    assert found is not None
    assert tools(found) == ["get_meter_status", "load_shape_metrics"]


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("what did NLS-CHI-001 cost in March 2025?", ["Not used: NLS-CHI-001; look for it among the rows."]),
        (
            "find opportunities in our stores for $90,000",
            ['Not used: "$90,000".', "Not used: the building type retail."],
        ),
        ("meter status of NLS-CHI-001 in March 2025", ['Not used: the period "March 2025"; the plan takes none.']),
        ("why is the hospital in Phoenix so expensive?", ["Not used: Phoenix."]),
    ],
)
def test_what_no_step_takes_is_noted(text: str, dropped: list[str]) -> None:
    assert [note for note in plan(text).notes if note.startswith("Not used")] == dropped


def test_a_count_that_no_step_takes_cuts_the_list_of_the_answer() -> None:
    found = plan("top 3 buildings by cost in 2025")
    assert not [note for note in found.notes if note.startswith("Not used")]
    assert found.shown == Arrangement(most=3, by="cost", end="highest")
    assert plan("which Chicago offices waste the most at night, worst three").shown.plain


@pytest.mark.parametrize(
    "text",
    [
        "What can I save with 500000 dollars?",
        "calculate the bill of meter M-7 for March 2026",
        "which Chicago offices waste the most at night",
        "cash flow of $90,000 that saves $12,000 a year over 10 years at 8 %",
        "forecast the load of meter M-7 for the next 48 hours",
    ],
)
def test_what_is_used_is_not_noted(text: str) -> None:
    assert not [note for note in plan(text).notes if note.startswith("Not used")]


def test_only_whole_questions_are_beyond_doubt() -> None:
    assert said("what can we save with LED at NLS-CHI-001") is None
    assert said("what did NLS-CHI-001 cost us, and open a ticket") is None
    assert said("why is AHU-3 noisy") is None
