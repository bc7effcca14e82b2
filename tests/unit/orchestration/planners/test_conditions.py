"""Conditions in words against the answers of real tools: figures, states, dates, emptiness, and their opposites."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import reading

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.tool_modeling import models
from redaptive.orchestration.intelligent.planners.calls.bridging import bridge
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.parts.conditions import condition_of, opposite
from redaptive.orchestration.plans.schema import Compare, Not

MODELS = models(catalogue())


def _decided(tool: str, words: str) -> tuple[str, str, object]:
    """Operator, left and right side of the comparison, without the name of the step."""
    found = condition_of(reading(words), Step("x", tool), MODELS[tool])
    assert found is not None
    assert isinstance(found.condition, Compare)
    return found.condition.op, str(found.condition.left).removeprefix("$x.value."), found.condition.right


@pytest.mark.parametrize(
    ("tool", "words", "decided"),
    [
        ("energy-finance.project_cashflow", "it pays back in less than 5 years", ("lt", "simple_payback_y", 5)),
        ("energy-finance.project_cashflow", "the NPV is positive", ("gt", "npv_usd", 0)),
        ("energy-finance.simulate_risk", "the probability of a loss is at most 10 %", ("le", "loss_probability", 0.1)),
        ("market-intelligence.emissions_inventory", "total location-based emissions are over 5000 tonnes",
         ("gt", "total_location_t_co2e", 5000)),
        ("customer-experience.satisfaction_insights", "CSAT is below 3.5", ("lt", "csat", 3.5)),
        ("equipment-performance.degradation_trend", "it degrades faster than 3 percent a year",
         ("gt", "change_pct_per_y", 3)),
        ("market-intelligence.get_prices", "the mean was above 80 dollars", ("gt", "mean_usd_per_mwh", 80)),
        ("portfolio-intelligence.load_shape_metrics", "load factor < 0.4", ("lt", "load_factor", 0.4)),
        ("document-processing.classify_document", "it is a gas bill", ("eq", "kind", "gas_bill")),
        ("document-processing.validate_and_audit_bill", "we were overcharged", ("gt", "overcharged_usd", 0)),
        ("energy-monitoring.peak_alert", "the risk of a peak is high", ("eq", "risk", "high")),
        ("energy-monitoring.validate_estimate_edit", "nothing had to be flagged", ("is_null", "flags[0]", None)),
        ("energy-monitoring.detect_anomalies", "there are any", ("exists", "anomalies[0]", None)),
    ],
)  # fmt: skip
def test_words_find_the_figure_that_is_meant(tool: str, words: str, decided: tuple[str, str, object]) -> None:
    assert _decided(tool, words) == decided


def test_a_state_of_an_item_filters_the_items() -> None:
    tool = "customer-experience.sla_status"
    found = condition_of(reading("it was missed"), Step("x", tool), MODELS[tool])
    assert found is not None
    (chosen,) = found.before
    assert chosen.expr is not None
    assert chosen.expr.args == ("$x.value.tickets", "breach", "eq", "missed")
    assert found.condition == Compare(op="exists", left=f"${chosen.id}[0]")


def test_a_number_of_items_is_counted() -> None:
    tool = "equipment-performance.evaluate_ahu_rules"
    found = condition_of(reading("there are more than 3 faults"), Step("x", tool), MODELS[tool])
    assert found is not None
    assert found.before[0].expr is not None
    assert (found.before[0].expr.fn, found.before[0].expr.args) == ("len", ("$x.value.faults",))
    assert isinstance(found.condition, Compare)
    assert (found.condition.op, found.condition.right) == ("gt", 3)


def test_dates_are_compared_as_dates() -> None:
    tool = "document-processing.extract_certificate"
    found = condition_of(reading("it expires before 2026-06-30"), Step("x", tool), MODELS[tool])
    assert found is not None
    assert isinstance(found.condition, Compare)
    assert (found.condition.op, found.condition.right) == ("lt", "2026-06-30")


def test_the_opposite_of_there_is_nothing() -> None:
    there = Compare(op="exists", left="$x[0]")
    assert opposite(there) == Compare(op="is_null", left="$x[0]")
    assert opposite(opposite(there)) == there
    above = Compare(op="gt", left="$x", right=1)
    assert isinstance(opposite(above), Not)
    assert opposite(opposite(above)) == above


def test_money_that_nothing_gives_is_bridged_to() -> None:
    rules = MODELS["equipment-performance.evaluate_ahu_rules"]
    found = bridge(reading("a fault costs more than $50 a day"), [rules], MODELS)
    assert found is not None
    assert found.name == "equipment-performance.cost_of_fault"
    assert bridge(reading("there are faults"), [rules], MODELS) is None
