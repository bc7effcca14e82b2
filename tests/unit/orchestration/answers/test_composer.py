"""Answers are made of copies: every figure is the value at its place, or the sentence is not said."""

from __future__ import annotations

from typing import Any

from tests.unit.orchestration.planners.world import made

import redaptive.orchestration.intelligent.planners.patterns as library
from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.answers.templates import fill
from redaptive.orchestration.answers.views import PATTERNS, TOOLS
from redaptive.orchestration.plans.pattern import discover
from redaptive.orchestration.plans.signatures import value_at

FOUND: dict[str, Any] = {
    "value": {
        "opportunities": [{"building_code": "B-1", "title": "LED", "capex_usd": {"mid": 1000.4}}],
        "buildings_screened": 2,
        "total_savings_usd_per_y": 72438.9,
        "total_capex_usd": 1_339_527.2,
    },
    "method": "measure library",
    "factor_version": ["egrid2023-rev2"],
    "data_quality": {"coverage_pct": 99.5},
    "warnings": ["average prices", "average prices"],
    "provenance": [{"name": "main meters", "version": 29}],
}


def test_figures_are_copied_with_their_place_and_cited() -> None:
    plan = made("find opportunities at NLS-CHI-01")
    found = compose(plan, Finished({"find_opportunities": FOUND}, {}))
    assert found.text == (
        "1 opportunities in 2 buildings save 72,439 USD a year and cost 1,339,527 USD. [1]"
    )  # fmt: skip
    counted, *copied = found.sentences[0].figures
    assert (counted.value, counted.path) == (1, "value.opportunities")
    for figure in copied:
        assert value_at({"find_opportunities": FOUND}[figure.node], figure.path) == figure.value
    citation = found.citations[0]
    assert (citation.tool, citation.coverage_pct) == ("portfolio-intelligence.find_opportunities", 99.5)
    assert citation.sources == ("main meters 29",)
    assert found.warnings == ("average prices",)
    assert found.tables[0].rows[0][:3] == ("B-1", "LED", 1000.4)


def test_sentence_without_its_figure_is_not_said() -> None:
    assert fill("It costs {a.value.usd:usd}.", {"a": {"value": {"usd": None}}}, {}) is None
    assert fill("It costs {a.value.usd:usd}.", {}, {}) is None
    zero = fill("{a.value:count} were found.", {"a": {"value": []}}, {})
    assert zero is not None
    assert zero.text == "0 were found."


def test_failed_run_says_so_and_why() -> None:
    found = compose(made("find opportunities at NLS-CHI-01"), Finished({}, {"find_opportunities": "no readings"}))
    assert found.text == "A step failed, so there is no answer."
    assert found.problems == ("find_opportunities: no readings",)


def test_tool_without_a_view_is_told_by_its_own_fields() -> None:
    plan = made("compare tariffs for meter M-1")
    value = {"meter_code": "M-1", "tariffs": [{"tariff_id": "T-1", "name": "Flat", "cost_usd_per_y": "1200.00"}]}
    found = compose(plan, Finished({"compare_tariffs": {"value": value}}, {}))
    assert found.text == "meter code: M-1 [1]"
    assert found.tables[0].columns == ("tariff id", "name", "cost usd per y")


def test_views_name_tools_and_patterns_that_there_are() -> None:
    assert set(TOOLS) <= set(catalogue())
    plans = discover(library)
    for name, view in PATTERNS.items():
        nodes = {node.id for node in plans[name].plan.nodes}
        assert {table.node for table in view.tables} <= nodes
