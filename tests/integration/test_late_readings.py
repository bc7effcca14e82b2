"""Late readings through the whole path: alarms found and withdrawn, gaps ended, registers divided; once and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from tests.integration.late_stream import (
    HOUR_S,
    KWH,
    LOCAL_DAY,
    MIDNIGHT_S,
    LateStream,
    Part,
    feed,
    late_stream,
    make_registers,
    meters_of,
    working,
)
from tests.integration.stream_fleet import StreamFleet, make_fleet
from tests.integration.stream_reference import SPAN
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import load_all
from redaptive.streams import upkeep
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook
from redaptive.streams.ingest.admission import Submission
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.service import open_gate
from redaptive.streams.late import job
from redaptive.streams.late.day import LateDay, due_days
from redaptive.streams.late.job import LateReadings, LateWork
from redaptive.streams.ownership import present_fleets
from redaptive.streams.status import stream_status
from redaptive.streams.worker import StreamWorker, Tools

PARTITIONS = 2


@dataclass(frozen=True)
class Late:
    """A stream that was scored and whose late readings are stored, but not judged."""

    tools: Tools
    fleet: StreamFleet
    stream: LateStream
    live: list[dict[str, Any]]
    portal: BlockingPortal


@pytest.fixture(scope="module")
def servers() -> Iterator[StreamServers]:
    with stream_servers(stream_partitions=PARTITIONS, flush_interval_s=0.2) as found:
        yield found


@pytest.fixture(scope="module")
def late(servers: StreamServers) -> Iterator[Late]:
    fleet = make_fleet(servers.endpoints.database.url, meters_of(range(2)), HOUR_S)
    make_registers(servers.endpoints.database.url, fleet)
    stream = late_stream(fleet)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(worker_tools(servers)) as tools:
        portal.call(feed, tools, stream.in_time)
        live = portal.call(alerts, tools)
        portal.call(feed, tools, stream.late)
        yield Late(tools, fleet, stream, live, portal)


async def alerts(tools: Tools) -> list[dict[str, Any]]:
    return await tools.pools.query(
        "SELECT meter_no, kind, extract(epoch FROM since)::bigint AS since_s, state, ended_at IS NOT NULL AS over,"
        " detail ? 'found_late' AS late FROM alerts ORDER BY meter_no, kind, since",
        tenant_id=None,
    )


async def history(tools: Tools) -> list[dict[str, Any]]:
    return await tools.pools.query(
        "SELECT a.meter_no, a.kind, e.action, e.why FROM alert_events e JOIN alerts a ON a.id = e.alert_id"
        " WHERE e.who = 'late readings' ORDER BY 1, 2, 3",
        tenant_id=None,
    )


async def work(late: Late) -> LateWork:
    fleets = await present_fleets(late.tools.pools, range(PARTITIONS), PARTITIONS)
    readings = LateReadings(late.tools.pools, late.tools.store, of=PARTITIONS, quiet_s=0.0, share=1.0)
    return await readings.work(fleets)


def of(rows: list[dict[str, Any]], part: Part, shard: int = 0) -> list[dict[str, Any]]:
    """Rows of one meter."""
    return [row for row in rows if row["meter_no"] == shard * 1024 + part]


def test_late_readings_are_judged_once_and_alerts_follow(late: Late) -> None:
    async def run() -> None:
        assert "stuck" in {r["kind"] for r in of(late.live, Part.FALSELY_STUCK)}
        assert not {r["kind"] for r in of(late.live, Part.HIDDEN_PEAK)} - {"gap"}
        before = await stream_status(late.tools.pools, late.tools.reading_log)
        done = await work(late)
        found = await alerts(late.tools)
        peak = [r for r in of(found, Part.HIDDEN_PEAK) if r["kind"] != "gap"]
        assert {r["kind"] for r in peak} >= {"spike"}
        assert all(r["late"] and r["over"] and r["state"] == "provisional" for r in peak)
        assert {r["since_s"] for r in peak if r["kind"] == "spike"} == {MIDNIGHT_S + 10 * HOUR_S}
        [stuck] = [r for r in of(found, Part.FALSELY_STUCK) if r["kind"] == "stuck"]
        assert (stuck["state"], stuck["late"]) == ("withdrawn", False)
        assert of(found, Part.SOUND) == of(late.live, Part.SOUND)
        assert done.found == sum(r["late"] for r in found)
        assert done.withdrawn == 2
        assert {(r["action"], r["why"]) for r in await history(late.tools)} == {
            ("find", "found on late readings"),
            ("withdraw", "it does not show once the late readings are counted"),
        }
        after = await stream_status(late.tools.pools, late.tools.reading_log)
        assert before.late.days_waiting == done.rescored > 0 == after.late.days_waiting
        assert (after.late.alarms_found, after.late.alarms_withdrawn) == (done.found, done.withdrawn)
        assert await work(late) == LateWork()

    late.portal.call(run)


def test_twins_in_other_shards_are_judged_alike(late: Late) -> None:
    rows = late.portal.call(alerts, late.tools)
    plain = [{**row, "meter_no": row["meter_no"] % 1024} for row in rows]
    assert plain[: len(plain) // 2] == plain[len(plain) // 2 :]
    assert len(plain) > 6


def test_a_day_that_is_due_again_changes_nothing(late: Late) -> None:
    async def again() -> tuple[LateWork, list[object], list[object]]:
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp(), judged_at = NULL")
        before: list[object] = [*await alerts(late.tools), *await history(late.tools)]
        done = await work(late)
        return done, before, [*await alerts(late.tools), *await history(late.tools)]

    done, before, after = late.portal.call(again)
    assert done.rescored == done.counted > 0
    assert (done.found, done.withdrawn) == (0, 0)
    assert before == after


def test_late_counts_divide_the_total_of_their_gap_and_the_sum_stays(late: Late) -> None:
    for shard in range(2):
        meter = shard * 1024 + Part.REGISTER
        frame = late.tools.store.readings([meter], *SPAN)
        starts = (frame["ts"].to_physical() // 1_000_000).to_list()
        stored = dict(zip(starts, zip(frame["value"], frame["quality"], strict=True), strict=True))
        expected = {at: wh for (m, at), wh in late.stream.energy_wh.items() if m == meter}
        del expected[min(expected)]  # of the first count nobody knows the energy
        assert {at: wh for at, (wh, _) in stored.items()} == expected, "every interval is as if it had come in time"
        assert {quality for _, quality in stored.values()} == {0}
        assert frame["value"].sum() % KWH == 0
        [day] = late.portal.call(query, late.tools, f"SELECT finding FROM late_day WHERE meter_no = {meter}")
        of_day = range(MIDNIGHT_S, MIDNIGHT_S + 24 * HOUR_S, HOUR_S)
        assert day["finding"]["energy_wh"] == sum(expected[at] for at in of_day), "counted after it was divided"
    states = late.portal.call(query, late.tools, "SELECT state, count(*) AS n FROM late_register GROUP BY 1")
    assert states == [{"state": "split", "n": 6}]


def test_every_late_reading_is_stored_and_named(late: Late) -> None:
    for part in (Part.HIDDEN_PEAK, Part.FALSELY_STUCK, Part.VERY_LATE):
        frame = late.tools.store.readings([part], *SPAN)
        starts = (frame["ts"].to_physical() // 1_000_000).to_list()
        found = dict(zip(starts, frame["value"].to_list(), strict=True))
        assert found == {at: wh for (m, at), wh in late.stream.energy_wh.items() if m == part}
    rows = late.portal.call(
        query,
        late.tools,
        f"SELECT meter_no, local_day, late_s, finding FROM late_day WHERE meter_no = {Part.HIDDEN_PEAK}",
    )
    [row] = rows
    assert (row["local_day"], row["late_s"]) == (LOCAL_DAY, [MIDNIGHT_S + k * HOUR_S for k in range(10, 16)])
    assert (row["finding"]["expected"], row["finding"]["found"]) == (24, 24)


def test_a_lasting_gap_ends_when_its_readings_come_late(late: Late) -> None:
    """As when the worker that would have closed it died: the readings are there, the alert still lasts."""
    first = datetime.fromtimestamp(MIDNIGHT_S + 10 * HOUR_S, UTC)

    async def run() -> list[dict[str, Any]]:
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE alerts SET ended_at = NULL WHERE kind = 'gap' AND since = %s", (first,))
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp(), judged_at = NULL")
        await work(late)
        return await query(late.tools, "SELECT count(*) AS n FROM alerts WHERE kind = 'gap' AND ended_at IS NULL")

    assert [r["kind"] for r in of(late.live, Part.HIDDEN_PEAK)] == ["gap"]
    assert late.portal.call(run) == [{"n": 0}]


def test_what_was_there_before_and_is_sent_again_is_no_news(late: Late) -> None:
    """Beyond the bitmap's reach only a gap tells what was missing from what is sent twice."""
    day = next(b for b in late.stream.in_time[24 * 5 :] if b.meter[0] == Part.SOUND)

    async def run() -> tuple[list[LateDay], LateWork]:
        await feed(late.tools, [replace(day, received_us=day.received_us + 40 * 86_400_000_000)])
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp() - interval '1 s'")
        await work(late)
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp() - interval '1 s'")
        return await due_days(late.tools.pools, range(PARTITIONS), PARTITIONS, 0.0), await work(late)

    days, done = late.portal.call(run)
    late_s = {(d.meter_no, d.local_day): len(d.late_s) for d in days}
    assert sorted(n for (meter, _), n in late_s.items() if meter == Part.SOUND) == [0, 0], "two local days of UTC's one"
    assert sum(n for (meter, _), n in late_s.items() if meter == Part.VERY_LATE) == 24
    assert (done.found, done.withdrawn) == (0, 0)


