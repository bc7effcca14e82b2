"""What somebody waits for lies ahead: a weekday or date without a year that is over means the next one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.cli.plan import every_scope, offline_planner
from redaptive.orchestration.intelligent.planners.outcome import PlanRequest

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)  # a Thursday
PLANNER = offline_planner(lambda: NOW)


@pytest.mark.parametrize(
    ("until", "moment"),
    [
        ("Monday", "2026-01-19"),
        ("Friday", "2026-01-16"),
        ("next week", "2026-01-19"),
        ("March 1", "2026-03-01"),
        ("2026-02-01", "2026-02-01"),
    ],
)
def test_an_alert_is_snoozed_until_the_next_such_day(until: str, moment: str) -> None:
    outcome = PLANNER.plan(PlanRequest(f"snooze alert 3fa2b1c4 until {until}", "acme", every_scope()))
    assert outcome.plan is not None, outcome.message
    assert str(outcome.plan.nodes[0].args["snooze_until"])[:10] == moment


@pytest.mark.parametrize("until", ["last Friday", "yesterday", "January 10 2026", "June"])
def test_what_is_over_or_too_far_is_refused(until: str) -> None:
    outcome = PLANNER.plan(PlanRequest(f"snooze alert 3fa2b1c4 until {until}", "acme", every_scope()))
    assert (outcome.status, outcome.reason) == ("refused", "infeasible")
