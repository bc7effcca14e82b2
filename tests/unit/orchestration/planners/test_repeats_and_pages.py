"""Steps repeated for another thing, things named with their kind, pages with a head, deeds on what was named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.cli.plan import every_scope, offline_planner
from redaptive.orchestration.intelligent.planners.clauses.rephrasing import rephrased
from redaptive.orchestration.intelligent.planners.outcome import PlanRequest
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.plans.schema import Node

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLANNER = offline_planner(lambda: NOW)


def calls(text: str) -> list[Node]:
    """The calls of the plan for a request of somebody with all rights."""
    made = PLANNER.plan(PlanRequest(text, "acme", every_scope())).plan
    assert made is not None
    return [node for node in made.nodes if node.tool]


def tools(text: str) -> list[str]:
    """The short names of the tools that are called."""
    return [str(node.tool).rpartition(".")[2] for node in calls(text)]


@pytest.mark.parametrize(
    ("text", "plainly"),
    [
        ("Read DOC-1, audit it; do the same with DOC-2.", "Read DOC-1, audit it; in parallel, read DOC-2, audit it."),
        (
            "Read DOC-1, open a ticket for customer ABC. Do the same with DOC-2.",
            "Read DOC-1, open a ticket for customer ABC; in parallel, read DOC-2, open a ticket for customer ABC.",
        ),
        ("DOC-5 is a certificate, give me its facts.", "give me the facts of the certificate DOC-5."),
        ("Weekly brief for customer QRS: are they content?", "for customer QRS, are they content?"),
        ("Use the template leak to text site_lead.", "text site_lead, template leak."),
        ("Where a fault costs over $9 a day it goes into a ticket.", "if a fault costs over $9 a day, open a ticket."),
    ],
)  # fmt: skip
def test_said_plainly(text: str, plainly: str) -> None:
    assert rephrased(text) == plainly


def test_one_step_is_not_repeated_by_words() -> None:
    text = "Benchmark B-1; do the same with B-2."
    assert rephrased(text) == text


@pytest.mark.parametrize(
    ("text", "plainly"),
    [
        ("Floods aside, audit DOC-1", "audit DOC-1"),
        ("Killer question: what does it cost?", "what does it cost?"),
        ("a fan that turned 12 last May", "a fan that is 12 years old"),
        ("supply 44 return 54 F", "supply 44 F, return 54 F"),
    ],
)
def test_figures_of_speech(text: str, plainly: str) -> None:
    assert opened(text) == plainly


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("forecast RNO-12-M", "meter", "RNO-12-M"),
        ("faults of RTU-EAST", "equipment", "RTU-EAST"),
        ("reopen T-2288", "ticket", "T-2288"),
        ("withdraw the alert: resolve 77fe0b", "alert", "77fe0b"),
    ],
)
def test_codes(text: str, kind: str, code: str) -> None:
    assert [(each.kind, each.code) for each in find_codes(text)] == [(kind, code)]


def test_no_key_of_an_alert_without_one() -> None:
    assert find_codes("a lamp T-8 in colour 77fe0b") == []


def test_each_machine_has_its_own_rules_and_costs() -> None:
    found = tools("Find the faults of AHU-WEST and price them; meanwhile do the same with plant HWP-3.")
    assert sorted(found) == ["cost_of_fault", "cost_of_fault", "evaluate_ahu_rules", "evaluate_plant_vav_rules"]


def test_a_deed_on_it_is_done_to_what_deeds_are_done_to() -> None:
    sla, deed = calls("Check ticket T-4411 of customer ABC for its SLA. If the SLA is breached, reopen it.")
    assert str(sla.tool).endswith("sla_status")
    assert (deed.args["action"], deed.args["ticket_id"]) == ("reopen", "T-4411")


def test_a_new_peak_in_other_words_decides() -> None:
    _, message = calls("Will PHX-4-M top its monthly peak this week? If so, email ops@x.example with template peak.")
    assert message.when is not None
    assert "projected_peak_kw" in message.when.model_dump_json()


def test_the_dearest_alert_is_one_alert() -> None:
    made = PLANNER.plan(
        PlanRequest("List the open alerts and then assign the most expensive to Kim Lee.", "acme", every_scope())
    ).plan
    assert made is not None
    assert any(node.expr is not None and node.expr.args[1:] == (1,) for node in made.nodes)


def test_a_message_about_the_ticket_knows_it() -> None:
    ticket, message = calls(
        "Open a ticket for customer ABC about the pump; once the ticket is open, text site_lead with template pump_up."
    )
    assert message.args["ticket_id"] == f"${ticket.id}.value.ticket_id"
