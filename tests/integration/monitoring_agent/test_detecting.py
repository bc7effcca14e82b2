"""Planted faults are found where they are, with the amounts that were planted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.integration.monitoring_agent.fleet import (
    DROP_HOURS,
    END,
    START,
    STEP_DAY,
    STEP_FACTOR,
    STUCK_HOURS,
    USD_PER_KWH,
    Fleet,
    values,
)
from tests.integration.running_app import RunningApp

from redaptive.errors import InvalidInput, NotFound

TOOL = "energy-monitoring.detect_anomalies"


@pytest.fixture(scope="module")
def answer(running: RunningApp, fleet: Fleet) -> dict[str, Any]:
    return running.call(fleet.principal, TOOL, building_ids=["PLANT"]).answer


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def events(answer: dict[str, Any], meter: str, *kinds: str) -> list[dict[str, Any]]:
    rows = answer["value"]["anomalies"]
    return [row for row in rows if row["meter_code"] == meter and (not kinds or row["kind"] in kinds)]


def test_a_dropout_has_its_hours_and_no_price(answer: dict[str, Any]) -> None:
    (found,) = events(answer, "DROP", "gap")
    assert (moment(found["start"]), moment(found["end"])) == (at(DROP_HOURS[0]), at(DROP_HOURS[1]))
    assert found["anomaly_class"] == "dropout"
    assert found["usd"] is found["usd_per_day"] is None
    assert "has sent no readings since 19 October 04:00 local until 19 October 16:00 local" in found["evidence"]


def test_a_stuck_meter_is_about_data(answer: dict[str, Any]) -> None:
    (found,) = events(answer, "STUCK", "stuck")
    assert moment(found["start"]) == at(STUCK_HOURS[0])
    assert abs(moment(found["end"]) - at(STUCK_HOURS[1])) <= timedelta(hours=1)
    assert found["usd_per_day"] is None


def test_a_step_is_priced_by_its_excess(answer: dict[str, Any]) -> None:
    (found,) = [
        row
        for row in events(answer, "STEP", "spike", "level_shift")
        if moment(row["start"]) <= at(STEP_DAY * 24 + 48) <= moment(row["end"])
    ][:1]
    ratio = found["actual"] / found["expected"]
    assert 1.3 < ratio < 1.1 * STEP_FACTOR
    assert found["excess"] == pytest.approx(found["actual"] - found["expected"])
    assert found["usd"] == pytest.approx(found["excess"] * USD_PER_KWH)
    assert found["usd_per_day"] == pytest.approx(found["excess_per_day"] * USD_PER_KWH, abs=0.005)
    assert found["usd_per_day"] > 10
    assert f"{found['actual']:,.0f} kWh" in found["evidence"]
    assert f"{found['usd_per_day']:,.0f} USD/day" in found["evidence"]


def test_the_actual_use_of_an_event_is_the_sum_of_its_readings(answer: dict[str, Any]) -> None:
    wh = values()["STUCK"]
    (found,) = events(answer, "STUCK", "stuck")
    first, last = ((moment(found[k]) - START) // timedelta(hours=1) for k in ("start", "end"))
    assert found["actual"] == pytest.approx(np.nansum(wh[first:last]) / 1000)


def test_calm_meters_are_left_in_peace(answer: dict[str, Any]) -> None:
    for meter in ("SCALED", "WATER"):
        assert sum(row["usd_per_day"] or 0.0 for row in events(answer, meter)) < 25.0, meter


def test_the_costliest_events_come_first(answer: dict[str, Any]) -> None:
    costs = [row["usd_per_day"] or 0.0 for row in answer["value"]["anomalies"]]
    assert costs == sorted(costs, reverse=True)
    assert answer["value"]["anomalies"][0]["meter_code"] == "STEP"


def test_a_meter_without_readings_is_named(answer: dict[str, Any]) -> None:
    assert [text.partition(":")[0] for text in answer["value"]["not_judged"]] == ["EMPTY"]
    assert answer["value"]["meters"] == 6
    assert any(version.startswith("kernel ") for version in answer["factor_version"])


def test_nothing_after_the_window_matters(running: RunningApp, fleet: Fleet) -> None:
    """A window that ends before the step finds no step."""
    end = (START + timedelta(days=STEP_DAY)).isoformat()
    found = running.call(fleet.principal, TOOL, meter_ids=["STEP"], end=end).answer
    assert moment(found["value"]["end"]) == START + timedelta(days=STEP_DAY)
    assert sum(row["usd_per_day"] or 0.0 for row in found["value"]["anomalies"]) < 25.0


def test_progress_is_told(running: RunningApp, fleet: Fleet) -> None:
    seen: list[tuple[float, float | None]] = []

    async def note(done: float, total: float | None, message: str | None) -> None:
        seen.append((done, total))

    async def work() -> None:
        await running.invoker.call(TOOL, {"meter_ids": ["STEP"]}, principal=fleet.principal, progress=note)

    running.portal.call(work)
    assert len(seen) >= 3
    assert seen[-1][0] == seen[-1][1]


def test_refusals_name_what_is_missing(running: RunningApp, fleet: Fleet) -> None:
    with pytest.raises(NotFound, match="STPE"):
        running.call(fleet.principal, TOOL, meter_ids=["STPE"])
    with pytest.raises(InvalidInput, match="EMPTY has no reading"):
        running.call(fleet.principal, TOOL, meter_ids=["EMPTY"])
    with pytest.raises(InvalidInput, match="before it starts"):
        running.call(fleet.principal, TOOL, meter_ids=["STEP"], start=END.isoformat(), end=START.isoformat())
    with pytest.raises(InvalidInput, match="no date or time"):
        running.call(fleet.principal, TOOL, meter_ids=["STEP"], start="yesterday")
