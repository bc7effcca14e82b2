"""Sums, averages, counts, shares, outliers and comparisons of rows of an answer; each figure checked by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.fakes.fake_run_store import FakeRunStore, finished
from tests.unit.orchestration.planners.world import made

from redaptive.orchestration.answers.arrangement import arrangement_of
from redaptive.orchestration.answers.figures import AnswerTable, RunAnswer
from redaptive.orchestration.dialogue.basis import Rows
from redaptive.orchestration.dialogue.heard import Heard
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.reckoning import reckoning_in
from redaptive.orchestration.dialogue.talk import Before, Talk, Trade
from redaptive.orchestration.intelligent.planners.outcome import ask

ASKED = "top 3 buildings by cost"
COSTS = {"B-1": 100.0, "B-2": 900.0, "B-3": 50.0, "B-4": 400.0, "B-5": 150.0}
TOTAL = {
    "buildings": 5, "cost_usd": 1600.0, "electricity_kwh": 1000.0, "gas_therms": 10.0,
    "energy_kbtu": 1000.0 * 3.412142 + 1000.0,
}  # fmt: skip


def _row(name: str, usd: float) -> dict[str, Any]:
    return {"group": name, "cost_usd": usd, "electricity_kwh": 2 * usd, "site_eui_kbtu_per_ft2": usd / 10}


def _talk(names: dict[str, str] | None = None) -> Talk:
    rows = [_row((names or {}).get(code, code), usd) for code, usd in COSTS.items()]
    output = {"value": {"rows": rows, "total": TOTAL}, "method": "sums", "inputs_used": {"period": "2025-03"}}
    run = finished("run-1", made(ASKED), {"analyze_portfolio_usage": output})
    return Talk(FakeRunStore(run), Trade({"building": frozenset(COSTS)}))


def _hear(said: str, *before: str, names: dict[str, str] | None = None) -> Heard:
    """What is heard in the last of some sentences about the answer."""

    async def work() -> Heard:
        talk = _talk(names)
        last = await talk.answered(LastAnswer("planned", ASKED, shown=arrangement_of(ASKED)), "run-1")
        for text in before:
            told = (await talk.hear(text, last)).told
            last = told.last if told is not None and told.last is not None else last
        return await talk.hear(said, last, Before())

    return asyncio.run(work())


def _answer(said: str, *before: str, names: dict[str, str] | None = None) -> RunAnswer:
    told = _hear(said, *before, names=names).told
    assert told is not None
    assert told.answer is not None, told.question
    return told.answer


def _first(said: str, *before: str) -> str:
    return _answer(said, *before).sentences[0].text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("average of these?", "on average: 483 USD; lowest B-5 (150 USD), highest B-2 (900 USD)."),
        ("what's the median?", "in the middle (median): 400 USD; lowest B-5 (150 USD), highest B-2 (900 USD)."),
    ],
)
def test_the_middle_of_the_rows_that_are_shown(said: str, told: str) -> None:
    assert _first(said) == f"Cost of the 3 that are shown, {told}"


def test_a_sum_of_rows_stands_beside_the_total_of_all() -> None:
    answer = _answer("total cost of these")
    assert answer.sentences[0].text == "Cost of the 3 that are shown: 1,450 USD, 90.6 % of the 1,600 USD of all 5."
    assert [each.value for each in answer.sentences[0].figures] == [1450.0, 90.625, 1600.0]
    assert answer.citations
    assert all(each.node == answer.citations[0].node and each.path for each in answer.sentences[0].figures)


def test_rows_that_are_named_are_summed_without_a_run_also_where_they_were_not_shown() -> None:
    assert "Cost of B-2 and B-4: 1,300 USD" in _answer("sum of the first two").text
    assert "Cost of B-1 and B-3: 150 USD" in _answer("sum of the last two").text


def test_what_does_not_add_up_is_not_summed() -> None:
    told = _hear("total EUI of these").told
    assert told is not None
    assert told.question == "Figures of site EUI do not add up. Ask for their average."
    assert "Each row counts once, whatever its size." in _answer("average EUI of these").text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("how many are there?", '5 in "Use by group, by cost, highest first", 3 of them shown.'),
        (
            "how many are above $120?",
            "3 of 5 have a cost of at least 120 USD: B-2 (900 USD), B-4 (400 USD), B-5 (150 USD).",
        ),
        ("how many cost less than $60?", "1 of 5 have a cost of at most 60 USD: B-3 (50.00 USD)."),
    ],
)
def test_rows_are_counted(said: str, told: str) -> None:
    assert _first(said) == told


def test_two_rows_are_compared_figure_by_figure_and_more_with_the_next_and_the_last() -> None:
    texts = [each.text for each in _answer("compare the first two").sentences]
    assert "Cost, B-2 against B-4: 900 USD against 400 USD, 500 USD (125.0 %) more." in texts
    assert (
        "Site EUI, B-2 against B-4: 90.00 kBtu/ft2.yr against 40.00 kBtu/ft2.yr, 50.00 kBtu/ft2.yr (125.0 %) more."
        in texts
    )
    assert _first("compare them").startswith("B-2 (900 USD) is 500 USD (125.0 %) above B-4 (400 USD), the next")


def test_the_share_of_a_fuel_is_one_of_the_energy_and_says_that_cost_is_not_known() -> None:
    texts = [each.text for each in _answer("what share is electricity?").sentences]
    assert texts[0] == "Electricity: 1,000 kWh at 3.41214 kBtu each is 77.3 % of the energy used, 4,412 kBtu."
    assert texts[1] == "Cost is not known by fuel."
    assert "Gas: 10.00 therms at 100 kBtu each is 22.7 %" in _first("how much of that is gas?")


def test_the_share_of_a_row_is_asked_by_its_name_or_its_place() -> None:
    names = {"B-4": "TX", "B-2": "AZ"}
    assert (
        "TX: 400 USD is 25.0 % of the 1,600 USD of all 5." in _answer("what share does Texas have?", names=names).text
    )
    assert "B-4: 400 USD is 25.0 % of the 1,600 USD of all 5." in _answer("what share of all is the second?").text


def test_rows_that_are_no_things_are_reckoned_with_and_never_planned_by_name() -> None:
    states = dict(zip(COSTS, ("IL", "AZ", "MA", "TX", "CO"), strict=True))
    assert "Cost of AZ and TX: 1,300 USD" in _answer("sum of the first two", names=states).text
    heard = _hear("find opportunities at the first two", names=states)
    assert (heard.told, heard.text) == (None, "find opportunities at the first two")


def test_outliers_are_left_out_by_the_quartiles_and_stay_out() -> None:
    told = _hear("without the outliers", "all of them").told
    assert told is not None
    assert told.answer is not None
    # 50 100 150 400 900: quartiles 100 and 400, fences -350 and 850
    assert told.answer.sentences[0].text == (
        "Left out by cost: B-2 (900 USD); the limit is 1.5 distances of the quartiles beyond them, "
        "from -350 USD to 850 USD."
    )
    assert [row[0] for row in told.answer.tables[0].rows] == ["B-4", "B-5", "B-1", "B-3"]
    assert "175 USD" in _first("average of these", "all of them", "without the outliers")
    few = _hear("without the outliers").told
    assert few is not None
    assert "Of 3 rows none can be told" in few.question


def test_a_chart_has_a_bar_for_each_row_that_is_shown() -> None:
    told = _hear("chart it").told
    assert told is not None
    assert told.answer is not None
    assert (told.form, told.answer.tables[0].columns) == ("chart", ("Group", "Cost, USD"))
    assert told.answer.tables[0].rows == (("B-2", 900.0), ("B-4", 400.0), ("B-5", 150.0))


@pytest.mark.parametrize("said", ["export that", "save it", "as a spreadsheet"])
def test_an_export_is_the_rows_as_csv(said: str) -> None:
    told = _hear(said).told
    assert told is not None
    assert (told.form, told.answer is not None and len(told.answer.tables[0].rows)) == ("csv", 5)


def test_which_two_is_asked_where_the_list_shows_another_number() -> None:
    told = _hear("which of these two is worse?").told
    assert told is not None
    assert told.question == "The last list shows 3 rows. Which of them do you mean, such as: the first two?"


@pytest.mark.parametrize(
    "said",
    [
        "what share of our energy goes to lighting?",
        "total energy use in 2024",
        "how many buildings are there in Texas?",
        "compare B-1 with its peers",
        "average load of meter B-1-E1 in May",
        "what is the total cost of the Houston stores",
    ],
)
def test_requests_of_their_own_are_planned(said: str) -> None:
    assert _hear(said).told is None


@pytest.mark.parametrize("words", ["average load of M-1", "the sum is wrong", "how many tons", "what part is broken"])
def test_other_words_ask_for_no_arithmetic(words: str) -> None:
    assert reckoning_in(words) is None


def test_after_a_question_the_rows_are_those_that_were_shown_before_it() -> None:
    async def work() -> Heard:
        talk = _talk()
        last = await talk.answered(LastAnswer("planned", ASKED, shown=arrangement_of(ASKED)), "run-1")
        asked = LastAnswer.of("keep them warm", ask("Which building?", "building_id"), last)
        return await talk.hear("sum", asked, Before())

    told = asyncio.run(work()).told
    assert told is not None
    assert told.answer is not None
    assert "Cost of the 3 that are shown: 1,450 USD" in told.answer.text


def test_a_difference_is_in_the_unit_that_is_said() -> None:
    assert _first("difference in kWh").startswith("B-2 (1,800 kWh) is 1,000 kWh (125.0 %) above B-4 (800 kWh)")
    assert "B-2 (900 USD) is 500 USD" in _first("how far apart are the first two?")


def test_which_has_the_most_of_another_quantity_is_the_same_list_in_another_order() -> None:
    told = _hear("which has the lowest EUI?").told
    assert told is not None
    assert told.answer is not None
    assert [row[0] for row in told.answer.tables[0].rows] == ["B-3", "B-1", "B-5"]


def test_a_bare_limit_is_of_what_orders_the_rows() -> None:
    assert _first("how many are over 120?").startswith("3 of 5 have a cost of at least 120 USD")
    told = _hear("only those over 120").told
    assert told is not None
    assert told.answer is not None
    assert [row[0] for row in told.answer.tables[0].rows] == ["B-2", "B-4", "B-5"]


def test_rows_of_one_name_are_told_apart_by_what_they_say_next() -> None:
    rows = [
        {"building_code": "B-1", "measure": "LED", "savings_usd_per_y": 10.0},
        {"building_code": "B-1", "measure": "Boiler", "savings_usd_per_y": 5.0},
    ]
    table = AnswerTable(
        "Opportunities", ("Building", "Measure"), (("B-1", "LED"), ("B-1", "Boiler")), "n", "t", "value.rows",
        places=(0, 1), fields=("building_code", "measure"),
    )  # fmt: skip
    found = Rows(table, "savings_usd_per_y", "USD/yr", rows)
    assert [name for name, _ in found.figures] == ["B-1, LED", "B-1, Boiler"]


@pytest.mark.parametrize("said", ["why?", "chart it", "compare them", "what's the median?", "as CSV"])
def test_what_leans_on_an_answer_is_asked_back_where_there_is_none(said: str) -> None:
    told = asyncio.run(_talk().hear(said, None)).told
    assert told is not None
    assert told.question.startswith("Nothing was answered in this conversation yet.")


@pytest.mark.parametrize("said", ["thanks, that's all", "great, that is enough for now", "bye"])
def test_the_end_of_a_talk_is_no_request(said: str) -> None:
    told = _hear(said).told
    assert told is not None
    assert told.lines
