"""The timer for silent meters on a real PostgreSQL: days of silence, one alert a gateway, restarts, and the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.integration.alert_world import World, in_world, many_meters
from tests.integration.running_app import RunningApp
from tests.integration.stream_fleet import batch_of

from redaptive.infrastructure.messaging.batches import encode
from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook
from redaptive.streams.leases import Lease
from redaptive.streams.ownership import present_fleets
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.silence import SilenceTimer, raise_silent

OF = 1_000_000
"""So many partitions that each shard has its own."""
SILENT_DAYS = 3
Run = Callable[..., Any]


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


async def scorers_of(world: World) -> dict[int, PartitionScorer]:
    """As a worker that has just taken the partitions of the tenant's meters, without any state."""
    numbers = sorted({row["meter_no"] >> 10 for row in world.meters.values()})
    fleets = await present_fleets(world.worker, numbers, OF)
    return {p: PartitionScorer(Lease(p, 1, 0, {}, {}), fleets[p], (), {}) for p in numbers}


def send(scorers: dict[int, PartitionScorer], world: World, intervals: Sequence[int], codes: Collection[str]) -> None:
    """A reading of each of these meters in these intervals of 15 minutes since the epoch."""
    for partition, scorer in scorers.items():
        numbers = [row["meter_no"] for code, row in world.meters.items() if code in codes]
        meters = np.array([number for number in numbers if number >> 10 == partition], np.int32)
        for k in intervals:
            starts = np.full(len(meters), k * 900)
            batch = batch_of(meters, starts, starts % 7 + 5, gateway=0, sequence=-1, received_s=(k + 1) * 900.0)
            scorer.score(scorer.decode([(scorer.position + 1, encode(batch))]))


def test_meters_silent_for_days_are_one_alert_a_gateway_whoever_looks(run: Run) -> None:
    now = int(datetime.now(UTC).timestamp()) // 900
    last = now - SILENT_DAYS * 96
    silent, alive = ([f"M{k:04}" for k in numbers] for numbers in (range(43), range(43, 80)))

    async def look(world: World, timer: SilenceTimer, scorers: dict[int, PartitionScorer]) -> int:
        found = await raise_silent(timer, world.worker, scorers, OF)
        desk = AlertDesk(world.worker, Channels({}), Playbook(load_all()))
        await desk.run_once(datetime.now(UTC) + timedelta(minutes=5))
        return found

    async def work(world: World) -> None:
        scorers = await scorers_of(world)
        send(scorers, world, range(last - 3, last + 1), silent)
        send(scorers, world, [now - 2, now - 1], alive)
        assert await look(world, SilenceTimer(), scorers) == 0, "nobody has watched them for an hour yet"
        patient = SilenceTimer(watched_s=0)
        assert await look(world, patient, scorers) == 43
        assert await look(world, patient, scorers) == 0
        shown = await world.rows("kind, ended_at", "state = 'open'")
        assert sorted(row["kind"] for row in shown) == ["gap"] * 3 + ["gateway_silent"] * 2
        everything = await world.rows()
        assert len(everything) == 43 + 2
        assert {row["since"] for row in everything} == {datetime.fromtimestamp((last + 1) * 900, UTC)}
        # A worker that starts anew says the same again, and nothing comes of it.
        again = await scorers_of(world)
        send(again, world, range(last - 3, last + 1), silent)
        send(again, world, [now - 2, now - 1], alive)
        assert await look(world, SilenceTimer(watched_s=0), again) == 43
        assert await world.rows("id, state, ended_at") == [
            {k: row[k] for k in ("id", "state", "ended_at")} for row in everything
        ]
        # What the gateways had kept comes in order: the kernel sees no gap, and the timer ends the alerts.
        send(again, world, range(last + 1, now), silent)
        await look(world, patient, again)
        assert not await world.rows(where="ended_at IS NULL AND meter_no IS NOT NULL")
        await look(world, patient, again)
        assert not await world.rows(where="state = 'open'")

    run(work, many_meters(80), g1=20, g2=20)
