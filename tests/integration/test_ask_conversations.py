"""A conversation over the real engine: rows of an answer, its explanation, other views, corrections, one run each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import DEMO_TENANT
from tests.integration.running_app import RunningApp, running_app

from redaptive.cli.ask import NEW, Asked, Reply, answer
from redaptive.cli.runs_session import controller
from redaptive.orchestration.state.run_records import RunFilter
from redaptive.orchestration.state.workflow_persistence import WorkflowStore
from redaptive.settings import Settings


@pytest.fixture(scope="module")
def demo_app(servers: Settings, demo_load: object) -> Iterator[RunningApp]:
    with running_app(servers.model_copy(update={"tenant": DEMO_TENANT})) as running:
        yield running


def _talk(running: RunningApp, *turns: str, plan_only: bool = False) -> list[Reply]:
    """The replies to what is said one after the other in a new conversation."""

    async def work() -> list[Reply]:
        replies: list[Reply] = []
        for text in turns:
            handle = replies[-1].conversation if replies else NEW
            replies.append(
                await answer(running.app, Asked(text, plan_only, approve=False, as_json=True, conversation=handle))
            )
        return replies

    return running.run(work)


def _runs(running: RunningApp) -> int:
    async def work() -> int:
        control = await controller(running.app)
        return len(await WorkflowStore(running.app.pools, control.tenant_id).list_runs(RunFilter(limit=500)))

    return running.run(work)


def _rows(reply: Reply) -> list[object]:
    assert reply.answer is not None
    return [row[0] for row in reply.answer.tables[0].rows]


def _given(reply: Reply) -> dict[str, object]:
    assert reply.outcome.plan is not None
    return dict(reply.outcome.plan.nodes[0].args)


def test_rows_explanations_and_views_need_no_new_run(demo_app: RunningApp) -> None:
    before = _runs(demo_app)
    asked, why, five, second, csv = _talk(
        demo_app, "which buildings cost most in 2025?", "why?", "top 5", "the second one", "as CSV"
    )
    assert _runs(demo_app) == before + 1
    assert why.told is not None
    assert any("analyze_portfolio_usage" in line for line in why.told.lines)
    assert any("2025" in line and "given" in line for line in why.told.lines)
    assert _rows(five) == _rows(asked)[:5]
    assert f"Row 2 of 24 in the last list: {_rows(asked)[1]}." in str(second.answer and second.answer.text)
    assert len(_rows(csv)) == 24
    assert {each.run_id for each in (why, five, csv)} == {asked.run_id}


def test_the_second_one_goes_into_the_next_plan(demo_app: RunningApp) -> None:
    asked, opportunities, third = _talk(
        demo_app, "which buildings cost most in 2025?", "find opportunities at the second one", "and the third?"
    )
    assert _given(opportunities)["building_ids"] == [_rows(asked)[1]]
    assert _given(third)["building_ids"] == [_rows(asked)[2]]
    assert third.state == "done"


def test_a_month_said_later_is_one_of_the_year_spoken_of(demo_app: RunningApp) -> None:
    asked, march, stores, april = _talk(
        demo_app, "what did our offices cost in 2025?", "sorry, March", "and the stores?", "April instead"
    )
    periods = [_given(each).get("period") for each in (asked, march, stores, april)]
    assert periods == ["2025", "2025-03", "2025-03", "2025-04"]
    assert _given(april)["building_type"] == "retail"


def test_an_answer_completes_what_was_asked_for(demo_app: RunningApp) -> None:
    asked, meter = _talk(demo_app, "forecast the load", "the Chicago office", plan_only=True)
    assert (asked.outcome.question, _given(meter)["building_ids"]) == ("Which meter?", ["NLS-CHI-001"])
    until, snoozed = _talk(demo_app, "snooze alert ABC-1", "tomorrow", plan_only=True)
    assert until.outcome.question == "Until when?"
    assert _given(snoozed)["action"] == "snooze"
    assert _given(snoozed)["snooze_until"]


def test_a_change_of_one_row_is_of_that_row_alone(demo_app: RunningApp) -> None:
    found, raising = _talk(demo_app, "any anomalies at NLS-CHI-001 in June 2025?", "raise an alert for the second one")
    assert raising.outcome.plan is not None
    (node,) = raising.outcome.plan.nodes
    assert node.foreach is not None
    assert isinstance(node.foreach.items, list)
    assert [each["start"] for each in node.foreach.items if isinstance(each, dict)] == [_starts(found)[1]]
    assert raising.state == "parked" or raising.state == "waiting"


def _starts(reply: Reply) -> list[object]:
    assert reply.answer is not None
    return [row[3] for row in reply.answer.tables[0].rows]


def test_what_is_left_out_is_left_out(demo_app: RunningApp) -> None:
    both, one = _talk(demo_app, "benchmark our stores", "without BBS-SEA-002")
    assert _given(both)["building_ids"] == ["BBS-DEN-001", "BBS-SEA-002"]
    assert _given(one)["building_ids"] == ["BBS-DEN-001"]


def test_figures_of_two_turns_are_reckoned_with_and_what_is_dropped_is_dropped(demo_app: RunningApp) -> None:
    before = _runs(demo_app)
    first, second, gap, both, share, undone, asked, dropped, offices = _talk(
        demo_app, "what did NLS-CHI-001 cost in 2025?", "and NLS-HOU-003?", "by how much?", "compare both",
        "and in percent?", "undo", "open a ticket about NLS-CHI-001", "never mind", "which offices cost most?",
    )  # fmt: skip
    assert _runs(demo_app) == before + 4
    usd = [_cost(each) for each in (first, second)]
    assert f"{usd[1] - usd[0]:,.0f} USD ({100 * (usd[1] - usd[0]) / usd[0]:,.1f} %) more." in _said(gap)
    assert _rows(both) == ["NLS-CHI-001", "NLS-HOU-003"]
    assert "of all 24." in _said(share)
    assert undone.told is not None
    assert undone.told.lines[0].endswith("it changed nothing, so there is nothing to undo.")
    assert asked.outcome.question == "For which customer?"
    assert dropped.told is not None
    assert dropped.told.drops
    assert [str(row).startswith("NLS-") for row in _rows(offices)] == [True] * 3


def _said(reply: Reply) -> str:
    assert reply.answer is not None
    return reply.answer.text


def _cost(reply: Reply) -> float:
    """The cost of the only row, USD."""
    assert reply.answer is not None
    table = reply.answer.tables[0]
    return float(str(table.rows[0][table.columns.index("USD")]))


def test_another_period_is_told_against_the_one_before_and_starting_over_carries_nothing_on(
    demo_app: RunningApp,
) -> None:
    march, february, over, recalled, again = _talk(
        demo_app, "what did we use in March 2025?", "compare with the month before", "start over",
        "remind me what we looked at", "by how much did it change?",
    )  # fmt: skip
    assert march.answer is not None
    assert february.answer is not None
    change = february.answer.sentences[0]
    assert change.text.startswith("Electricity, 2025-03 against 2025-02: ")
    later, earlier, more = (each.value for each in change.figures)
    assert isinstance(later, float)
    assert isinstance(earlier, float)
    assert more == pytest.approx(abs(later - earlier))
    assert over.told is not None
    assert over.told.resets
    assert recalled.told is not None
    assert recalled.told.lines == ('1. "what did we use in March 2025?"', '2. "compare with the month before"')
    assert again.answer is None


def test_a_building_that_is_not_here_is_never_taken_for_the_one_before(demo_app: RunningApp) -> None:
    _, wrong, right = _talk(
        demo_app, "how much electricity did NLS-CHI-001 use in 2025?", "and NLS-BOS-001?", "and NLS-NYC-002?"
    )
    assert (wrong.outcome.status, wrong.answer) == ("refused", None)
    assert "There is no building NLS-BOS-001 here" in str(wrong.outcome.message)
    assert right.answer is not None
    assert right.answer.sentences[0].text.startswith("NLS-NYC-002: ")
