"""Validation finds what was planted, estimates are marked, and what is written keeps its original and its author."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.integration.monitoring_agent.fleet import END, GAP, NEGATIVE, SPIKE, START, STUCK_HOURS, Fleet, values
from tests.integration.running_app import RunningApp

from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.audit_store import AuditStore

TOOL = "energy-monitoring.validate_estimate_edit"
WINDOW = {"start": (START + timedelta(days=112)).isoformat(), "end": END.isoformat()}


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def vee(running: RunningApp, fleet: Fleet, meter: str, **more: Any) -> dict[str, Any]:
    return running.value(fleet.principal, TOOL, meter_id=meter, **{**WINDOW, **more})


def stored(running: RunningApp, fleet: Fleet, meter: str, hour: int) -> tuple[int, int] | None:
    rows = running.app.readings.readings([fleet.numbers[meter]], at(hour), at(hour + 1))
    return None if rows.is_empty() else (rows["value"][0], rows["quality"][0])


def test_planted_faults_are_flagged_and_nothing_else(running: RunningApp, fleet: Fleet) -> None:
    found = vee(running, fleet, "CALM")
    assert {f["flag"]: f["intervals"] for f in found["flags"]} == {"missing": 2, "negative": 1, "spike": 1}
    spans = [(s["flag"], datetime.fromisoformat(s["start"]), s["intervals"], s["original"]) for s in found["spans"]]
    assert spans == [("negative", at(NEGATIVE), 1, -5.0), ("spike", at(SPIKE), 1, 900.0), ("missing", at(GAP), 2, None)]
    assert found["intervals"] == 8 * 24
    assert found["valid"] == 8 * 24 - 4


def test_gaps_of_two_hours_are_estimated_by_a_line(running: RunningApp, fleet: Fleet) -> None:
    wh = values()["CALM"]
    rows = {datetime.fromisoformat(e["start"]): e for e in vee(running, fleet, "CALM")["estimates"]}
    low, high = wh[GAP - 1], wh[GAP + 2]
    for k in (0, 1):
        assert rows[at(GAP + k)]["method"] == "linear"
        assert rows[at(GAP + k)]["estimate"] == pytest.approx((low + (high - low) * (k + 1) / 3) / 1000)
    assert rows[at(NEGATIVE)]["original"] == -5.0


def test_longer_gaps_are_estimated_by_like_days(running: RunningApp, fleet: Fleet) -> None:
    start, end = START + timedelta(days=109), START + timedelta(days=112)
    found = vee(running, fleet, "DROP", start=start.isoformat(), end=end.isoformat())
    wh = values()["DROP"]
    assert {e["method"] for e in found["estimates"]} == {"like_day_mean"}
    assert len(found["estimates"]) == 12
    for row in found["estimates"]:  # a Sunday: the nearest are Columbus Day, the Sundays on either side, one before
        hour = (datetime.fromisoformat(row["start"]) - START) // timedelta(hours=1)
        near = [wh[hour + 24 * days] for days in (-6, -7, 7, -14)]
        assert row["estimate"] == pytest.approx(np.mean(near) / 1000)


def test_a_stuck_run_is_flagged_but_not_replaced(running: RunningApp, fleet: Fleet) -> None:
    found = vee(running, fleet, "STUCK")
    (flag,) = found["flags"]
    assert (flag["flag"], flag["intervals"]) == ("stuck", STUCK_HOURS[1] - STUCK_HOURS[0])
    assert found["estimates"] == []


def test_the_sum_check_knows_the_usual_unmetered_share(running: RunningApp, fleet: Fleet) -> None:
    check = vee(running, fleet, "MAIN")["sum_check"]
    assert check["children"] == ["SUB-A", "SUB-B"]
    assert check["usual_unmetered_pct"] == pytest.approx(100 * (1 - 1 / 1.1), abs=0.01)
    assert check["complete_days"] >= 6
    assert check["deviations"] == []


def test_nothing_is_written_unless_asked_for(running: RunningApp, fleet: Fleet) -> None:
    assert vee(running, fleet, "CALM")["written"] is None
    assert stored(running, fleet, "CALM", GAP) is None


def test_estimates_are_written_marked_with_reason_and_author(running: RunningApp, own_fleet: Fleet) -> None:
    found = vee(running, own_fleet, "CALM", apply_estimates=True, reason="Monthly close", author="Ada")
    written = found["written"]
    assert (written["estimated"], written["edited"], written["author"]) == (4, 0, "Ada")
    wh = values()["CALM"]
    value, quality = stored(running, own_fleet, "CALM", GAP) or (0, 0)
    assert value == round(wh[GAP - 1] + (wh[GAP + 2] - wh[GAP - 1]) / 3)
    assert quality == int(Quality.ESTIMATED)
    entry = running.portal.call(lambda: _last_line(running, own_fleet))
    assert (entry.action, entry.subject, entry.reason, entry.object_id) == (
        "readings.correct",
        "Ada",
        "Monthly close",
        "CALM",
    )
    before, after = json.loads(entry.before), json.loads(entry.after)
    assert before[at(NEGATIVE).isoformat()] == [-5000, 0]
    assert before[at(SPIKE).isoformat()] == [900_000, 0]
    assert before[at(GAP).isoformat()] == [None, 0]
    assert after[at(GAP).isoformat()] == [value, quality]
    again = vee(running, own_fleet, "CALM")
    assert again["flags"] == []
    assert again["estimates"] == []


def test_an_edit_wins_over_an_estimate_and_a_later_edit_over_an_earlier(running: RunningApp, own_fleet: Fleet) -> None:
    edit = {"start": at(SPIKE).isoformat(), "value": 33.0}
    found = vee(running, own_fleet, "CALM", apply_estimates=True, edits=[edit], reason="Photo of the register")
    assert (found["written"]["estimated"], found["written"]["edited"]) == (3, 1)
    assert stored(running, own_fleet, "CALM", SPIKE) == (33_000, int(Quality.EDITED))
    vee(running, own_fleet, "CALM", edits=[{**edit, "value": 34.0}], reason="Typing error")
    assert stored(running, own_fleet, "CALM", SPIKE) == (34_000, int(Quality.EDITED))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"apply_estimates": True}, "needs a reason"),
        ({"apply_estimates": True, "reason": "  "}, "needs a reason"),
        ({"edits": [{"start": "2025-10-22T00:30:00Z", "value": 1.0}], "reason": "x"}, "No interval"),
        ({"edits": [{"start": "2025-09-01T00:00:00Z", "value": 1.0}], "reason": "x"}, "outside of the window"),
        ({"edits": [{"start": "2025-10-22T00:00:00Z", "value": 1e12}], "reason": "x"}, "outside the range"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_no_trace(
    running: RunningApp, own_fleet: Fleet, more: dict[str, Any], message: str
) -> None:
    before = running.app.readings.readings([own_fleet.numbers["CALM"]], START, END)
    with pytest.raises(InvalidInput, match=message):
        vee(running, own_fleet, "CALM", **more)
    assert running.app.readings.readings([own_fleet.numbers["CALM"]], START, END).equals(before)
    entries = running.portal.call(lambda: _lines(running, own_fleet))
    assert [e.action for e in entries] == ["energy-monitoring.validate_estimate_edit"]


async def _lines(running: RunningApp, fleet: Fleet) -> list[Any]:
    return await AuditStore(running.app.pools, fleet.principal.tenant_id).list()


async def _last_line(running: RunningApp, fleet: Fleet) -> Any:
    return next(e for e in await _lines(running, fleet) if e.action == "readings.correct")


def test_a_window_without_readings_is_refused(running: RunningApp, fleet: Fleet) -> None:
    with pytest.raises(InvalidInput, match="EMPTY has no reading"):
        vee(running, fleet, "EMPTY")
