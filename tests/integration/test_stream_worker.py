"""The worker on real servers: the golden stream, poison, new meters, handover, a server that is away, zombies."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import anyio
import numpy as np
import psycopg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from psycopg.conninfo import make_conninfo
from tests.fakes.full_disk import FullDiskStore
from tests.integration.stream_fleet import CADENCE_S, START_S, ZONE, StreamFleet, batch_of, golden_stream, make_fleet
from tests.integration.stream_reference import SPAN, stored, undisturbed
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.domain.detectors.kinds import REGISTER
from redaptive.domain.intervals import local_day
from redaptive.errors import Conflict
from redaptive.infrastructure.database.bootstrap import DATABASE
from redaptive.infrastructure.messaging.batches import ReadingBatch, encode
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.partitions import log_key, split
from redaptive.infrastructure.messaging.positions import added_ms
from redaptive.streams.aside import WHAT_TO_DO, AsideFilter, each_aside, readings_aside, send_again
from redaptive.streams.late.counting import count_late_days
from redaptive.streams.leases import Leases
from redaptive.streams.read_ahead import ReadAhead
from redaptive.streams.replay import ReplayRequest
from redaptive.streams.replay import replay as run_replay
from redaptive.streams.serving import worker_metrics
from redaptive.streams.status import stream_status
from redaptive.streams.worker import StreamWorker, Tools

PARTITIONS = 4
INTERVALS = 120

EVERYTHING = AsideFilter(limit=100_000)


@pytest.fixture(scope="module")
def servers() -> Iterator[StreamServers]:
    with stream_servers(stream_partitions=PARTITIONS, flush_interval_s=0.2, lease_s=2.0) as found:
        yield found


@pytest.fixture(scope="module")
def fleet(servers: StreamServers) -> StreamFleet:
    """50 meters in each of four shards."""
    return make_fleet(servers.endpoints.database.url, [s * 1024 + k + 1 for s in range(4) for k in range(50)])


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as found:
        yield found


@pytest.fixture(scope="module")
def tools(servers: StreamServers, portal: BlockingPortal) -> Iterator[Tools]:
    with portal.wrap_async_context_manager(worker_tools(servers)) as found:
        yield found


@asynccontextmanager
async def working(worker: StreamWorker) -> AsyncIterator[StreamWorker]:
    """The worker at work; stopped in order at the end."""
    async with anyio.create_task_group() as group:
        group.start_soon(worker.run)
        try:
            yield worker
        finally:
            worker.stop()


async def send(tools: Tools, batches: list[ReadingBatch]) -> list[int]:
    """Append batches; their positions."""
    entries = [(p, encode(part)) for batch in batches for p, part in split(batch, PARTITIONS)]
    return await tools.reading_log.append_many(entries)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds; the test's own time limit ends it."""
    with anyio.fail_after(30):
        while not await condition():  # noqa: ASYNC110 - asks a server
            await anyio.sleep(0.02)


async def caught_up(tools: Tools) -> bool:
    ends = {end.partition: end.last for end in await tools.reading_log.ends()}
    rows = await tools.pools.query("SELECT partition, position FROM stream_partition", tenant_id=None)
    return len(rows) == PARTITIONS and all(row["position"] >= ends[row["partition"]] for row in rows)


async def count(tools: Tools, statement: Any, *values: Any) -> int:
    rows = await tools.pools.query(statement, values, tenant_id=None)
    return int(rows[0]["n"])


