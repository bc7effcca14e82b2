"""A batch gives the same store however it is cut, shuffled and sent again; every row that is not taken says why."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from tests.integration.monitoring_agent.conftest import NOW
from tests.integration.monitoring_agent.fleet import END, START, Fleet
from tests.integration.running_app import RunningApp

from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput, NotFound, Unauthorized

TOOL = "energy-monitoring.ingest_readings"


def row(meter: str, start: datetime, value: float, **more: str) -> dict[str, Any]:
    return {"meter": meter, "start": start.isoformat(), "value": value, **more}


def send(running: RunningApp, fleet: Fleet, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return running.value(fleet.principal, TOOL, readings=rows)


def stored(running: RunningApp, fleet: Fleet, *meters: str) -> pl.DataFrame:
    numbers = [fleet.numbers[m] for m in meters]
    rows = running.app.readings.readings(numbers, START, NOW + timedelta(days=1))
    codes = {number: code for code, number in fleet.numbers.items()}
    return rows.with_columns(meter=pl.col("meter_id").replace_strict(codes)).drop("meter_id").sort("meter", "ts")


def counts(value: dict[str, Any]) -> tuple[int, int, int, int]:
    return value["accepted"], value["duplicate"], value["late"], value["rejected"]


def test_shuffled_and_replayed_batches_give_the_same_store(running: RunningApp, own_fleet: Fleet) -> None:
    """The plain loop keeps the first value of each key; ours must give that store from any order of sending."""
    rows = [row("EMPTY", END - timedelta(hours=i), 10.0 + i) for i in range(1, 60)]
    rows += [row("CALM", END, 12.5), row("CALM", END + timedelta(hours=1), 13.5, quality="estimated")]
    shuffled = rows * 3
    random.Random(7).shuffle(shuffled)
    taken = 0
    for first in range(0, len(shuffled), 40):
        value = send(running, own_fleet, shuffled[first : first + 40])
        assert value["accepted"] + value["duplicate"] + value["rejected"] == value["rows"]
        taken += value["accepted"]
    assert taken == len(rows)
    found = stored(running, own_fleet, "EMPTY", "CALM").filter(pl.col("meter") == "EMPTY")
    expected = sorted(
        (datetime.fromisoformat(r["start"]), round(r["value"] * 1000)) for r in rows if r["meter"] == "EMPTY"
    )
    assert list(found.select("ts", "value").iter_rows()) == expected
    newest = stored(running, own_fleet, "CALM").tail(2)
    assert newest["value"].to_list() == [12_500, 13_500]
    assert newest["quality"].to_list() == [0, int(Quality.ESTIMATED)]
    again = send(running, own_fleet, rows)
    assert counts(again) == (0, len(rows), 0, 0)


def test_late_readings_are_taken_and_counted(running: RunningApp, own_fleet: Fleet) -> None:
    hole = START + timedelta(hours=110 * 24 + 9)  # DROP sent nothing then
    value = send(running, own_fleet, [row("DROP", hole, 20.0), row("DROP", END, 21.0)])
    assert counts(value) == (2, 0, 1, 0)
    assert value["path"] == "store"


def test_every_rejected_row_has_its_reason(running: RunningApp, own_fleet: Fleet) -> None:
    known = own_fleet.readings.filter(pl.col("meter_id") == own_fleet.numbers["CALM"])["ts"][0]
    rows = [
        row("CALM", END, 10.0),
        row("NOBODY", END, 10.0),
        row("CALM", END + timedelta(minutes=7), 10.0),
        row("CALM", NOW + timedelta(days=2), 10.0),
        row("CALM", END + timedelta(hours=1), -1.0),
        row("CALM", END + timedelta(hours=1), 1.0, unit="gal"),
        row("CALM", END + timedelta(hours=1), 1e9),
        row("CALM", known, 123.0),
        {"meter": "CALM", "start": "soon", "value": 1.0},
        row("CALM", datetime(1999, 1, 1, tzinfo=UTC), 1.0),
        row("CALM", END, 11.0),
        row("CALM", END, 10.0),
    ]
    value = send(running, own_fleet, rows)
    reasons = {r["row"]: r["reason"] for r in value["rejected_rows"]}
    assert reasons == {
        1: "unknown_meter", 2: "misaligned", 3: "future", 4: "negative", 5: "wrong_unit", 6: "above_cap",
        7: "conflict", 8: "bad_time", 9: "bad_time", 10: "conflict",
    }  # fmt: skip
    assert counts(value) == (1, 1, 0, 10)
    assert all(r["field"] and r["detail"] for r in value["rejected_rows"])


def test_units_and_multiplier_are_applied(running: RunningApp, own_fleet: Fleet) -> None:
    send(
        running,
        own_fleet,
        [row("SCALED", END, 2.0), row("WATER", END, 3.0, unit="m3"), row("CALM", END, 1.5, unit="MWh")],
    )
    found = {m: stored(running, own_fleet, m)["value"][-1] for m in ("SCALED", "WATER", "CALM")}
    assert found == {"SCALED": 80_000, "WATER": 3_000, "CALM": 1_500_000}


def test_a_repeated_call_with_a_key_gets_the_first_answer(running: RunningApp, own_fleet: Fleet) -> None:
    from redaptive.agents.invoker import Terms

    arguments = {"readings": [row("CALM", END, 10.0)]}

    async def work() -> Any:
        return await running.invoker.call(
            TOOL, arguments, principal=own_fleet.principal, terms=Terms(idempotency_key="once")
        )

    first, second = running.portal.call(work), running.portal.call(work)
    assert first.answer == second.answer
    assert first.value["accepted"] == 1


def test_a_batch_without_a_known_meter_is_refused(running: RunningApp, own_fleet: Fleet) -> None:
    with pytest.raises(NotFound):
        send(running, own_fleet, [row("NOBODY", END, 1.0)])


def test_too_many_rows_are_refused(running: RunningApp, own_fleet: Fleet) -> None:
    with pytest.raises(InvalidInput, match="5000"):
        send(running, own_fleet, [row("CALM", END, 1.0)] * 5_001)


def test_reading_scopes_do_not_write(running: RunningApp, fleet: Fleet) -> None:
    from dataclasses import replace

    reader = replace(fleet.principal, scopes=frozenset({"monitoring:read"}))
    with pytest.raises(Unauthorized):
        running.call(reader, TOOL, readings=[row("CALM", END, 1.0)])
