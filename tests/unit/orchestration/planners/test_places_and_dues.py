"""Steps by the place they are given, wishes that are no orders, one wish for several steps, conditions that go on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.cli.plan import every_scope, offline_planner
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.clauses.ranks import in_turn
from redaptive.orchestration.intelligent.planners.clauses.wishes import wished
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanRequest
from redaptive.orchestration.intelligent.planners.parts.follow_ups import bent_and_more, opened
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Node, Not, Plan

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLANNER = offline_planner(lambda: NOW)


def plan(text: str, context: Context | None = None) -> Plan:
    """The plan for a request of somebody with all rights."""
    found = PLANNER.plan(PlanRequest(text, "acme", every_scope(), context or Context()))
    assert found.plan is not None, found.message or found.question
    return found.plan


def calls(made: Plan, tool: str) -> list[Node]:
    """The nodes of a plan that call a tool."""
    return [node for node in made.nodes if (node.tool or "").endswith(f".{tool}")]


@pytest.mark.parametrize(
    ("said", "order"),
    [
        (
            "The mail to Kim comes last; the audit of DOC-1 has to be done before.",
            ["do the audit of DOC-1", "The mail to Kim"],
        ),
        ("The audit of DOC-5 comes second and the check of it first.", ["the check of it", "The audit of DOC-5"]),
        (
            "The forecast comes third, after the audit, which itself comes after the check of M-1.",
            ["the check of M-1", "the audit", "The forecast"],
        ),
        (
            "Opening the ticket comes last; first comes the check of AHU-3, second its cost.",
            ["the check of AHU-3", "its cost", "Opening the ticket"],
        ),
    ],
)  # fmt: skip
def test_places_are_an_order(said: str, order: list[str]) -> None:
    clauses = split(said)
    assert [clause.text for clause in clauses] == order
    assert {clause.relation for clause in clauses[1:]} == {"then"}


def test_a_sentence_without_places_stays() -> None:
    assert in_turn("The audit of DOC-5 comes from Kim; read it.") == "The audit of DOC-5 comes from Kim; read it."


@pytest.mark.parametrize(
    ("said", "usual"),
    [
        (
            "A fault that costs more than $75 a day deserves a ticket; the cheaper ones need none.",
            "if any fault costs more than $75 a day, open a ticket.",
        ),
        ("Any late permit calls for an email to Kim.", "if Any late permit, send an email to Kim."),
        (
            "Classify DOC-1. A gas bill is to be extracted.",
            "Classify DOC-1. If it is A gas bill, extract it.",
        ),
        ("Legal needs the expiry date of certificate DOC-7.", "get the expiry date of certificate DOC-7."),
        (
            "A loss beyond 15 % means no contract; anything else means a contract over 12 years.",
            "if there is A loss beyond 15 %, do nothing; otherwise, prepare a contract over 12 years.",
        ),
        ("The unit needs a new belt.", "The unit needs a new belt."),
    ],
)
def test_wishes_that_are_no_orders(said: str, usual: str) -> None:
    assert wished(said) == usual


@pytest.mark.parametrize(
    ("said", "texts"),
    [
        ("Simulate a swap that costs 410,000, is supposed to save 70,000 and will last 18 years", 1),
        ("Audit DOC-1, is it a gas bill", 2),
        ("I'm seeing customer DRX and do not want to look silly. Show their SLA status", 2),
    ],
)
def test_a_predicate_goes_on_with_its_sentence(said: str, texts: int) -> None:
    assert len(split(said)) == texts


def test_a_wish_for_each_of_two_calls() -> None:
    made = plan("Extract bill DOC-11, extract bill DOC-12, and audit the two.")
    bills = [node.args["bill"] for node in calls(made, "validate_and_audit_bill")]
    assert bills == ["$extract_utility_bill.value", "$extract_utility_bill_2.value"]


@pytest.mark.parametrize(("word", "kind"), [("either peak is", AnyOf), ("both peaks are", AllOf)])
def test_a_condition_on_two_calls(word: str, kind: type) -> None:
    made = plan(f"Forecast meters M-1 and M-2 for 48 hours. If {word} above 500 kW, text the operator.")
    [told] = calls(made, "notify")
    assert isinstance(told.when, kind)
    assert len(calls(made, "forecast_load")) == 2


def test_a_condition_goes_on_with_the_figure_before() -> None:
    made = plan(
        "Cash flow of 350,000 dollars that save 52,000 a year for 15 years. If the NPV is negative, find incentives "
        "for boilers in Ohio; if it is zero or better, draft an EaaS contract on the same numbers."
    )
    [contract] = calls(made, "design_eaas_contract")
    assert contract.when == Compare(op="ge", left="$project_cashflow.value.npv_usd", right=0)


def test_a_condition_that_only_denies() -> None:
    made = plan(
        "Get the load factor of meter M-8 in May 2025. If it is under 0.4, detect anomalies on M-8; when it is not, "
        "compare tariffs for M-8."
    )
    [compared] = calls(made, "compare_tariffs")
    assert isinstance(compared.when, Not)


def test_either_way_is_under_no_condition() -> None:
    made = plan(
        "If certificate DOC-34 expires before 2027-03-31, open a ticket for customer LOM, "
        "and mail a@b.example either way."
    )
    assert calls(made, "create_or_update_ticket")[0].when is not None
    assert calls(made, "notify")[0].when is None


def test_a_premise_is_no_step() -> None:
    made = plan(
        "Take a retrofit at $260,000 that saves $45,000 a year over 15 years. "
        "I want the NPV first. Then the risk of a loss."
    )
    assert [node.tool for node in made.nodes] == ["energy-finance.project_cashflow", "energy-finance.simulate_risk"]


def test_a_change_and_another_wish_in_one_follow_up() -> None:
    context = Context({"meters": ["M-7"]}, "energy-monitoring.forecast_load", "Forecast meter M-7 for 24 hours.", True)
    made = plan("Make it 48 hours, and also list the open alerts.", context)
    [forecast] = calls(made, "forecast_load")
    assert forecast.args["horizon_h"] == 48
    assert len(calls(made, "raise_or_acknowledge_alert")) == 1


def test_the_same_place_is_no_change() -> None:
    assert bent_and_more("Same building, but find savings this time") is None


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Set the life to 20 years and leave the rest as it was.", "Set the life to 20 years."),
        ("Sorry, wrong meter. I meant M-64.", "I meant M-64."),
        ("Keep the rest of the list short", "Keep the rest of the list short"),
    ],
)
def test_what_changes_nothing_is_not_read(said: str, left: str) -> None:
    assert opened(said) == left
