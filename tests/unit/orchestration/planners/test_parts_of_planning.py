"""Codes, amounts, clauses, chains, search and caching, each alone."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import NOW, SCOPES, planner, reading

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.semantic_search import ToolSearch
from redaptive.orchestration.ai.tool_modeling import model_of, models, usable
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.planners.calls.chaining import chain
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.conversation import context_from
from redaptive.orchestration.intelligent.planners.outcome import PlanRequest
from redaptive.orchestration.intelligent.planners.plan_cache import PlanCache
from redaptive.orchestration.intelligent.planners.values.ids import find_codes, ids_of

MODELS = models(catalogue())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("meters M-1, M-2 and 4711", {"meter": ("M-1", "M-2", "4711")}),
        ("how long is ticket TK-88 open", {"ticket": ("TK-88",)}),
        ("CH-7 and AHU-3", {"equipment": ("CH-7", "AHU-3")}),
        ("the bill is 60% higher than in 2025 at all 40 branches 2025", {}),
        ("is the Fresno store fine", {"building": ("Fresno store",)}),
        ("rates GS-2, permit PMT-9, change order CO-7",
         {"tariff": ("GS-2",), "permit": ("PMT-9",), "change_order": ("CO-7",)}),
    ],
)  # fmt: skip
def test_codes_by_noun_prefix_and_name(text: str, ids: dict[str, tuple[str, ...]]) -> None:
    assert ids_of(text, find_codes(text)) == ids


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Extract bill DOC-3, audit it, and if it is above $100 create a ticket",
         [("Extract bill DOC-3", ""), ("audit it", ""), ("create a ticket", "it is above $100")]),
        ("Send it to the manager only if savings exceed $10k", [("Send it to the manager", "savings exceed $10k")]),
        ("Unless the audit is clean, open a ticket", [("open a ticket", "the audit is clean")]),
        ("After classifying DOC-9, extract the certificate",
         [("classify DOC-9", ""), ("extract the certificate", "")]),
        ("Before you notify the customer, audit the bill", [("audit the bill", ""), ("notify the customer", "")]),
    ],
)  # fmt: skip
def test_clauses_in_order_with_their_conditions(text: str, parts: list[tuple[str, str]]) -> None:
    assert [(part.text, part.condition) for part in split(text)] == parts


def test_meter_never_fills_an_argument_that_asks_for_a_building() -> None:
    need = MODELS["portfolio-intelligence.weather_normalize"].need("building_id")
    assert need is not None
    for model in MODELS.values():
        assert all(link.product.entity == "building" for link in links(need, model))


def test_chain_needs_ground_under_it() -> None:
    goal = MODELS["energy-finance.calculate_bill"]
    assert chain(goal, reading("calculate the bill for 2025"), MODELS).missing == ("meter_id",)
    found = chain(goal, reading("calculate the bill of building B-1 for 2025"), MODELS)
    assert [step.tool for step in found.steps if step.tool] == ["energy-monitoring.get_meter_status", goal.name]


def test_edi_is_parsed_when_it_is_named_and_bills_are_read_else() -> None:
    goal = MODELS["document-processing.validate_and_audit_bill"]
    edi = chain(goal, reading("audit the EDI invoice DOC-4"), MODELS)
    pdf = chain(goal, reading("audit the invoice DOC-4"), MODELS)
    assert [made.steps[0].tool for made in (edi, pdf)] == [
        "document-processing.parse_edi",
        "document-processing.extract_utility_bill",
    ]


def test_search_filters_before_it_ranks() -> None:
    search = ToolSearch(catalogue())
    text = "is the load of the meter unusual, are there anomalies?"
    assert search.find(text)[0].name == "energy-monitoring.detect_anomalies"
    allowed = list(usable(catalogue(), SCOPES - {"monitoring:read"}))
    assert all(not hit.name.startswith("energy-monitoring.detect") for hit in search.find(text, among=allowed))
    unwell = list(usable(catalogue(), SCOPES, healthy=frozenset()))
    assert all(not catalogue()[name].available for name in unwell)


def test_prior_by_intent_lifts_a_tool() -> None:
    search = ToolSearch(catalogue())
    name = "market-intelligence.get_prices"
    assert search.find("something", prior={name: 1.0})[0].name == name


def test_model_of_a_tool_knows_words_needs_and_products() -> None:
    model = model_of(catalogue()["document-processing.classify_document"])
    assert model.examples[0] == "What is this PDF?"
    assert [(need.name, need.entity, need.required) for need in model.needs] == [("document_id", "document", True)]
    assert "kind" in {product.path for product in model.products}


def test_context_as_turns_or_slots_carries_what_was_said() -> None:
    own, calendar = planner()._classifier, Calendar.at(NOW)
    turns = ["load factor of meter M-7 in May 2026"]
    found = context_from(turns, "same for last year", own, calendar, NOW)
    assert (found.intent, found.entities["meters"]) == ("portfolio-intelligence.load_shape_metrics", ["M-7"])
    assert str(found.entities["period"]["start"]).startswith("2025-05-01")
    slots = context_from({"building_id": "B-1"}, "anomalies in that building", own, calendar, NOW)
    assert slots.entities == {"buildings": ["B-1"]}


def test_cache_gives_the_same_outcome_until_rights_or_names_change() -> None:
    cache, own = PlanCache(most=2), planner()
    request = PlanRequest("benchmark our stores", "acme", SCOPES)
    cache.put(request, own, own.plan(request))
    assert cache.get(request, own) is not None
    assert cache.get(PlanRequest("benchmark our stores", "acme", frozenset()), own) is None
    assert cache.get(request, planner(gated=frozenset({"x"}))) is None
    for number in range(2):
        cache.put(PlanRequest(f"other {number}", "acme", SCOPES), own, own.plan(request))
    assert cache.get(request, own) is None