def test_the_golden_stream_ends_as_in_one_undisturbed_pass(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    batches = golden_stream(fleet, INTERVALS, seed=5)

    async def work() -> None:
        async with working(StreamWorker(tools)):
            for k in range(0, len(batches), 100):
                await send(tools, batches[k : k + 100])
            await until(partial(caught_up, tools))
        expected = await undisturbed(tools, fleet.meters.tolist())
        found = await stored(tools, fleet.meters.tolist())
        assert found == expected
        assert expected.rows > 0.9 * INTERVALS * len(fleet.meters)
        assert len({kind for _, kind, _ in expected.alerts}) >= 3
        assert {reason for *_, reason in expected.rejected} == {"future", "bad", "misaligned", "unknown"}
        assert await count(tools, "SELECT count(*) AS n FROM stream_partition WHERE owner IS NOT NULL") == 0
        assert await count(tools, "SELECT count(*) AS n FROM late_day") > 0

    portal.call(work)


def test_what_was_put_aside_is_told_by_meter_and_reason(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    async def work() -> None:
        tenants = await tools.pools.query("SELECT DISTINCT tenant_id FROM rejected_reading", tenant_id=None)
        found = [one for row in tenants for one in await readings_aside(tools.pools, row["tenant_id"], EVERYTHING)]
        assert {one.reason for one in found} == {"future", "bad", "misaligned", "unknown"} <= WHAT_TO_DO.keys()
        assert sum(one.readings for one in found) == await count(tools, "SELECT count(*) AS n FROM rejected_reading")
        assert all(one.first <= one.last for one in found)
        off_grid = AsideFilter(reason="misaligned", limit=10_000)
        only = [one for row in tenants for one in await readings_aside(tools.pools, row["tenant_id"], off_grid)]
        assert only == [one for one in found if one.reason == "misaligned"]
        assert {one.interval_s for one in only} == {CADENCE_S}

    portal.call(work)


def test_a_replay_finds_what_is_live_and_mends_state_that_is_not(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    whole = ReplayRequest("log", datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

    async def work() -> None:
        rows = tools.store.statistics().hot_rows
        same = await run_replay(tools, whole)
        assert (same.partitions_equal, same.partitions, same.partitions_ahead) == (PARTITIONS, PARTITIONS, 0)
        assert same.alerts_same
        assert same.differences == {}
        assert not same.alerts_only_live
        assert not same.alerts_only_shadow
        async with tools.pools.transaction(None) as connection:
            await connection.execute("DELETE FROM kernel_state")
        lost = await run_replay(tools, whole)
        assert lost.partitions_equal == 0
        assert all("there is no live state" in why for why in lost.differences.values())
        async with working(StreamWorker(tools)) as worker:
            await until(lambda: held(worker, PARTITIONS))
            mended = await run_replay(tools, whole, accept_as="tester")
            assert mended.accepted
            nothing = replace(
                whole, source="store", start=datetime(2021, 1, 1, tzinfo=UTC), end=datetime(2021, 1, 2, tzinfo=UTC)
            )
            with pytest.raises(Conflict, match="would empty the state"):
                await run_replay(tools, nothing, accept_as="tester")
            await until(lambda: held(worker, PARTITIONS))
        assert (await run_replay(tools, whole)).partitions_equal == PARTITIONS
        assert tools.store.statistics().hot_rows == rows
        assert await count(tools, "SELECT count(*) AS n FROM replay_run WHERE accepted_by = 'tester'") == 1
        (first, *_) = await tools.reading_log.read_after(0, 0, count=1)
        after_it = datetime.fromtimestamp(added_ms(first.position) / 1000, UTC) + timedelta(milliseconds=2)
        late = await run_replay(tools, replace(whole, start=after_it))
        assert "entries that made it were replayed" in late.differences[0]

    portal.call(work)


def test_a_replay_of_the_store_builds_state_from_stored_readings(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    first = datetime.fromtimestamp(START_S, UTC)
    request = ReplayRequest("store", first, first + timedelta(days=3))

    async def work() -> None:
        report = await run_replay(tools, request)
        stored_rows = tools.store.readings(fleet.meters.tolist(), request.start, request.end).height
        assert report.readings == report.verdicts["ok"] == stored_rows > 0
        assert (report.partitions_ahead, len(report.differences) + report.partitions_equal) == (0, PARTITIONS)
        # What is live has read on since: nothing is blamed for that.
        early = await run_replay(tools, replace(request, end=first + timedelta(days=1)))
        assert (early.partitions_ahead, early.partitions_equal, early.differences) == (PARTITIONS, 0, {})

    portal.call(work)


def test_days_with_late_readings_are_counted_again(tools: Tools, fleet: StreamFleet, portal: BlockingPortal) -> None:
    async def work() -> None:
        noted = await count(tools, "SELECT count(*) AS n FROM late_day WHERE judged_at IS NULL")
        everything = partial(count_late_days, tools.pools, tools.store, range(PARTITIONS), of=PARTITIONS, quiet_s=0.0)
        assert await everything() == noted > 0
        assert await everything() == 0
        rows = await tools.pools.query("SELECT meter_no, local_day, finding FROM late_day", tenant_id=None)
        for row in rows[:5]:
            span = local_day(row["local_day"], ZONE)
            frame = tools.store.readings([row["meter_no"]], span.start, span.end)
            assert row["finding"]["found"] == frame.height
            assert row["finding"]["energy_wh"] == frame["value"].sum()
            assert row["finding"]["expected"] in {92, 96}, "the clock change of 8 March leaves 23 hours"
        open_gaps = await count(
            tools,
            "SELECT count(*) AS n FROM alerts a JOIN late_day d ON d.meter_id = a.meter_id WHERE a.kind = 'gap'"
            " AND a.ended_at IS NULL AND a.confirmed_at IS NOT NULL"
            " AND (d.finding->>'found')::int >= (d.finding->>'expected')::int"
            " AND (a.since AT TIME ZONE 'America/New_York')::date = d.local_day",
        )
        assert open_gaps == 0

    portal.call(work)


def test_status_counts_what_is_stored_and_what_lags(tools: Tools, fleet: StreamFleet, portal: BlockingPortal) -> None:
    start = START_S + 450 * CADENCE_S
    starts = np.full(len(fleet.meters), start)
    batch = batch_of(fleet.meters, starts, starts % 7, gateway=0, sequence=-1, received_s=start + 900.0)

    async def work() -> None:
        async with working(StreamWorker(tools)) as worker:
            await until(lambda: held(worker, PARTITIONS))
            status = await stream_status(tools.pools, tools.reading_log)
            assert (status.lag_entries, status.lag_seconds) == (0, 0.0)
            assert [w.partitions for w in status.workers if w.worker == worker.owned.leases.worker] == [PARTITIONS]
        await anyio.sleep(1.5)  # nothing comes: that is no lag
        began = time.time()
        await send(tools, [batch])
        behind = await stream_status(tools.pools, tools.reading_log)
        assert behind.lag_entries == PARTITIONS
        assert 0 <= behind.lag_seconds <= time.time() - began + 0.001  # positions are whole milliseconds
        assert behind.counts["readings"] == status.counts["readings"]
        assert behind.rejected.keys() >= {"future", "bad", "misaligned", "unknown"}
        assert not any(p.alive for p in behind.partitions)
        async with working(StreamWorker(tools)):
            await until(partial(caught_up, tools))
        after = await stream_status(tools.pools, tools.reading_log)
        assert after.counts["readings"] == behind.counts["readings"] + len(fleet.meters)

    portal.call(work)


def test_poison_and_strangers_are_kept_and_the_partition_goes_on(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    start = np.array([START_S + 500 * CADENCE_S])
    good = batch_of(fleet.meters[:1], start, [77], gateway=0, sequence=-1, received_s=float(start[0]) + 900)
    stranger = batch_of([3_000_000], start, [1], gateway=0, sequence=-1, received_s=float(start[0]) + 900)

    async def work() -> None:
        await tools.reading_log.append(0, b"no batch")
        await send(tools, [stranger, good, good])
        before = await count(tools, "SELECT sum((counters->>'known_batches')::int) AS n FROM stream_partition")
        async with working(StreamWorker(tools)):
            await until(partial(caught_up, tools))
        rows = await tools.pools.query("SELECT reason, body FROM dead_letter ORDER BY reason", tenant_id=None)
        assert [(row["reason"], bytes(row["body"])[:2]) for row in rows] == [
            ("unreadable", b"no"),
            ("without_tenant", b"RB"),
        ]
        after = await count(tools, "SELECT sum((counters->>'known_batches')::int) AS n FROM stream_partition")
        assert after == before + 1
        latest = tools.store.latest([int(fleet.meters[0])])
        assert latest["value"].to_list() == [77]

    portal.call(work)


def test_partitions_are_shared_out_and_taken_over(tools: Tools, portal: BlockingPortal) -> None:
    async def work() -> None:
        first, second = StreamWorker(tools, name="first"), StreamWorker(tools, name="second")
        async with working(first):
            await until(lambda: held(first, PARTITIONS))
            async with working(second):
                await until(lambda: held(second, PARTITIONS // 2))
                await until(lambda: held(first, PARTITIONS // 2))
            await until(lambda: held(first, PARTITIONS))

    portal.call(work)


async def held(worker: StreamWorker, number: int) -> bool:
    return len(worker.owned.scorers) == number


def test_a_worker_that_lost_its_partitions_commits_nothing(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    """The zombie wakes up after somebody else has taken everything: its flush finds the fence."""
    start = START_S + 600 * CADENCE_S
    batch = batch_of(
        fleet.meters,
        np.full(len(fleet.meters), start),
        np.arange(200),
        gateway=0,
        sequence=-1,
        received_s=start + 900.0,
    )

    async def work() -> None:
        zombie = StreamWorker(tools, name="zombie")
        await zombie.owned.leases.prepare()
        await zombie.owned.beat({})
        await zombie.owned.take()
        await send(tools, [batch])
        await zombie._take_in(await ReadAhead(tools.reading_log).next(zombie.owned.readable()))
        async with tools.pools.transaction(None) as connection:
            await connection.execute("UPDATE stream_partition SET lease_until = now() - interval '1 s'")
        async with working(StreamWorker(tools, name="heir")):
            await until(partial(caught_up, tools))
            before = await tools.pools.query("SELECT * FROM stream_partition ORDER BY partition", tenant_id=None)
            await zombie.flush()
        assert not zombie.owned.scorers
        assert zombie.figures.lost_partitions == PARTITIONS
        after = await tools.pools.query("SELECT * FROM stream_partition ORDER BY partition", tenant_id=None)
        assert [row["position"] for row in after] == [row["position"] for row in before]
        found = tools.store.statistics()
        whole = tools.store.readings(fleet.meters.tolist(), *SPAN)
        assert found.hot_rows + found.sealed_rows == whole.height

    portal.call(work)


def test_a_dead_worker_of_a_clock_that_was_set_back_keeps_nothing(tools: Tools, portal: BlockingPortal) -> None:
    """As after the database's clock went back by an hour: leases and signs of life lie an hour ahead."""
    stepped = "UPDATE stream_partition SET owner = 'dead', lease_until = clock_timestamp() + interval '1 h'"
    ghost = (
        "INSERT INTO stream_worker (worker, host, pid, figures, seen_at)"
        " VALUES ('dead', 'gone', 1, '{}', clock_timestamp() + interval '1 h')"
    )

    async def work() -> None:
        async with tools.pools.transaction(None) as connection:
            await connection.execute(stepped)
            await connection.execute(ghost)
        try:
            async with working(StreamWorker(tools, name="heir")) as heir:
                await until(lambda: held(heir, PARTITIONS))
                # A living owner's lease is renewed every second, so a step of the clock costs it nothing.
                async with tools.pools.transaction(None) as connection:
                    await connection.execute("UPDATE stream_partition SET lease_until = now() + interval '1 h'")
                await anyio.sleep(1.5)
                ahead = "SELECT count(*) AS n FROM stream_partition WHERE lease_until > now() + interval '1 min'"
                assert await count(tools, ahead) == 0
                assert await held(heir, PARTITIONS)
        finally:
            async with tools.pools.transaction(None) as connection:
                await connection.execute("DELETE FROM stream_worker WHERE worker = 'dead'")

    portal.call(work)


def test_a_meter_that_is_registered_meanwhile_is_scored(
    servers: StreamServers, tools: Tools, portal: BlockingPortal
) -> None:
    async def work() -> None:
        async with working(StreamWorker(tools)) as worker:
            await until(lambda: held(worker, PARTITIONS))
            added = await anyio.to_thread.run_sync(make_fleet, servers.endpoints.database.url, [40 * 1024 + 1])
            start = np.array([START_S + 700 * CADENCE_S])
            new = batch_of(added.meters, start, [5], gateway=0, sequence=-1, received_s=float(start[0]) + 900)
            await send(tools, [new])
            await until(partial(caught_up, tools))
        assert tools.store.latest(added.meters.tolist())["value"].to_list() == [5]

    portal.call(work)


def test_fleets_registered_one_after_the_other_are_known_at_once(
    servers: StreamServers, tools: Tools, portal: BlockingPortal
) -> None:
    """Each registration is followed by readings at once: none may be judged by a list read before it."""
    start = START_S + 720 * CADENCE_S

    async def work() -> None:
        before = await count(tools, "SELECT sum((counters->>'unknown')::int) AS n FROM stream_partition")
        async with working(StreamWorker(tools)) as worker:
            await until(lambda: held(worker, PARTITIONS))
            for k in range(8):
                numbers = [(60 + k % 3) * 1024 + 10 + k]
                added = await anyio.to_thread.run_sync(make_fleet, servers.endpoints.database.url, numbers)
                starts = np.array([start])
                await send(
                    tools, [batch_of(added.meters, starts, starts % 7, gateway=0, sequence=-1, received_s=start + 9)]
                )
            await until(partial(caught_up, tools))
        assert await count(tools, "SELECT sum((counters->>'unknown')::int) AS n FROM stream_partition") == before

    portal.call(work)


def test_a_meter_registered_between_store_and_offset_is_not_lost(
    servers: StreamServers, tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    """The store has the token, the database not the offset: the new owner sees a meter that the old one did not."""
    start = START_S + 750 * CADENCE_S
    meters = np.array([44 * 1024 + 1, *fleet.meters.tolist()], np.int32)
    starts = np.full(len(meters), start)
    batch = batch_of(
        meters, starts, starts % 13 + 5, gateway=fleet.gateways[0], sequence=5_000, received_s=start + 901.0
    )

    def die(step: str) -> None:
        if step == "stored":
            raise RuntimeError("dead")

    async def work() -> None:
        await send(tools, [batch])
        with pytest.raises(ExceptionGroup):
            await StreamWorker(replace(tools, step=die)).run()
        rows = tools.store.statistics().hot_rows
        assert tools.store.latest([44 * 1024 + 1]).is_empty()
        await anyio.to_thread.run_sync(make_fleet, servers.endpoints.database.url, [44 * 1024 + 1])
        async with working(StreamWorker(tools)):
            await until(partial(caught_up, tools))
        assert tools.store.latest([44 * 1024 + 1]).height == 1
        assert tools.store.statistics().hot_rows == rows + 1

    portal.call(work)


def test_the_number_of_partitions_is_fixed(tools: Tools, portal: BlockingPortal) -> None:
    async def work() -> None:
        with pytest.raises(Conflict, match="has 4 partitions"):
            await Leases(tools.pools, "other", partitions=8, lease_s=5.0).prepare()

    portal.call(work)


def test_a_database_that_is_away_stops_reading_and_then_all_is_caught_up(
    servers: StreamServers, tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    start = START_S + 800 * CADENCE_S
    few = replace(tools, settings=tools.settings.model_copy(update={"flush_readings": 100}))
    batches = [
        batch_of(
            fleet.meters,
            np.full(len(fleet.meters), start + k * CADENCE_S),
            np.full(len(fleet.meters), 1_000 + k),
            gateway=fleet.gateways[0],
            sequence=10_000 + k,
            received_s=start + (k + 1) * CADENCE_S,
        )
        for k in range(20)
    ]

    async def work() -> None:
        async with working(StreamWorker(few)) as worker:
            await until(lambda: held(worker, PARTITIONS))
            await anyio.to_thread.run_sync(servers.stop_database)
            await send(tools, batches)
            with anyio.move_on_after(1.5):
                while worker.figures.readings < 20 * len(fleet.meters):  # noqa: ASYNC110 - has no event
                    await anyio.sleep(0.05)
            assert worker.unflushed < 20 * len(fleet.meters)
            await anyio.to_thread.run_sync(servers.start_database)
            await until(lambda: answered(tools))
            await until(partial(caught_up, tools))
        latest = tools.store.latest(fleet.meters.tolist())
        assert latest["value"].to_list() == [1_019] * len(fleet.meters)

    portal.call(work)


def test_a_full_disk_holds_readings_back_until_there_is_room(
    tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    start = START_S + 900 * CADENCE_S
    disk = FullDiskStore(tools.store, refusals=3)
    full = replace(tools, store=disk)  # type: ignore[arg-type]
    starts = np.full(len(fleet.meters), start)
    batch = batch_of(fleet.meters, starts, starts % 11 + 3, gateway=0, sequence=-1, received_s=start + 900.0)

    async def work() -> None:
        rows = tools.store.statistics().hot_rows
        async with working(StreamWorker(full)) as worker:
            await send(tools, [batch])
            await until(partial(caught_up, tools))
        assert disk.refusals == 0
        assert worker.figures.flush_attempts >= worker.figures.flushes + 3
        assert tools.store.statistics().hot_rows == rows + len(fleet.meters)

    portal.call(work)


def test_a_register_begun_anew_and_a_gateway_clock_are_told(
    servers: StreamServers, tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    meter, start = fleet.meters[7:8], START_S + 930 * CADENCE_S
    with psycopg.connect(make_conninfo(servers.endpoints.database.url, dbname=DATABASE)) as connection:
        connection.execute(
            "UPDATE meter_stream x SET register_digits = 5 FROM meters m WHERE m.id = x.meter_id AND m.meter_no = %s",
            (int(meter[0]),),
        )
    one, two = fleet.gateways[:2]
    counts = [(0, 700), (1, 710), (2, 3)]
    registers = [
        batch_of(meter, [start + k * CADENCE_S], [n], gateway=one, sequence=9000 + k, received_s=start + 3600.0)
        for k, n in counts
    ]
    registers = [replace(batch, flags=np.full(1, REGISTER, np.uint8)) for batch in registers]
    ahead = [
        batch_of(fleet.of_gateway(1), np.full(25, start), np.ones(25), gateway=two, sequence=9000 + k, received_s=at)
        for k, at in enumerate((start - 86_400.0, start + 900.0))
    ]
    reset = "SELECT body::jsonb->'data' AS data FROM outbox WHERE type = 'meter.register_reset'"
    alerts = "SELECT kind, meter_no, gateway_no, ended_at IS NOT NULL AS over FROM alerts WHERE kind = ANY(%s)"

    async def work() -> None:
        async with working(StreamWorker(tools)):
            await send(tools, [*registers, ahead[0]])
            await until(partial(caught_up, tools))
            [event] = await tools.pools.query(reset, (), tenant_id=None)
            assert (event["data"]["before_counts"], event["data"]["after_counts"]) == (710, 3)
            found = await tools.pools.query(alerts, (["register_reset", "gateway_clock"],), tenant_id=None)
            assert {(r["kind"], r["meter_no"], r["gateway_no"], r["over"]) for r in found} == {
                ("register_reset", int(meter[0]), None, True), ("gateway_clock", None, two, False),
            }  # fmt: skip
            [owner] = await tools.pools.query(
                "SELECT tenant_id FROM meters WHERE meter_no = %s", (int(meter[0]),), tenant_id=None
            )
            fell = AsideFilter(reason="register_reset", limit=9)
            assert await send_again(tools.pools, tools.reading_log, owner["tenant_id"], fell) == 0, "nothing mends it"
            assert [one.is_register for one in await each_aside(tools.pools, owner["tenant_id"], fell)] == [True]
            await send(tools, [ahead[1]])
            await until(partial(caught_up, tools))
            found = await tools.pools.query(alerts, (["gateway_clock"],), tenant_id=None)
            assert [r["over"] for r in found] == [True]

    portal.call(work)


def test_a_log_that_lost_its_end_is_noticed_and_new_entries_are_read(
    servers: StreamServers, tools: Tools, fleet: StreamFleet, portal: BlockingPortal
) -> None:
    start = START_S + 950 * CADENCE_S
    starts = np.full(len(fleet.meters), start)
    batch = batch_of(fleet.meters, starts, starts % 17 + 1, gateway=0, sequence=-1, received_s=start + 900.0)

    async def work() -> None:
        client = connect(servers.endpoints.log.url)
        await client.delete(log_key(0))
        await client.aclose()
        async with working(StreamWorker(tools)) as worker:
            await until(lambda: held(worker, PARTITIONS))
            assert worker.owned.guards["log_regressed"] == 1
            await worker.owned.check_log()
            assert worker.owned.guards["log_regressed"] == 1, "the stream was moved forward"
            await send(tools, [batch])
            await until(partial(caught_up, tools))
            page = worker_metrics(worker, tools).exposition().decode()
        assert "redaptive_stream_log_regressed 1.0" in page
        assert tools.store.latest(fleet.meters.tolist())["value"].to_list() == (starts % 17 + 1).tolist()

    portal.call(work)


async def answered(tools: Tools) -> bool:
    return (await tools.pools.health()).ok


def test_what_was_put_aside_is_taken_once_its_meter_is_mended(
    servers: StreamServers, tools: Tools, portal: BlockingPortal
) -> None:
    """A sender that repeats itself is told apart from one whose meter was corrected: the first changes nothing."""
    start = START_S + 480 * CADENCE_S
    added = make_fleet(servers.endpoints.database.url, [80 * 1024 + 3])
    meter, starts = added.meters, start + CADENCE_S * np.arange(4)
    batch = batch_of(meter.repeat(4), starts, np.array([1, 2, 3, 4]), gateway=0, sequence=-1, received_s=starts[-1] + 9)
    interval = "UPDATE meters SET interval_s = {} WHERE meter_no = %s"

    async def set_interval(seconds: int) -> None:
        statement = interval.format(seconds)
        await anyio.to_thread.run_sync(_run_as_superuser, servers, statement, int(meter[0]))

    async def waiting(tenant: UUID, code: str) -> list[tuple[datetime, int, str]]:
        return [(one.start, one.value, one.reason) for one in await each_aside(tools.pools, tenant, EVERYTHING)
                if one.meter == code]  # fmt: skip

    async def work() -> None:
        owner = await tools.pools.query("SELECT tenant_id, code FROM meters WHERE meter_no = %s", (int(meter[0]),),
                                        tenant_id=None)  # fmt: skip
        tenant, code = owner[0]["tenant_id"], owner[0]["code"]
        await set_interval(4 * CADENCE_S)
        async with working(StreamWorker(tools)):
            await send(tools, [batch])
            await until(partial(caught_up, tools))
        at = [datetime.fromtimestamp(int(s), UTC) for s in starts]
        assert await waiting(tenant, code) == [(at[k], k + 1, "misaligned") for k in (1, 2, 3)]
        await set_interval(CADENCE_S)
        async with working(StreamWorker(tools)):
            await send(tools, [batch])
            await until(partial(caught_up, tools))
            assert len(await waiting(tenant, code)) == 3, "the same message again is known"
            assert await send_again(tools.pools, tools.reading_log, tenant, AsideFilter(meter=code, limit=9)) == 3
            await until(partial(caught_up, tools))
        assert await waiting(tenant, code) == []
        assert await send_again(tools.pools, tools.reading_log, tenant, AsideFilter(meter=code, limit=9)) == 0
        rows = tools.store.latest(meter.tolist())
        assert rows["value"].to_list() == [4]

    portal.call(work)


def _run_as_superuser(servers: StreamServers, statement: str, *values: object) -> None:
    with psycopg.connect(make_conninfo(servers.endpoints.database.url, dbname=DATABASE), autocommit=True) as connection:
        connection.execute(statement, values)
