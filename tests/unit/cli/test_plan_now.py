"""A sentence is planned as of a given moment, so that an evaluation gives the same tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.cli.plan import clock_at, every_scope, offline_planner
from redaptive.errors import InvalidInput
from redaptive.orchestration.intelligent.planners.outcome import PlanRequest

SNOOZE = "snooze alert 3fa2b1c4 until May 1 2026"


def test_the_clock_stands_at_what_is_given_and_goes_otherwise() -> None:
    assert clock_at("2026-01-15T12:00:00Z")() == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert clock_at("2026-01-15")() == datetime(2026, 1, 15, tzinfo=UTC)
    running = clock_at(None)
    assert running() <= running() <= datetime.now(UTC)
    with pytest.raises(InvalidInput, match="'tomorrow' is no ISO time"):
        clock_at("tomorrow")


@pytest.mark.parametrize(("now", "status"), [("2026-04-01", "planned"), ("2026-06-01", "refused")])
def test_what_is_over_depends_on_it(now: str, status: str) -> None:
    outcome = offline_planner(clock_at(now)).plan(PlanRequest(SNOOZE, "acme", every_scope()))
    assert outcome.status == status, outcome.message