def test_a_worker_does_it_all_beside_the_stream(late: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its upkeep ends gaps that were filled and works off late days, without being asked."""
    monkeypatch.setattr(upkeep, "EVERY_S", 0.1)
    left = (
        "SELECT (SELECT count(*) FROM alerts WHERE kind = 'gap' AND ended_at IS NULL) AS gaps,"
        " (SELECT count(*) FROM late_day WHERE due_at IS NOT NULL) AS days"
    )

    async def run() -> None:
        tools = late.tools
        async with tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE alerts SET ended_at = NULL WHERE kind = 'gap'")
            await connection.execute(
                "UPDATE late_day SET noted_at = noted_at - interval '1 min', judged_at = NULL,"
                " due_at = clock_timestamp() - interval '1 min'"
            )
        [before] = await query(tools, left)
        assert before["gaps"] > 0
        assert before["days"] > 0
        worker = StreamWorker(tools)
        async with working(worker), anyio.create_task_group() as group:
            group.start_soon(upkeep.run_upkeep, worker, tools)
            with anyio.fail_after(60):
                while (await query(tools, left))[0] != {"gaps": 0, "days": 0}:  # noqa: ASYNC110 - asks a server
                    await anyio.sleep(0.1)
            group.cancel_scope.cancel()

    late.portal.call(run)


def test_days_that_cannot_be_judged_are_put_off_and_hold_up_no_others(
    late: Late, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("of no use")

    async def run() -> None:
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp() - interval '1 s'")
        with monkeypatch.context() as patched:
            patched.setattr(job, "rescore", broken)
            with pytest.raises(ValueError, match="of no use"):
                await work(late)
        [left] = await query(late.tools, "SELECT count(*) AS n FROM late_day WHERE due_at > now() + interval '50 min'")
        assert left["n"] > 0
        assert (await work(late)).rescored > 0, "those of the other partition"
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp() - interval '1 s'")
        assert (await work(late)).rescored > 0

    late.portal.call(run)


def test_a_new_ingest_process_knows_what_is_late(servers: StreamServers, late: Late) -> None:
    """From the state that the workers have committed; a database that is away costs the count, not the readings."""

    def sent(start_s: int) -> Submission:
        rows = [{"meter": meter, "start": start_s, "value": 1} for meter in ("m1", "m1025")]
        payload = json.dumps({"unit": "Wh", "readings": rows}).encode()
        now_us = (start_s + 2 * HOUR_S) * 1_000_000
        return Submission(f"stream-{late.fleet.tenant_id}", "g1", "test", decode_json(payload), payload, now_us)

    async def run() -> None:
        end = max(int(b.start_s[-1]) for b in late.stream.in_time)
        at = {"worker_url": servers.urls.worker, "log_url": servers.endpoints.log.url}
        async with open_gate(late.tools.settings, **at) as gate:
            receipts = [await gate.admission.admit([sent(end + k * HOUR_S)]) for k in (0, -1, 1, 0)]
        assert [receipt.late for (receipt,) in receipts] == [0, 2, 0, 2]
        assert [receipt.accepted for (receipt,) in receipts] == [2] * 4

    late.portal.call(run)


def test_people_are_told_what_was_found_and_what_does_not_hold(late: Late) -> None:
    """An alert that nobody has taken is withdrawn, one in hand ends; its evidence says that a reading was late."""

    async def run() -> None:
        async with late.tools.pools.transaction(None) as connection:
            await connection.execute(
                "UPDATE alerts SET state = CASE WHEN meter_no < 1024 THEN 'open' ELSE 'acknowledged' END,"
                " ended_at = NULL WHERE kind = 'stuck' AND meter_no %% 1024 = %s",
                (Part.FALSELY_STUCK,),
            )
            await connection.execute("UPDATE late_day SET due_at = clock_timestamp()")
        assert (await work(late)).withdrawn == 2
        false = [r for k in range(2) for r in of(await alerts(late.tools), Part.FALSELY_STUCK, k)]
        stuck = [(r["state"], r["over"]) for r in false if r["kind"] == "stuck"]
        assert stuck == [("withdrawn", True), ("acknowledged", True)]
        told = await query(late.tools, "SELECT body::jsonb->'data' AS data FROM outbox WHERE type = 'alert.closed'")
        assert [(t["data"]["kind"], t["data"]["state"]) for t in told] == [("stuck", "withdrawn")]
        desk = AlertDesk(late.tools.pools, Channels({}), Playbook(load_all()))
        await desk.run_once(datetime.now(UTC) + timedelta(hours=1))
        found = await query(late.tools, "SELECT kind, evidence FROM alerts WHERE detail ? 'found_late'")
        [*_, peak] = sorted(row["evidence"] for row in found if row["kind"] == "spike")
        assert re.match(r"Meter m\d+ peaked at .* between 10:00 and 16:00 local on 7 April, 7\d\d % above", peak)
        assert all(row["evidence"].endswith("; found on late readings.") for row in found)
        others = await query(late.tools, "SELECT evidence FROM alerts WHERE NOT detail ? 'found_late'")
        assert not any("late readings" in row["evidence"] for row in others)

    late.portal.call(run)


async def query(tools: Tools, statement: Any) -> list[dict[str, Any]]:
    return await tools.pools.query(statement, tenant_id=None)
