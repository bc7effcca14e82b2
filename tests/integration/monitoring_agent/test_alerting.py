"""One fault makes one alert; it is priced, given to who is on call, and worked until its cause is known."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import anyio
import pytest
from tests.integration.monitoring_agent.conftest import NOW
from tests.integration.monitoring_agent.fleet import START, STEP_DAY, USD_PER_KWH, Fleet
from tests.integration.running_app import RunningApp

from redaptive.domain.alerts.identity import alert_id
from redaptive.errors import Conflict, InvalidInput, NotFound
from redaptive.infrastructure.database.stores.alert_raising import AlertRaising
from redaptive.infrastructure.database.stores.team_store import EngineerRecord, ShiftRecord, TeamStore

AGENT = "energy-monitoring"
TOOL = f"{AGENT}.raise_or_acknowledge_alert"
SINCE = START + timedelta(days=STEP_DAY)


def anomaly(meter: str = "STEP", **more: Any) -> dict[str, Any]:
    plain = {"meter_code": meter, "kind": "level_shift", "start": SINCE.isoformat(), "score": 9.0, "expected": 900.0,
             "actual": 1440.0, "excess_per_day": 540.0}  # fmt: skip
    return {**plain, **more}


def act(running: RunningApp, fleet: Fleet, action: str, **more: Any) -> dict[str, Any]:
    return running.value(fleet.principal, TOOL, action=action, **more)


def raised(running: RunningApp, fleet: Fleet, **more: Any) -> dict[str, Any]:
    return act(running, fleet, "raise", anomaly=anomaly(**more))["acted"]


def test_a_raised_alert_is_priced_ranked_and_explained(running: RunningApp, own_fleet: Fleet) -> None:
    found = raised(running, own_fleet)
    alert = found["alert"]
    assert alert["id"] == str(alert_id("level_shift", int(SINCE.timestamp()), meter_no=own_fleet.numbers["STEP"]))
    assert alert["usd_per_day"] == pytest.approx(540 * USD_PER_KWH)
    assert (alert["state"], alert["severity"], alert["occurrences"]) == ("open", "critical", 1)
    assert "1,440 kWh" in alert["evidence"]
    assert "108 USD/day" in alert["evidence"]
    assert sum(c["probability"] for c in found["likely_causes"]) == pytest.approx(1.0)
    assert found["checklist"]
    assert [(h["action"], h["to_state"], h["who"]) for h in found["history"]] == [("raise", "open", "local")]


def test_severity_follows_the_cost(running: RunningApp, own_fleet: Fleet) -> None:
    cheap = raised(running, own_fleet, excess_per_day=9.99 / USD_PER_KWH, kind="off_hours")["alert"]
    dear = raised(running, own_fleet, meter="CALM", excess_per_day=10.01 / USD_PER_KWH, kind="off_hours")["alert"]
    data = raised(running, own_fleet, meter="DROP", excess_per_day=None, kind="gap")["alert"]
    assert (cheap["severity"], dear["severity"]) == ("info", "warning")
    assert data["usd_per_day"] is None
    board = act(running, own_fleet, "list")["alerts"]
    assert board[0]["id"] == dear["id"]
    assert {a["id"] for a in board} == {cheap["id"], dear["id"], data["id"]}


def test_one_fault_is_one_alert_however_often_it_is_seen(running: RunningApp, own_fleet: Fleet) -> None:
    """Eight callers at once, and one whose detector dates the start an hour later."""
    seen: list[str] = []

    async def one() -> None:
        result = await running.invoker.call(
            TOOL, {"action": "raise", "anomaly": anomaly()}, principal=own_fleet.principal
        )
        seen.append(result.value["acted"]["alert"]["id"])

    async def together() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(one)

    running.portal.call(together)
    later = raised(running, own_fleet, start=(SINCE + timedelta(hours=1)).isoformat())
    assert {*seen, later["alert"]["id"]} == {seen[0]}
    assert later["alert"]["occurrences"] == 9
    assert len(act(running, own_fleet, "list")["alerts"]) == 1


def test_another_kind_or_meter_is_another_alert(running: RunningApp, own_fleet: Fleet) -> None:
    ids = {
        raised(running, own_fleet)["alert"]["id"],
        raised(running, own_fleet, kind="drift")["alert"]["id"],
        raised(running, own_fleet, meter="CALM")["alert"]["id"],
    }
    assert len(ids) == 3


def test_an_alert_is_worked_until_its_cause_is_known(running: RunningApp, own_fleet: Fleet) -> None:
    alert = raised(running, own_fleet)["alert"]["id"]
    status = running.value(own_fleet.principal, f"{AGENT}.get_meter_status", meter_ids=["STEP"])["meters"][0]
    assert [(a["id"], a["state"]) for a in status["open_alerts"]] == [(alert, "open")]
    seen = act(running, own_fleet, "acknowledge", alert_id=alert, note="on it")["acted"]
    assert (seen["alert"]["state"], seen["alert"]["acknowledged_at"] is None) == ("acknowledged", False)
    again = act(running, own_fleet, "acknowledge", alert_id=alert)["acted"]
    assert len(again["history"]) == len(seen["history"]) == 2
    until = (NOW + timedelta(days=2)).isoformat()
    asleep = act(running, own_fleet, "snooze", alert_id=alert, snooze_until=until)["acted"]
    assert datetime.fromisoformat(asleep["alert"]["snoozed_until"]) == NOW + timedelta(days=2)
    cause = seen["likely_causes"][0]["key"]
    done = act(running, own_fleet, "resolve", alert_id=alert, cause=cause, note="Valve replaced")["acted"]
    assert (done["alert"]["state"], done["alert"]["cause"]) == ("resolved", cause)
    assert [h["action"] for h in done["history"]] == ["raise", "acknowledge", "snooze", "resolve"]
    assert act(running, own_fleet, "list")["alerts"] == []
    assert [a["id"] for a in act(running, own_fleet, "list", states=["resolved"])["alerts"]] == [alert]
    with pytest.raises(Conflict):
        act(running, own_fleet, "acknowledge", alert_id=alert)


def test_a_raising_can_be_taken_back_until_somebody_takes_the_alert_up(running: RunningApp, own_fleet: Fleet) -> None:
    alert = raised(running, own_fleet)["alert"]["id"]
    raised(running, own_fleet)

    def withdraw(**more: Any) -> dict[str, Any] | None:
        found: dict[str, Any] | None = act(running, own_fleet, "resolve", cause="withdrawn", note="mistake", **more)[
            "acted"
        ]
        return found

    one_less = withdraw(alert_id=alert)
    assert one_less is not None
    assert one_less["alert"]["state"] == "open", "somebody else raised it too"
    gone = withdraw(alert_id=alert)
    assert gone is not None
    assert (gone["alert"]["state"], gone["alert"]["cause"]) == ("withdrawn", None)
    assert gone["alert"]["acknowledged_at"] is gone["alert"]["resolved_at"] is None
    assert act(running, own_fleet, "list")["alerts"] == []
    assert withdraw(alert_id=alert) == gone, "once more changes nothing"
    assert withdraw() is None, "what was never raised needs no taking back"
    again = raised(running, own_fleet)
    assert (again["alert"]["id"], again["alert"]["state"]) == (alert, "open")
    assert [h["action"] for h in again["history"]] == ["raise", "seen again", "withdraw", "withdraw", "raise"]
    act(running, own_fleet, "acknowledge", alert_id=alert)
    with pytest.raises(Conflict, match="acknowledged and cannot become withdrawn"):
        withdraw(alert_id=alert)


def test_the_resources_show_the_alert(running: RunningApp, own_fleet: Fleet) -> None:
    alert = raised(running, own_fleet)["alert"]
    board = running.read(own_fleet.principal, "energy://alerts", AGENT)
    assert [a["id"] for a in board["alerts"]] == [alert["id"]]
    one = running.read(own_fleet.principal, f"energy://alerts/{alert['id']}", AGENT)
    assert one["alert"] == alert
    assert one["checklist"]


def test_the_engineer_on_call_gets_it(running: RunningApp, own_fleet: Fleet) -> None:
    async def rota() -> None:
        store = TeamStore(running.app.pools, own_fleet.principal.tenant_id)
        for code in ("ada", "bob"):
            await store.put_engineer(EngineerRecord(code, code.title(), "America/Chicago", email=f"{code}@example.org"))
        await store.put_team("plant", "Plant", sites=["CH"])
        await store.put_team("rest", "Rest", every_site=True)
        await store.add_shift(ShiftRecord("plant", "ada", timezone="America/Chicago"))
        await store.add_shift(ShiftRecord("rest", "bob"))

    running.portal.call(rota)
    plant, tower = raised(running, own_fleet), raised(running, own_fleet, meter="MAIN")
    assert (plant["on_call_engineer"], plant["alert"]["assigned_engineer"]) == ("ada", "ada")
    assert (tower["on_call_engineer"], tower["alert"]["assigned_engineer"]) == ("bob", "bob")
    given = act(running, own_fleet, "assign", alert_id=plant["alert"]["id"], engineer="bob")["acted"]
    assert given["alert"]["assigned_engineer"] == "bob"
    back = act(running, own_fleet, "assign", alert_id=plant["alert"]["id"])["acted"]
    assert back["alert"]["assigned_engineer"] == "ada"
    board = running.value(own_fleet.principal, f"{AGENT}.raise_or_acknowledge_alert", action="list")
    assert [(each["person"], each["team"], each["looks_after"]) for each in board["on_call"]] == [
        ("Ada (ada)", "plant", "CH"),
        ("Bob (bob)", "rest", "sites without a team of their own"),
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "weekdays", "utc", "on_duty"),
    [
        (time(8), time(17), (1, 2, 3, 4, 5), datetime(2025, 10, 29, 13, 0, tzinfo=UTC), True),  # Wednesday 8:00
        (time(8), time(17), (1, 2, 3, 4, 5), datetime(2025, 10, 29, 12, 59, tzinfo=UTC), False),
        (time(8), time(17), (1, 2, 3, 4, 5), datetime(2025, 10, 29, 22, 0, tzinfo=UTC), False),
        (time(22), time(6), (5,), datetime(2025, 11, 1, 4, 0, tzinfo=UTC), True),  # Friday 23:00
        (time(22), time(6), (5,), datetime(2025, 11, 1, 10, 59, tzinfo=UTC), True),  # Saturday 5:59, began on Friday
        (time(22), time(6), (5,), datetime(2025, 11, 1, 11, 0, tzinfo=UTC), False),
        (time(22), time(6), (6,), datetime(2025, 11, 1, 10, 0, tzinfo=UTC), False),  # began on Friday, not Saturday
        (time(0), time(0), (3,), datetime(2025, 10, 30, 4, 59, tzinfo=UTC), True),  # the whole Wednesday
        (time(0), time(0), (3,), datetime(2025, 10, 30, 5, 0, tzinfo=UTC), False),
    ],
)
def test_duty_follows_the_local_clock(
    running: RunningApp, starts: time, ends: time, weekdays: tuple[int, ...], utc: datetime, on_duty: bool
) -> None:
    principal = running.principal(f"duty-{uuid4().hex[:8]}")

    async def work() -> Any:
        store = TeamStore(running.app.pools, principal.tenant_id)
        await store.put_engineer(EngineerRecord("ada", "Ada", "America/Chicago", email="ada@example.org"))
        await store.put_team("all", "All", every_site=True)
        await store.add_shift(
            ShiftRecord("all", "ada", weekdays=weekdays, starts=starts, ends=ends, timezone="America/Chicago")
        )
        return await AlertRaising(running.app.pools, principal.tenant_id).on_call("anywhere", utc)

    assert (running.portal.call(work) is not None) == on_duty


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"action": "raise"}, InvalidInput, "needs anomaly"),
        ({"action": "acknowledge"}, InvalidInput, "needs alert_id"),
        ({"action": "acknowledge", "alert_id": str(uuid4())}, NotFound, "no alert"),
        ({"action": "raise", "anomaly": anomaly(kind="poltergeist")}, NotFound, "poltergeist"),
        ({"action": "raise", "anomaly": anomaly(meter="NOBODY")}, NotFound, "NOBODY"),
        ({"action": "raise", "anomaly": anomaly(start="2030-01-01T00:00:00Z")}, InvalidInput, "ahead"),
    ],
)
def test_refusals_say_what_is_missing(
    running: RunningApp, fleet: Fleet, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        running.call(fleet.principal, TOOL, **arguments)


@pytest.mark.parametrize(
    ("action", "more", "message"),
    [
        ("resolve", {}, "needs cause"),
        ("resolve", {"cause": "gremlins"}, "no known cause"),
        ("snooze", {}, "needs snooze_until"),
        ("snooze", {"snooze_until": "2025-10-01T00:00:00Z"}, "next 90 days"),
        ("assign", {}, "Nobody is on call"),
    ],
)
def test_an_action_needs_its_argument(
    running: RunningApp, own_fleet: Fleet, action: str, more: dict[str, Any], message: str
) -> None:
    alert = raised(running, own_fleet)["alert"]["id"]
    with pytest.raises(InvalidInput, match=message):
        act(running, own_fleet, action, alert_id=alert, **more)
    assert len(running.read(own_fleet.principal, f"energy://alerts/{alert}", AGENT)["history"]) == 1


def test_a_detected_anomaly_can_be_raised_as_it_is(running: RunningApp, own_fleet: Fleet) -> None:
    found = running.value(own_fleet.principal, f"{AGENT}.detect_anomalies", meter_ids=["STEP"])["anomalies"][0]
    fields = ("meter_code", "kind", "start", "end", "score", "expected", "actual", "excess_per_day")
    alert = act(running, own_fleet, "raise", anomaly={k: found[k] for k in fields})["acted"]["alert"]
    assert alert["usd_per_day"] == pytest.approx(found["usd_per_day"], abs=0.01)
    assert alert["meter_code"] == "STEP"
