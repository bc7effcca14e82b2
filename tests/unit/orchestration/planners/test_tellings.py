"""What is told around a wish, and the same thing said of several."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import node, plan, tools

from redaptive.orchestration.intelligent.planners.clauses.tellings import untold
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened
from redaptive.orchestration.plans.schema import Compare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When I land I would like to see which meters of B-1 are silent", "show me which meters of B-1 are silent"),
        ("Once I'm back, I'd like to see the anomalies of B-1", "show me the anomalies of B-1"),
        ("As soon as I arrive I want to know the peak of M-1", "show me the peak of M-1"),
        ("When I say so I want to see it", "When I say so I want to see it"),
        ("If there are none we are done, else open a ticket", "If there are none, we are done, else open a ticket"),
        ("Ticket TCK-7: check the SLA", "for ticket TCK-7, check the SLA"),
        ("Ticket TCK-5 of customer IQM: see how we stand", "for ticket TCK-5 of customer IQM, see how we stand"),
        ("baseline 2023, reporting 2025, then over the same reporting period", None),
        (
            "Log a delay. But only after you have checked the permits of P-1.",
            "check the permits of P-1, then log a delay.",
        ),
        ("Open a ticket. But only once you've audited DOC-7", "audit DOC-7, then open a ticket"),
        ("the PV and battery size of M-1", "the PV/battery size of M-1"),
        ("the PV and the lamps of M-1", "the PV and the lamps of M-1"),
        ("Get the prices, Joanne will ask where they stood.", "Get the prices."),
    ],
)
def test_the_wish_stands_alone(text: str, expected: str | None) -> None:
    assert untold(text) == (expected or "baseline 2023, reporting 2025, then over 2025")


def test_both_since_a_day_is_said_of_each() -> None:
    text = "fault check ahu AHU-4 + vav box VAV-4-17, both since 2026-11-16"
    assert untold(text) == "fault check ahu AHU-4 since 2026-11-16 + vav box VAV-4-17 since 2026-11-16"


def test_a_check_that_is_asked_for_afterwards_comes_before() -> None:
    found = plan("Open a ticket for customer NLS. But only after you have audited bill DOC-7.").plan
    assert found is not None
    assert tools(found) == ["extract_utility_bill", "validate_and_audit_bill", "create_or_update_ticket"]
    assert "validate_and_audit_bill" in node(found, "create_or_update_ticket").needs


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("log a delay of 14 days on P-206", "project-implementation.manage_change_order"),
        ("record an extension of two weeks for project P-3", "project-implementation.manage_change_order"),
        ("screen the five worst of them for measures", "portfolio-intelligence.find_opportunities"),
        ("comb our buildings for savings", "portfolio-intelligence.find_opportunities"),
        ("check AHU-1 for faults and savings", None),
        ("log a delay of the train", None),
    ],
)
def test_a_few_words_name_the_tool(text: str, tool: str | None) -> None:
    assert certain(text) == tool


def test_about_a_size_is_a_size() -> None:
    found = plan("what incentives are there in New York for chillers of about 300 tons?").plan
    assert found is not None
    args = node(found, "find_incentives").args
    assert (args["size"], args["size_unit"]) == (300, "ton")


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("audit bill DOC-7; if it is right, do nothing, otherwise open a ticket for customer NLS", "exists"),
        ("audit bill DOC-7; if the bill is correct, do nothing, else open a ticket for customer NLS", "exists"),
        ("audit bill DOC-7; if it isn't right, open a ticket for customer NLS", "exists"),
        ("audit bill DOC-7; if the bill is not in order, open a ticket for customer NLS", "exists"),
        ("audit bill DOC-7; if it is correct, open a ticket for customer NLS", "is_null"),
    ],
)
def test_what_is_right_has_no_findings(text: str, op: str) -> None:
    found = plan(text).plan
    assert found is not None
    when = node(found, "create_or_update_ticket").when
    assert isinstance(when, Compare)
    assert (when.op, when.left) == (op, "$validate_and_audit_bill.value.findings[0]")


def test_a_question_does_not_ask_for_a_meter_that_is_named() -> None:
    found = plan("raise an alert on NLS-CHI-001-E1 because the chiller runs at night")
    assert (found.slot, found.question) == ("anomaly", "What is wrong at NLS-CHI-001-E1, and since when?")


@pytest.mark.parametrize(
    "text", ["alert me if NLS-CHI-001-E1 peaks above 400 kW", "warn me when NLS-CHI-001-E1 goes over 400 kW"]
)
def test_a_peak_is_watched_and_its_limit_noted(text: str) -> None:
    found = plan(text)
    assert found.plan is not None
    assert tools(found.plan) == ["peak_alert"]
    assert 'Not used: "400 kW".' in found.notes or '"above 400 kW"' in str(found.notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They have moved it by a day. Same thing, but on 2026-12-11.", "Same thing, but on 2026-12-11."),
        ("The event was moved. The same for M-2.", "The same for M-2."),
        ("And how did it look the year before?", "and the year before?"),
        ("How was it in the month before?", "and in the month before?"),
        ("How did it look at B-7?", "How did it look at B-7?"),
    ],
)
def test_a_follow_up_is_opened_without_its_tale(text: str, expected: str) -> None:
    assert opened(text) == expected
