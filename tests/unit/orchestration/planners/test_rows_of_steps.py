"""Order and independence in other words, conditions by the order of words, messages told from who gets them."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import edges, made, node, plan, reading, tools

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.tool_modeling import models
from redaptive.orchestration.intelligent.planners.clauses.clause import Clause
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.clauses.deeds import done
from redaptive.orchestration.intelligent.planners.energy_pattern_planner import packaged_patterns
from redaptive.orchestration.intelligent.planners.parts.conditions import decisive
from redaptive.orchestration.intelligent.planners.parts.follow_ups import ELLIPTIC
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.planner import _beyond


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "Step by step: classify DOC-1, audit DOC-2, text the manager.",
            [("first", "classify DOC-1"), ("then", "audit DOC-2"), ("then", "text the manager")],
        ),
        (
            "Benchmark PF-1, thereupon take its inventory, and as the final step email kim@x.example.",
            [("first", "Benchmark PF-1"), ("then", "take its inventory"), ("then", "email kim@x.example")],
        ),
        (
            "Take the inventory and, on this basis, word an answer for customer TRV.",
            [("first", "Take the inventory"), ("then", "word an answer for customer TRV")],
        ),
        (
            "Audit DOC-8 and send thereafter an email to kim@x.example.",
            [("first", "Audit DOC-8"), ("then", "send an email to kim@x.example")],
        ),
        (
            "Forecast M-4 and compute at the same time its load shape.",
            [("first", "Forecast M-4"), ("parallel", "compute its load shape")],
        ),
        ("Bill DOC-1 is here. Extract and audit both.", [("and", "Extract them"), ("and", "audit them")]),
        ("Classify and extract bill DOC-6.", [("first", "Classify bill DOC-6"), ("and", "extract bill DOC-6")]),
    ],
)
def test_words_of_order_stand_anywhere(text: str, clauses: list[tuple[str, str]]) -> None:
    assert [(clause.relation, clause.text) for clause in split(text)][-len(clauses) :] == clauses


@pytest.mark.parametrize(
    ("text", "condition", "deed"),
    [
        ("Lies the peak above 750 kW, text the engineer.", "Lies the peak above 750 kW", "text the engineer"),
        ("Is the bill wrong, please open a ticket.", "Is the bill wrong", "open a ticket"),
        ("Has it any faults, price every one of them.", "Has it any faults", "price every one of them"),
        ("Falls the CPI below 0.9, then propose a change order.", "Falls the CPI below 0.9", "propose a change order"),
    ],
)
def test_a_verb_before_its_subject_is_a_condition(text: str, condition: str, deed: str) -> None:
    assert [(clause.condition, clause.text) for clause in split(text)] == [(condition, deed)]


@pytest.mark.parametrize(
    "text", ["Unless it is above 5 kW, text kim.", "Is meter M-9 alive, and what is its forecast?"]
)
def test_questions_and_other_conditions_stay(text: str) -> None:
    assert not any(clause.condition.startswith(("Unless", "Is")) for clause in split(text))


def test_several_things_that_were_done_are_orders() -> None:
    said = done("the rules have been run on AHU-12 and each fault has been priced")
    assert said == "run the rules on AHU-12 and price each fault"
    assert done("the data are complete") == "the data are complete"


def test_who_gets_a_message_is_told() -> None:
    found = split("Detect anomalies on meter M-6. Then the plant manager must receive an email with template x.")
    assert found[-1].text == "send the plant manager an email with template x"


@pytest.mark.parametrize(
    "text",
    [
        "Read bill DOC-5 and audit it. Second, and independently of the first, benchmark portfolio PF-2 for 2024, "
        "then notify kim@x.example.",
        "Read bill DOC-5 and audit it. Meanwhile, benchmark portfolio PF-2 for 2024, then notify kim@x.example.",
    ],
)
def test_a_row_that_stands_apart_waits_for_nobody(text: str) -> None:
    found = made(text)
    assert edges(found) == {("extract_utility_bill", "validate_and_audit_bill"), ("benchmark_buildings", "notify")}
    assert "building_id" not in node(found, "notify").args


def test_what_follows_in_a_sentence_of_its_own_waits_for_all_rows() -> None:
    found = made("Audit bill DOC-5. Meanwhile, benchmark portfolio PF-2 for 2024. Finally, notify kim@x.example.")
    assert {("validate_and_audit_bill", "notify"), ("benchmark_buildings", "notify")} <= edges(found)


def test_a_head_of_several_words_counts_for_each_item() -> None:
    found = made("LED rollout in Texas, building B-9: benchmark + incentives + opportunities pls")
    assert tools(found) == ["benchmark_buildings", "find_incentives", "find_opportunities"]
    assert {"measure": "led", "state": "TX"}.items() <= node(found, "find_incentives").args.items()


def test_a_year_behind_over_is_no_figure() -> None:
    assert decisive("it lost more than 3 % a year over 2025") == "it lost more than 3 % a year over 2025"
    assert plan("Forecast meter M-1, then do nothing").plan is not None


@pytest.mark.parametrize("deed", ["book a flight to Boston", "water the plants", "paint the boardroom green"])
def test_an_order_in_its_turn_that_nothing_does_is_asked_about(deed: str) -> None:
    found = plan(f"Forecast meter M-1 for 24 hours, then {deed}.")
    assert found.plan is None
    assert found.question == f"What shall be done: {deed}?"


@pytest.mark.parametrize("more", ["then show me the list as a table", "then send it on", "and then give the numbers"])
def test_showing_what_was_found_needs_no_step(more: str) -> None:
    assert tools(made(f"Forecast meter M-1 for 24 hours, {more}.")) == ["forecast_load"]


@pytest.mark.parametrize(
    "text",
    [
        "And what does it look like with an incentive of $300,000?",
        "How would that come out over 12 years?",
        "How does it look in June 2025?",
    ],
)
def test_how_it_looks_under_other_terms_asks_the_same_again(text: str) -> None:
    assert ELLIPTIC.search(text)
    assert not ELLIPTIC.search("How does the meter look?")


def test_an_order_is_joined_with_the_phrase_that_makes_it_sure() -> None:
    found = made("Size solar for meter M-31, then feed the capex and yearly savings into a cash flow over 20 years.")
    assert tools(found) == ["size_pv_storage", "project_cashflow"]
    assert node(found, "project_cashflow").args["life_y"] == 20


def test_a_workflow_that_cannot_begin_on_what_is_named_is_not_meant() -> None:
    tool = models(catalogue())["equipment-performance.evaluate_ahu_rules"]
    pattern = packaged_patterns()["workflow.anomaly_response"]
    for text, beyond in (("diagnose AHU-9", True), ("diagnose building B-9", False), ("diagnose the stores", False)):
        assert _beyond([Part(Clause(text), tool, reading(text))], pattern, models(catalogue())) is beyond
