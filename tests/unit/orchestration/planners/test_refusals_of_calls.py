"""What cannot be true of a call's arguments together is refused, in whatever words it came; the like of it is not."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from redaptive.orchestration.intelligent.planners.refusals.ahead import out_of_time
from redaptive.orchestration.intelligent.planners.refusals.calls import contradiction
from redaptive.orchestration.intelligent.planners.refusals.dates import impossible_time
from redaptive.orchestration.intelligent.planners.refusals.kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusals.relations import unrelated
from redaptive.orchestration.plans.schema import Json

TODAY = date(2026, 11, 26)
TWO: list[Json] = [
    {"project_id": "PRJ-1", "capex_usd": "320000", "npv_usd": 90_000},
    {"project_id": "PRJ-2", "capex_usd": 280_000, "npv_usd": 75_000},
]


def _task(name: str, *after: str) -> Json:
    return {"task_id": name, "duration_days": 2, "predecessors": list(after)}


def test_tasks_that_wait_in_a_circle_are_told() -> None:
    circle: list[Json] = [_task("T1", "T3"), _task("T2", "T1"), _task("T3", "T2")]
    assert "circle" in str(contradiction({"tasks": circle}))
    assert contradiction({"tasks": [_task("T1"), _task("T2", "T1"), _task("T3", "T1", "T2")]}) is None
    assert contradiction({"tasks": "$schedule.value.tasks"}) is None


@pytest.mark.parametrize(
    "text",
    ["Fund both of them in full.", "Both must be in it.", "Do all.", "All three have to be done this year."],
)
def test_projects_that_must_all_be_done_cost_no_more_than_there_is(text: str) -> None:
    assert "$600,000" in str(contradiction({"candidates": TWO, "budget_usd": 100_000}, text=text))
    assert contradiction({"candidates": TWO, "budget_usd": 600_000}, text=text) is None


def test_a_choice_may_cost_more_than_there_is() -> None:
    given: dict[str, Json] = {"candidates": TWO, "budget_usd": 300_000}
    assert contradiction(given, text="Which of both is better under the budget?") is None
    assert contradiction(given, text="Select all that fit.") is None


def test_what_excludes_each_other_is_not_chosen_together() -> None:
    both = "Both must be in the selection and they exclude each other."
    assert "exclud" in str(contradiction({"candidates": TWO, "budget_usd": 900_000}, text=both))
    either = "They exclude each other; choose the better one."
    assert contradiction({"candidates": TWO, "budget_usd": 900_000}, text=either) is None


def test_a_snooze_ends_after_now() -> None:
    now = datetime(2026, 11, 26, 12)
    assert "over" in str(contradiction({"snooze_until": "2026-11-01T00:00:00"}, now))
    assert contradiction({"snooze_until": "2026-12-01T00:00:00"}, now) is None


@pytest.mark.parametrize(
    "text",
    [
        "usage of MTR-7 from 2026-05-20 til 2026-05-02",
        "Installation started 2025-05-30 and ended 2025-03-01.",
        "The crew began on March 9, 2026 and finished March 2, 2026.",
        "What did meter MTR-204 use in June 2031?",
        "What was our first response time in Q3 2028?",
        "How much did building B-2 actually pay in fines for 2033?",
        "The metered figure, no estimate: what did the store consume in May 2029?",
    ],
)
def test_times_run_forwards_and_what_happened_lies_behind(text: str) -> None:
    assert impossible_time(text, TODAY) is not None


@pytest.mark.parametrize(
    "text",
    [
        "usage of MTR-7 from 2026-05-02 til 2026-05-20",
        "Installation started 2025-03-01 and ended 2025-05-30.",
        "What will building B-2 pay in fines for 2033?",
        "What was the plan for 2028?",
        "What was agreed as the target of 2030?",
        "An estimate will do: what would the store consume in May 2029?",
        "What was our use in Q3 2025?",
    ],
)
def test_ordinary_times_pass(text: str) -> None:
    assert impossible_time(text, TODAY) is None


def test_an_event_ends_after_it_began_on_the_clock() -> None:
    assert unrelated("The event on July 15 starts at 18:00 and ends at 14:00.") is not None
    assert unrelated("It begins at 6 pm and ends at 2 pm.") is not None
    assert unrelated("The event starts at 14:00 and ends at 18:00.") is None
    assert unrelated("The shift starts at 22:00 and ends at 06:00.") is None
    assert unrelated("It starts at 18:00 and ends at 14:00 the next day.") is None


def test_snoozing_in_other_words_ends_after_now_too() -> None:
    assert "over" in str(out_of_time("snoze alert A-300 til 2019-04-01", TODAY))
    assert out_of_time("snooze alert A-300 until 2026-12-04", TODAY) is None


def test_there_are_three_scopes() -> None:
    assert "scope 7" in str(mismatched("What was our scope 7 footprint in 2025?"))
    assert mismatched("What was our scope 2 footprint in 2025?") is None
    assert mismatched("The scope 5 of the works was changed.") is None


def test_papers_are_read_from_papers() -> None:
    assert mismatched("Extract the utility bill from alert A-77.") is not None
    assert mismatched("Extract the utility bill from document DOC-77 and attach it to ticket T-1.") is None
    assert mismatched("Read the bill of building B-4.") is None
