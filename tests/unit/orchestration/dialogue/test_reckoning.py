"""Arithmetic on the figures of an answer, each figure checked by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.fakes.fake_run_store import FakeRunStore, finished
from tests.unit.orchestration.planners.world import made

from redaptive.orchestration.answers.arrangement import Arrangement, arrangement_of
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.reckoning import Reckoning, reckoning_in
from redaptive.orchestration.dialogue.talk import Talk, Trade

CODES = {"building": frozenset({"B-1", "B-2", "B-3"})}
ASKED = "which buildings cost most in March 2025?"
ROWS: list[Any] = [
    {"group": "B-1", "cost_usd": 310.0, "electricity_kwh": 3100.0, "site_eui_kbtu_per_ft2": 50.0, "yoy_pct": -2.0},
    {"group": "B-2", "cost_usd": 620.0, "electricity_kwh": 1550.0, "site_eui_kbtu_per_ft2": 40.0, "yoy_pct": 3.0},
    {"group": "B-3", "cost_usd": 155.0, "electricity_kwh": 775.0, "site_eui_kbtu_per_ft2": 90.0, "yoy_pct": None},
]
OUTPUT: dict[str, Any] = {
    "value": {"rows": ROWS, "total": {"buildings": 3, "cost_usd": 1085.0}},
    "method": "sums",
    "inputs_used": {"period": "2025-03"},
}


def _told(said: str, period: str = "2025-03", wish: Arrangement | None = None, asked: str = ASKED) -> RunAnswer | str:
    output = {**OUTPUT, "inputs_used": {"period": period}}
    talk = Talk(FakeRunStore(finished("run-1", made(ASKED), {"analyze_portfolio_usage": output})), Trade())
    shown = arrangement_of(asked) if wish is None else wish
    last = asyncio.run(talk.answered(LastAnswer("planned", asked, shown=shown), "run-1"))
    told = asyncio.run(talk.hear(said, last)).told
    assert told is not None
    return told.answer or told.question


def _sentences(answer: RunAnswer | str) -> list[str]:
    assert isinstance(answer, RunAnswer)
    return [each.text for each in answer.sentences]


@pytest.mark.parametrize("said", ["By how much?", "how much more?", "what is the difference?"])
def test_the_first_row_against_the_next_and_the_last(said: str) -> None:
    found = _sentences(_told(said))
    assert found == [
        "B-2 (620 USD) is 310 USD (100.0 %) above B-1 (310 USD), the next, by cost.",
        "B-2 (620 USD) is 465 USD (300.0 %) above B-3 (155 USD), the last of 3 shown, by cost.",
        "The figures are of 2025-03.",
    ]


def test_each_computed_figure_names_what_it_is_made_of() -> None:
    answer = _told("by how much?")
    assert isinstance(answer, RunAnswer)
    one, gap, share, other = answer.sentences[0].figures
    assert (one.path, other.path) == ("value.rows[1].cost_usd", "value.rows[0].cost_usd")
    assert (gap.path, gap.value) == (f"{one.path} - {other.path}", 310.0)
    assert (share.path, share.value) == (f"({one.path} - {other.path}) / {other.path}", 100.0)
    assert answer.sentences[0].nodes == ("analyze_portfolio_usage",)


def test_shares_are_of_the_total_of_all_rows_also_of_those_not_shown() -> None:
    answer = _told("and in percent?", wish=Arrangement(most=2, by="cost", end="highest"))
    assert _sentences(answer)[:2] == [
        "B-2: 620 USD is 57.1 % of the 1,085 USD of all 3.",
        "The 2 that are shown are 85.7 % together.",
    ]
    assert isinstance(answer, RunAnswer)
    assert [(row[0], round(float(str(row[2])), 2)) for row in answer.tables[0].rows] == [("B-2", 57.14), ("B-1", 28.57)]
    assert answer.tables[0].left_out == 1


def test_the_share_of_the_first_row_that_has_a_figure_is_told_under_its_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(OUTPUT["value"], "rows", [{**ROWS[0], "cost_usd": None}, *ROWS[1:]])
    found = _sentences(_told("in percent?", wish=Arrangement(), asked="what did we spend in March 2025?"))
    assert found[0] == "B-2: 620 USD is 57.1 % of the 1,085 USD of all 3."


def test_of_one_building_every_figure_that_adds_up_is_reckoned() -> None:
    only = Arrangement(things=("B-1",))
    year = _sentences(_told("How much is that in a year?", wish=only, asked="what did B-1 use in March 2025?"))
    assert year[0] == "B-1: 3,100 kWh in 2025-03 is 36,500 kWh/yr at the same rate."
    assert year[1] == "B-1: 310 USD in 2025-03 is 3,650 USD/yr at the same rate."
    assert year[2].startswith("Seasons and weather are not reckoned with")
    share = _sentences(
        _told("what share of the portfolio is that?", wish=only, asked="what did B-1 use in March 2025?")
    )
    assert "B-1: 310 USD is 28.6 % of the 1,085 USD of all 3." in share
    assert "B-1: 3,100 kWh is 57.1 % of the 5,425 kWh of all 3." in share


@pytest.mark.parametrize(
    ("said", "usd"), [("a day?", 20.0), ("how much is that per week?", 140.0), ("on a monthly basis", 20 * 365 / 12)]
)
def test_a_rate_over_other_spans(said: str, usd: float) -> None:
    answer = _told(said)
    assert isinstance(answer, RunAnswer)
    assert answer.tables[0].rows[0][2] == pytest.approx(usd)


def test_what_cannot_be_reckoned_is_said() -> None:
    assert "whole year already: 2025-01 to 2025-12" in str(_told("in a year?", period="2025-01..2025-12"))
    assert "do not add up" in str(_told("in percent", wish=Arrangement(by="intensity", end="highest")))
    assert "does not say which period" in str(_told("in a year?", period=""))
    eui = str(_told("how much is that a year?", wish=Arrangement(by="intensity", end="highest")))
    assert "those of a year already" in eui


def test_of_one_row_the_change_on_the_year_before_is_told() -> None:
    only = Arrangement(things=("B-1",))
    told = _sentences(_told("by how much?", wish=only, asked="did B-1 use less in March 2025?"))
    assert told[0] == "B-1 used 2.0 % less energy than in the same months of the year before."
    assert "Compared with what?" in str(_told("by how much?", wish=Arrangement(things=("B-3",))))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("by how much", "difference"), ("how big is the gap", "difference"), ("how much is that per year", "rate"),
        ("annualize it", "rate"), ("in percent of the total", "share"), ("what share is that", "share"),
        ("how much is the bill of M-7", None), ("what is the difference between TOU and flat", None),
        ("a year ago", None), ("in percent of peers above the median", None),
    ],
)  # fmt: skip
def test_only_arithmetic_on_what_was_answered_is_taken_for_it(said: str, kind: str | None) -> None:
    found: Reckoning | None = reckoning_in(said)
    assert (found.kind if found else None) == kind


JUNE: dict[str, Any] = {
    "value": {"rows": ROWS, "total": {"cost_usd": 1000.0, "electricity_kwh": 5000.0}},
    "method": "sums",
    "inputs_used": {"period": "2025-06"},
}
JULY: dict[str, Any] = {
    "value": {"rows": ROWS, "total": {"cost_usd": 1100.0, "electricity_kwh": 4000.0}},
    "method": "sums",
    "inputs_used": {"period": "2025-07"},
}


def _two(said: str, first: dict[str, Any], second: dict[str, Any], *things: tuple[str, ...]) -> RunAnswer | str:
    """What is told of the second of two answers; `things` are the rows that each showed alone."""
    plan = made(ASKED)
    runs = [finished(name, plan, {"analyze_portfolio_usage": out}) for name, out in (("a", first), ("b", second))]
    talk = Talk(FakeRunStore(*runs), Trade())
    shown = [Arrangement(things=each) for each in things or ((), ())]
    before = asyncio.run(talk.answered(LastAnswer("planned", "what did we spend?", shown=shown[0]), "a"))
    now = LastAnswer("planned", "and then?", shown=shown[1], before=before.standing)
    told = asyncio.run(talk.hear(said, asyncio.run(talk.answered(now, "b")))).told
    assert told is not None
    return told.answer or told.question


@pytest.mark.parametrize("said", ["by how much did it change?", "how much did it rise?", "By how much?"])
def test_two_answers_in_turn_are_compared_by_their_totals(said: str) -> None:
    told = [
        "Electricity, 2025-07 against 2025-06: 4,000 kWh against 5,000 kWh, 1,000 kWh (20.0 %) less.",
        "Cost, 2025-07 against 2025-06: 1,100 USD against 1,000 USD, 100 USD (10.0 %) more.",
    ]
    assert _sentences(_two(said, JUNE, JULY)) == told
    assert _sentences(_two(said, JULY, JUNE)) == told  # the later month against the earlier one, however asked


def test_two_buildings_in_two_turns_are_compared_by_how_much() -> None:
    told = _sentences(_two("by how much?", JUNE, JUNE, ("B-1",), ("B-2",)))
    assert "Cost, B-2 against B-1: 620 USD against 310 USD, 310 USD (100.0 %) more." in told
    assert told[-1] == "The figures are of 2025-06."


def test_without_an_answer_of_the_same_kind_before_it_is_asked_with_what() -> None:
    assert "Compared with what?" in str(_told("by how much did it change?"))


def test_of_a_list_in_no_order_the_total_comes_first() -> None:
    found = _sentences(_told("how much is that a year?", asked="what did we spend in March 2025?"))
    assert found[0] == "All 3: 1,085 USD in 2025-03 is 12,775 USD/yr at the same rate."


def test_only_the_row_that_was_meant_is_reckoned_with() -> None:
    talk = Talk(FakeRunStore(finished("run-1", made(ASKED), {"analyze_portfolio_usage": OUTPUT})), Trade(CODES))
    last = asyncio.run(talk.answered(LastAnswer("planned", ASKED, shown=arrangement_of(ASKED)), "run-1"))
    second = asyncio.run(talk.hear("the second one", last)).told
    assert second is not None
    told = asyncio.run(talk.hear("what share is that?", second.last)).told
    assert told is not None
    assert told.answer is not None
    texts = [each.text for each in told.answer.sentences]
    assert "B-1: 310 USD is 28.6 % of the 1,085 USD of all 3." in texts
    assert not [text for text in texts if text.startswith(("B-2", "B-3"))]


def test_two_calls_of_one_tool_are_compared_figure_by_figure() -> None:
    plan = made("load shape of meters M-7 and M-8 in 2025")
    outputs: dict[str, Any] = {
        node.id: {"value": {"meter_code": code, "base_kw": base, "peak_kw": 100.0, "max_kw": most, "load_factor": 0.5},
                  "method": "load shape", "inputs_used": {"period": "2025-01..2025-12"}}
        for node, (code, base, most) in zip(plan.nodes, (("M-7", 10.0, 300.0), ("M-8", 8.0, 400.0)), strict=True)
    }  # fmt: skip
    talk = Talk(FakeRunStore(finished("run-1", plan, outputs)), Trade())
    last = asyncio.run(talk.answered(LastAnswer("planned", "load shape of M-7 and M-8"), "run-1"))
    told = asyncio.run(talk.hear("by how much?", last)).told
    assert told is not None
    assert told.answer is not None
    assert [each.text for each in told.answer.sentences] == [
        "Base, M-7 against M-8: 10.00 kW against 8.00 kW, 2.00 kW (25.0 %) more.",
        "Peak, M-7 against M-8: 100 kW against 100 kW, the same.",
        "Max, M-7 against M-8: 300 kW against 400 kW, 100 kW (25.0 %) less.",
        "The figures are of 2025-01 to 2025-12.",
    ]
