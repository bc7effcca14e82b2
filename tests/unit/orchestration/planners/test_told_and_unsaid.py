"""What a sentence only tells is no step; what it points at is asked for; verbs, codes and figures find their place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from redaptive.cli.plan import every_scope, offline_planner
from redaptive.orchestration.intelligent.planners.clauses.statements import states
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, PlanRequest
from redaptive.orchestration.intelligent.planners.values.named_tasks import named_tasks
from redaptive.orchestration.plans.schema import Json

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLANNER = offline_planner(lambda: NOW)


def plan(text: str) -> PlanOutcome:
    """The outcome for a request of somebody with all rights."""
    return PLANNER.plan(PlanRequest(text, "acme", every_scope()))


def call(text: str) -> tuple[str, Mapping[str, Json]]:
    """The tool and the arguments of the only call."""
    made = plan(text).plan
    assert made is not None
    [node] = [node for node in made.nodes if node.tool]
    return str(node.tool).rpartition(".")[2], node.args


@pytest.mark.parametrize(
    "text",
    [
        "the valve is shut",
        "lasts 12 years",
        "would rather not be caught off guard",
        "somebody smelled gas near the boiler",
        "help me make the case",
        "they insist on seeing the evidence",
        "it is entered",
    ],
)
def test_statements(text: str) -> None:
    assert states(text)


@pytest.mark.parametrize(
    "text",
    [
        "an offer of shared savings over 10 years",
        "the permits for project P-8",
        "how fast is chiller CH-2 degrading",
        "I need the usage",
        "the emissions inventory",
        "is DOC-3 a bill",
        "legal needs the expiry date",
        "extract the bill",
    ],
)
def test_wishes_are_no_statements(text: str) -> None:
    assert not states(text)


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("The auditor arrived at noon. Show the SLA status of customer GLD.", "sla_status"),
        ("Please resolve TCK-77 of customer GLD; we closed the valve.", "create_or_update_ticket"),
        ("The tenants heard a bang and the power was gone. Are meters M-1 and M-2 reporting?", "get_meter_status"),
        ("What fee results from $900,000 capex, $150,000 yearly savings and 8 percent IRR?", "design_eaas_contract"),
    ],
)
def test_what_is_told_is_no_step(text: str, tool: str) -> None:
    assert call(text)[0] == tool


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("Compare the building we talked about with its peers.", "building_id"),
        ("Forecast the meter you mentioned for tomorrow.", "meter_id"),
        ("Is the noisy one still running?", "meter_id"),
        ("Rank our projects with the budget we have.", "budget_usd"),
        ("Handle the permits the way legal wanted.", "project_id"),
    ],
)
def test_what_nobody_named_is_asked_for(text: str, slot: str) -> None:
    found = plan(text)
    assert (found.status, found.slot) == ("question", slot)


def test_a_named_building_is_not_asked_for() -> None:
    assert plan("Compare B-7, the building we talked about, with its peers.").status == "planned"


@pytest.mark.parametrize(
    ("text", "tool", "action"),
    [
        ("close TCK-555 for customer IQM, leak fixed", "create_or_update_ticket", "close"),
        ("Hand TCK-31 for GFG over to Maria Lopez.", "create_or_update_ticket", "assign"),
        ("Assign AL-9 to Dana.", "raise_or_acknowledge_alert", "assign"),
        ("Turn down CO-8 for project P-11.", "manage_change_order", "reject"),
        ("Ask for 12 more days on P-11 since the crane is late.", "manage_change_order", "propose"),
    ],
)
def test_the_verb_and_the_code_say_what_is_done(text: str, tool: str, action: str) -> None:
    name, args = call(text)
    assert (name, args["action"]) == (tool, action)


def test_tasks_with_nouns() -> None:
    found = named_tasks("demolition, which takes four days; wiring needs 8 days after demolition, then a two-day test")
    assert [(task.name, task.days, task.waits_for) for task in found] == [
        ("demolition", 4, ()),
        ("wiring", 8, ("demolition",)),
        ("test", 2, ("wiring",)),
    ]


def test_one_named_task_is_no_list() -> None:
    assert named_tasks("the survey takes 5 days") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "earned value with 1,200,000 budget at completion, 500,000 planned, 450,000 earned, 540,000 actual",
            {"budget_at_completion_usd": 1_200_000, "planned_value_usd": 500_000, "earned_value_usd": 450_000},
        ),
        (
            "Chiller CH-5 reads 420 kW at 1,600 gpm with 44/54 F.",
            {"power_kw": 420, "flow_gpm": 1600, "chws_f": 44, "chwr_f": 54},
        ),
        ("Drop the gas; weather-normalize only the electricity of B-2, baseline 2024.", {"commodity": "electricity"}),
        ("Brand new VFD, age 0. How many years will it run?", {"equipment_type": "vfd", "age_y": 0}),
        ("How many hours did automation save in 2025 on project P-3?", {"project_id": "P-3", "period": "2025"}),
        (
            "Best projects for 2 million by payback, at least 500 t of CO2 a year, no more than 300k in a building.",
            {"budget_usd": 2_000_000, "objective": "payback", "max_usd_per_building": 300_000},
        ),
        (
            "Fixed offer 61 dollars per MWh; 900 MWh in July 2027 and 950 in August 2027; index mean 55.",
            {"fixed_usd_per_mwh": 61, "index": {"mean_usd_per_mwh": 55.0}},
        ),
        ("EaaS offer for $400k capex and $80k savings a year with no customer margin.", {"customer_margin": 0}),
    ],
)
def test_figures_find_their_arguments(text: str, expected: Mapping[str, Json]) -> None:
    args = call(text)[1]
    assert {name: args.get(name) for name in expected} == expected


def test_sets_and_needs_of_projects() -> None:
    text = "P-1 costs 100k with an NPV of 30k, P-2 costs 90k with an NPV of 25k; only one of P-1 and P-2. Budget 150k."
    name, args = call(text)
    assert (name, args["exclusive"]) == ("select_projects", [["P-1", "P-2"]])
