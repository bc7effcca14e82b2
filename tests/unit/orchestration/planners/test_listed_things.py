"""Things listed with figures of their own, short forms, what answers in words cite, and what conditions are about."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import reading

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.tool_modeling import models
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.citing import ANSWER, with_findings
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.clauses.abbreviations import written_out
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.parts.conditions import condition_of
from redaptive.orchestration.intelligent.planners.parts.distributing import distributed
from redaptive.orchestration.plans.schema import Compare

MODELS = models(catalogue())
CASH = MODELS["energy-finance.project_cashflow"]
LIFE = MODELS["equipment-performance.predict_remaining_life"]


def _decided(tool: str, text: str) -> tuple[str, str, object]:
    found = condition_of(reading(text), Step("s", tool=tool), MODELS[tool])
    assert found is not None
    assert isinstance(found.condition, Compare)
    return str(found.condition.left), found.condition.op, found.condition.right


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Remaining life of a 22 years old cooling tower, a 9 years old VFD and a 15 years old chiller", 3),
        ("How long does a boiler of 12 years last, and a pump of 4 years?", 2),
        ("Remaining life of a 22 years old cooling tower", 0),
    ],
)
def test_each_machine_with_its_age_is_an_item(text: str, count: int) -> None:
    found = distributed(text, LIFE, reading)
    assert len(found) == count
    assert len({bind(LIFE.tool, reading(each)).args["age_y"] for each in found}) == count


def test_options_of_several_sentences_are_items() -> None:
    text = (
        "Option A costs 120,000 up front and saves 24,000 a year for 12 years. "
        "Option B costs 200,000 and saves 37,500 a year for 15 years. Show the cash flow of each"
    )
    figures = [bind(CASH.tool, reading(each)).args for each in distributed(text, CASH, reading)]
    assert [(one["capex_usd"], one["savings_usd_per_y"], one["life_y"]) for one in figures] == [
        (120_000, 24_000, 12),
        (200_000, 37_500, 15),
    ]


def test_short_forms_are_written_out_but_not_in_quotes() -> None:
    assert written_out("chk mtr 4711, txt the mgr w/ x") == "check meter 4711, text the manager with x"
    assert written_out("open tkt 'chk valve'") == "open ticket 'chk valve'"
    assert written_out("customer ACK-1, MSG hub") == "customer ACK-1, MSG hub"


def test_an_answer_in_words_cites_what_it_waits_for_unless_that_may_be_skipped() -> None:
    sure = Step("a", tool="portfolio-intelligence.benchmark_buildings")
    maybe = Step("b", tool="energy-monitoring.forecast_load", when=Compare(op="exists", left="$a.value.rows[0]"))
    answer = Step("c", tool=ANSWER, needs=("a", "b"), args={"question": "why?"})
    made = with_findings([sure, maybe, answer])[-1]
    assert made.args["findings"] == [{"call_id": "a", "tool": sure.tool, "answer": "$a"}]
    assert made.needs == ("b",)


@pytest.mark.parametrize(
    ("tool", "text", "expected"),
    [
        ("energy-finance.verify_savings", "the savings uncertainty is above 50 percent", ("fsu_pct", "gt", 50)),
        ("energy-monitoring.get_meter_status", "the meter is live", ("live", "gt", 0)),
        ("project-implementation.earned_value", "the cost index is 0.95 or better", ("cost_index", "ge", 0.95)),
        ("portfolio-intelligence.load_shape_metrics", "its load factor is < .45", ("load_factor", "lt", 0.45)),
    ],
)
def test_a_condition_is_about_its_noun_and_predicate(tool: str, text: str, expected: tuple[str, str, float]) -> None:
    field, op, value = expected
    assert _decided(tool, text) == (f"$s.value.{field}", op, value)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Get the CSAT of LHP. Under 3.5: open a ticket. 3.5 and up: make the savings report.", "it is at least 3.5"),
        ("Would another rate save more than 5,000 dollars? Only then calculate the bill.", "so"),
    ],
)
def test_conditions_in_other_words(text: str, condition: str) -> None:
    assert split(text)[-1].condition == condition


def test_an_order_that_is_not_wanted_before_another_comes_behind_it() -> None:
    text = "I don't want the offer drafted until you have looked up the incentives in Ohio."
    assert [clause.relation for clause in split(text)] == ["first", "then"]
    assert split(text)[1].text.startswith("draft")
