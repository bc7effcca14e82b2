"""The simulated fleet: repeatable, clean without dirt, and each kind of dirt in about its share."""

from __future__ import annotations

from datetime import date

import anyio
import numpy as np
import pytest

from redaptive.cli.meters_fleet import live_sample
from redaptive.errors import InvalidInput
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.simulation.clock import FleetRun, minutes_of
from redaptive.streams.ingest.simulation.gateway import NOTHING, Outgoing, gateways_of
from redaptive.streams.ingest.simulation.senders import SendStatistics

START, METERS, TICKS = 1_767_225_600, 400, 300
CODES = [f"M-{i}" for i in range(METERS)]


def sent(dirt: float, seed: int = 1) -> list[Outgoing]:
    gateways = gateways_of(CODES, ["Wh"] * METERS, 4, seed=seed, dirt=dirt)
    values = np.arange(METERS, dtype=np.int64) + 100
    return [m for t in range(TICKS) for g in gateways for m in g.messages(t, START + 900 * t, values, START)]


def test_without_dirt_every_reading_is_sent_once_as_it_is() -> None:
    found = sent(0.0)
    assert len(found) == 4 * TICKS
    assert sum(m.readings for m in found) == METERS * TICKS
    columns = decode_json(found[0].payload).columns
    assert columns.value.tolist() == list(range(100, 200))
    assert [decode_json(m.payload).sequence for m in found[::4]] == list(range(1, TICKS + 1))


def test_the_same_seed_sends_the_same_bytes_and_another_does_not() -> None:
    assert sent(0.1) == sent(0.1)
    assert sent(0.1) != sent(0.1, seed=2)


def test_each_kind_of_dirt_is_there_in_about_its_share() -> None:
    found, dirt = sent(0.4), 0.4
    messages = [decode_json(m.payload) for m in found]
    batches = 4 * TICKS
    reasons = [r.reason for m in messages for r in m.refused]
    copies = len(found) - len({m.payload for m in found})
    held = len({m.payload for m in found if m.after_ticks})
    ahead = len(
        {
            m.payload
            for m, d in zip(found, messages, strict=True)
            if len(d.columns) and d.columns.start_s[0] == START + 2 * 86_400
        }
    )
    rows = sum(len(m.columns) for m in messages)
    ghosts = sum(code.startswith("GHOST") for m in messages for code in m.columns.codes)
    furlongs = sum(
        int((m.columns.unit_of == m.columns.units.index("furlong")).sum())
        for m in messages
        if "furlong" in m.columns.units
    )
    spikes = sum(int((m.columns.value >= 3_000).sum()) for m in messages)
    for count, share, of in [
        (copies, 1 / 2, batches), (held, 1 / 4, batches), (ahead, 1 / 20, batches),
        (reasons.count("not_json"), 1 / 20, batches),
        (reasons.count("not_a_number"), 1 / 50, rows), (ghosts, 1 / 50, rows),
        (furlongs, 1 / 50, rows), (spikes, 1 / 20, rows),
    ]:  # fmt: skip
        assert count == pytest.approx(share * dirt * of, rel=0.5)


def test_finer_cadence_adds_up() -> None:
    ticks = [(START, np.array([10, NOTHING, -7])), (START + 900, np.array([1, 2, 3]))]
    fine = list(minutes_of(ticks, 900, 60))
    assert [start for start, _ in fine] == [START + 60 * n for n in range(30)]
    first = np.array([values for _, values in fine[:15]])
    assert first[:, 0].sum() == 10
    assert first[:, 2].sum() == -7
    assert set(first[:, 1]) == {NOTHING}


class FakeSender:
    """Counts, and acknowledges nothing."""

    def __init__(self) -> None:
        self.statistics = SendStatistics()
        self.starts: list[int] = []

    def send(self, gateway: int, code: str, payload: bytes, readings: int) -> None:
        self.starts.append(int(decode_json(payload).columns.start_s[0]))

    def close(self, timeout_s: float) -> None:
        """Nothing waits."""


def test_held_messages_leave_in_their_interval() -> None:
    class Late:
        code, number = "late", 0

        def messages(self, tick: int, start_s: int, values: object, now_s: int) -> list[Outgoing]:
            payload = b'{"readings":[{"meter":"A","start":%d,"value":1}]}' % start_s
            return [Outgoing(payload, 1, 2 if tick == 0 else 0)]

    sender = FakeSender()
    run = FleetRun([Late()], sender, 900, 0.0)  # type: ignore[list-item]
    ticks = [(START + 900 * n, np.zeros(1, np.int64)) for n in range(4)]
    anyio.run(lambda: run.play(ticks, until=lambda: False))
    assert [(s - START) // 900 for s in sender.starts] == [1, 2, 0, 3]


def test_the_live_sample_speaks_in_utc_days_without_a_hole() -> None:
    sample = live_sample(20, 900, 1, date(2026, 1, 1))
    ticks = [tick for tick, _ in zip(sample.ticks(), range(200), strict=False)]
    assert [start for start, _ in ticks] == [START + 900 * n for n in range(200)]
    mains = [i for i, meter in enumerate(sample.meters) if meter.interval_s == 900]
    assert all((values[mains] != NOTHING).all() for _, values in ticks)
    with pytest.raises(InvalidInput):
        live_sample(200_000, 900, 1, None)
    with pytest.raises(InvalidInput):
        live_sample(20, 7, 1, None)
