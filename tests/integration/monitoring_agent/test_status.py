"""Status of meters against the planted readings and a fixed clock, in process and as a resource."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.integration.monitoring_agent.conftest import NOW
from tests.integration.monitoring_agent.fleet import END, METERS, Fleet, values
from tests.integration.running_app import RunningApp

from redaptive.agents.monitoring.status import state_of
from redaptive.errors import NotFound

TOOL = "energy-monitoring.get_meter_status"


@pytest.fixture(scope="module")
def status(running: RunningApp, fleet: Fleet) -> dict[str, Any]:
    return running.value(fleet.principal, TOOL)


def test_every_meter_is_there_once_the_silent_ones_first(status: dict[str, Any]) -> None:
    codes = [m["meter_code"] for m in status["meters"]]
    assert sorted(codes) == sorted(m.code for m in METERS)
    assert codes[0] == "EMPTY"
    assert (status["live"], status["late"], status["silent"], status["never"]) == (6, 3, 0, 1)


def test_latency_and_gap_follow_from_the_newest_interval(status: dict[str, Any]) -> None:
    meters = {m["meter_code"]: m for m in status["meters"]}
    main, calm = meters["MAIN"], meters["CALM"]
    assert datetime.fromisoformat(main["last_seen"]) == END - timedelta(minutes=15)
    assert main["latency_s"] == calm["latency_s"] == (NOW - END).total_seconds() == 5400
    assert (main["gap_min"], calm["gap_min"]) == (75.0, 30.0)
    assert (main["state"], calm["state"]) == ("late", "live")
    assert main["last_value"] == pytest.approx(values()["MAIN"][-1] / 1000)
    assert (main["unit"], meters["WATER"]["unit"]) == ("kWh", "m3")


def test_flags_are_those_of_the_last_week(status: dict[str, Any]) -> None:
    flags = {m["meter_code"]: {f["flag"]: f["intervals"] for f in m["flags"]} for m in status["meters"]}
    assert flags["CALM"] == {"missing": 2, "negative": 1, "spike": 1}
    assert flags["STUCK"] == {"stuck": 27}  # of 48 hours, those within seven days
    assert flags["DROP"] == flags["MAIN"] == flags["EMPTY"] == {}


def test_a_meter_that_never_sent_has_no_latency(status: dict[str, Any]) -> None:
    empty = next(m for m in status["meters"] if m["meter_code"] == "EMPTY")
    assert (empty["state"], empty["last_seen"], empty["latency_s"], empty["gap_min"]) == ("never", None, None, None)


def test_the_resource_says_the_same_as_the_tool(running: RunningApp, fleet: Fleet, status: dict[str, Any]) -> None:
    expected = next(m for m in status["meters"] if m["meter_code"] == "CALM")
    found = running.read(fleet.principal, "energy://meters/CALM/status", "energy-monitoring")
    live = ("latency_s", "gap_min", "state")  # the resource is served by an agent on the real clock
    assert {k: v for k, v in found.items() if k not in live} == {k: v for k, v in expected.items() if k not in live}


@pytest.mark.parametrize(
    ("latency", "interval", "state"),
    [(0.0, 900, "live"), (2100.0, 900, "live"), (2101.0, 900, "late"), (86_400.0, 900, "late"),
     (86_401.0, 900, "silent"), (7 * 86_400.0, 86_400, "late"), (9 * 86_400.0, 86_400, "silent"), (None, 900, "never")],
)  # fmt: skip
def test_states_by_latency(latency: float | None, interval: int, state: str) -> None:
    assert state_of(latency, interval) == state


def test_an_unknown_meter_is_named_with_its_neighbours(running: RunningApp, fleet: Fleet) -> None:
    with pytest.raises(NotFound, match="CALN"):
        running.call(fleet.principal, TOOL, meter_ids=["CALN"])
