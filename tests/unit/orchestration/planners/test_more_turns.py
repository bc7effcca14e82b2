"""Nouns behind codes, instants, reshaped rows, figures by name, inner "then", and calls told apart by their kind."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import reading

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.tool_modeling import models
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.calls.steps import Step, apart
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.rule_sets import rule_sets_of
from redaptive.orchestration.plans.schema import Expr, Json

MODELS = models(catalogue())


def _args(tool: str, text: str) -> dict[str, Json]:
    return dict(bind(catalogue()[tool], reading(text)).args)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("peak outlook of the DAL-M2 meter", [("meter", "DAL-M2")]),
        ("forecast MIA-E-3", [("meter", "MIA-E-3")]),
        ("status of the DAL-02 meters", [("building", "DAL-02")]),
        ("are the SEA-101 and SEA-104 meters alive", [("meter", "SEA-101"), ("meter", "SEA-104")]),
        ("open a ticket for customer NORTHGATE", [("customer", "NORTHGATE")]),
    ],
)
def test_a_noun_beside_a_code_says_its_kind(text: str, found: list[tuple[str, str]]) -> None:
    assert [(code.kind, code.code) for code in find_codes(text)] == found


def test_instants_are_the_ends_of_their_range() -> None:
    args = _args(
        "market-intelligence.get_prices",
        "ERCOT prices at HB_WEST from 2025-08-12T06:00 to 2025-08-13T00:00",
    )
    assert (args["start"], args["end"]) == ("2025-08-12T06:00:00+00:00", "2025-08-13T00:00:00+00:00")


def test_a_figure_is_found_by_the_name_of_its_argument() -> None:
    args = _args("equipment-performance.predict_remaining_life", "boiler, 12 years old, at 1.3 times the usual duty")
    assert args["duty_factor"] == 1.3
    sized = _args("market-intelligence.find_incentives", "incentives for a 250 kW solar system in California")
    assert (sized["size"], sized["size_unit"]) == (250, "kW")


def test_words_that_begin_with_a_dollar_are_no_reference() -> None:
    args = _args("project-implementation.manage_change_order", "propose a change order for P-1: $15,000 extra")
    assert str(args["scope_change"]).startswith("$$15,000")


def test_rows_of_a_file_become_records_of_the_store() -> None:
    need = MODELS["energy-monitoring.ingest_readings"].need("readings")
    assert need is not None
    found = links(need, MODELS["document-processing.parse_green_button"])
    assert [(link.how, link.fields) for link in found] == [
        ("rows", ("meter", "meter_code", "start", "start", "value", "energy_kwh"))
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "Take the inventory. Explain it afterwards for the board.",
            [("first", "Take the inventory"), ("then", "Explain it for the board")],
        ),
        (
            "Audit DOC-1. Look at DOC-2 only after that; then email kim@x.example.",
            [("first", "Audit DOC-1"), ("then", "Look at DOC-2"), ("then", "email kim@x.example")],
        ),
        (
            "Read DOC-1, and where do the permits stand?",
            [("first", "Read DOC-1"), ("and", "where do the permits stand")],
        ),
    ],
)
def test_order_inside_a_clause(text: str, clauses: list[tuple[str, str]]) -> None:
    assert [(clause.relation, clause.text) for clause in split(text)] == clauses


def test_what_a_question_supposes_is_no_condition() -> None:
    assert split("Which rebates exist for LED if our application goes in on 2026-12-15?")[0].condition == ""


def test_equipment_of_both_kinds_has_both_sets_of_rules() -> None:
    assert [text for _, text in rule_sets_of("Evaluate AHU-3 and VAV-4 now")] == [
        "Evaluate AHU-3 now",
        "Evaluate VAV-4 now",
    ]
    assert rule_sets_of("Evaluate AHU-3 and AHU-4") == ()


def test_what_waits_for_a_call_waits_for_all_that_it_became() -> None:
    read = Step("read", "t.read", {"document_id": "$item"}, items=["DOC-1", "DOC-2"])
    bills = Step("bills", expr=Expr(fn="map", args=("$read", "value")))
    audit = Step("audit", "t.audit", {"bill": "$item"}, items="$bills")
    found = apart((read, bills, audit, Step("tell", "t.tell", needs=("read", "audit"))))
    assert [(step.id, step.needs) for step in found if step.tool == "t.tell"] == [
        ("tell", ("read", "read_2", "audit", "audit_2"))
    ]
