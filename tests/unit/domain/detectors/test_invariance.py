"""One batch equals many small ones, bit for bit; meter order, partitions and duplicates change nothing."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.detectors.stream import calendar, rows

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import SiteHours
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Outcome, Rows

OFFICE = ((7.0, 19.0),) * 5 + (None, None)
CALENDAR = calendar(SiteHours("America/New_York", opening=OFFICE), SiteHours("Asia/Kathmandu"))
SHARDS, METERS = (3, 7), 12
CADENCES_S = (900, 3600, 60, 86_400)


def _params() -> MeterParams:
    params = MeterParams.blank(2048)
    meters = _index(np.arange(METERS))
    params.put(meters, cadence_s=[CADENCES_S[k % 4] for k in range(METERS)], cap_wh=100_000)
    params.put(meters, calendar_id=np.arange(METERS) % 2, may_export=np.arange(METERS) % 5 == 0)
    params.put(meters[1::4], register_digits=6)
    return params


def _index(meter: np.ndarray) -> np.ndarray:
    """Meters spread over both shards."""
    return meter * 170


def _dirty(seed: int, days: int = 3) -> Rows:
    """A stream in log order: ordinary, repeated, late, future, off-grid, negative, huge, register and lost readings."""
    rng = np.random.default_rng(seed)
    meter = rng.integers(0, METERS, 600)
    cadence = np.array(CADENCES_S)[meter % 4]
    begin = CALENDAR.first_s + 66 * 86_400  # holds the change to daylight time in New York
    received = begin + np.sort(rng.integers(0, days * 86_400, len(meter)))
    start = received // cadence * cadence
    start = np.where(rng.random(len(meter)) < 0.1, start - cadence * rng.integers(1, 80, len(meter)), start)
    start = np.where(rng.random(len(meter)) < 0.02, start + 7, start)
    start = np.where(rng.random(len(meter)) < 0.02, start + 30 * 86_400, start)
    value = (1000 + 200 * rng.normal(size=len(meter))).astype(np.int64)
    value = np.where(rng.random(len(meter)) < 0.03, -5, np.where(rng.random(len(meter)) < 0.03, 30_000, value))
    is_register = meter % 4 == 1
    value = np.where(is_register, (received - begin) // 100 % 1_000_000, value)
    temperature = np.where(rng.random(len(meter)) < 0.1, np.nan, 10 + rng.normal(size=len(meter)))
    return rows(
        _index(meter), start, value, flags=is_register * REGISTER, received_s=received, temperature_c=temperature,
        entry=np.arange(len(meter)),
    )  # fmt: skip


def _warm(state: State) -> None:
    """Let every meter look as if it had run for weeks, so that all detectors speak."""
    state.columns["expectation.seen_h"][:] = 1000.0
    state.columns["expectation.scale"][:] = 900.0
    state.columns["expectation.level"][:] = 1000.0
    state.columns["expectation.spread"][:] = 40.0
    state.columns["meter.day"][:] = 0


def _run(stream: Rows, cuts: list[int], shards: tuple[int, ...] = SHARDS) -> tuple[State, list[Outcome]]:
    state, params = State(shards), _params()
    _warm(state)
    edges = sorted({0, len(stream), *(c % len(stream) for c in cuts)})
    pieces = [stream.take(np.arange(a, b)) for a, b in pairwise(edges)]
    return state, [kernel.score(state, piece, params, CALENDAR) for piece in pieces]


def _joined(outcomes: list[Outcome], name: str) -> np.ndarray:
    return np.concatenate([getattr(o, name) for o in outcomes])


def _transitions(outcomes: list[Outcome]) -> list[tuple[object, ...]]:
    names = [f.name for f in fields(outcomes[0].transitions) if f.name != "row"]
    columns = [np.concatenate([getattr(o.transitions, name) for o in outcomes]).tolist() for name in names]
    return sorted(repr(row) for row in zip(*columns, strict=True))


@settings(max_examples=8)
@given(st.integers(0, 5), st.lists(st.integers(1, 599), max_size=40))
def test_splitting_changes_nothing(seed: int, cuts: list[int]) -> None:
    stream = _dirty(seed)
    whole, one = _run(stream, [])
    parts, many = _run(stream, cuts)
    assert parts.checksum() == whole.checksum()
    for name in ("verdict", "energy", "kinds", "measured", "intervals", "register_reset"):
        np.testing.assert_array_equal(_joined(many, name), _joined(one, name))
    for name in ("expected", "score"):
        np.testing.assert_array_equal(_joined(many, name).view(np.int32), _joined(one, name).view(np.int32))
    assert _transitions(many) == _transitions(one)


def test_the_dirty_stream_has_every_verdict_and_many_alarms() -> None:
    _, outcomes = _run(_dirty(0), [])
    assert set(outcomes[0].verdict.tolist()) >= {v.value for v in Verdict} - {Verdict.UNKNOWN.value}
    assert len(outcomes[0].transitions) > 50
    assert len(set(outcomes[0].transitions.kind.tolist())) >= 5


@settings(max_examples=3)
@given(st.integers(0, 5), st.integers(0, 1000))
def test_meter_order_changes_nothing(seed: int, order: int) -> None:
    stream = _dirty(seed)
    whole, _ = _run(stream, [])
    ranks = np.random.default_rng(order).permutation(2048)
    mixed = stream.take(np.argsort(ranks[stream.index], kind="stable"))
    other, _ = _run(mixed, [])
    assert other.checksum() == whole.checksum()


def test_blocks_in_another_order_hold_the_same_state() -> None:
    stream = _dirty(1)
    whole, one = _run(stream, [])
    swapped = Rows(**{**vars(stream), "index": (stream.index + 1024) % 2048})
    state, params = State(SHARDS[::-1]), _params()
    _warm(state)
    moved = MeterParams(**{name: np.roll(column, 1024) for name, column in vars(params).items()})
    outcome = kernel.score(state, swapped, moved, CALENDAR)
    assert state.checksum() == whole.checksum()
    np.testing.assert_array_equal(outcome.verdict, one[0].verdict)


def test_partitions_apart_give_the_same_outcome() -> None:
    stream = _dirty(2)
    _, one = _run(stream, [])
    state, params = State(SHARDS), _params()
    _warm(state)
    for shard in (0, 1):
        at = np.flatnonzero(stream.index >> 10 == shard)
        part = kernel.score(state, stream.take(at), params, CALENDAR)
        np.testing.assert_array_equal(part.verdict, one[0].verdict[at])
        np.testing.assert_array_equal(part.kinds, one[0].kinds[at])


def test_repeated_readings_change_no_state() -> None:
    stream = _dirty(3)
    once, _ = _run(stream, [])
    possible = stream.take(np.flatnonzero(stream.value >= 0))
    clean, _ = _run(possible, [])
    twice = possible.take(np.repeat(np.arange(len(possible)), 2))
    again, outcomes = _run(twice, [7, 400, 401])
    assert again.checksum() == clean.checksum()
    assert once.checksum() != clean.checksum()
    verdict = _joined(outcomes, "verdict").reshape(-1, 2)
    stored = (verdict[:, 0] == Verdict.OK) | (verdict[:, 0] == Verdict.LATE)
    assert (verdict[stored, 1] == Verdict.DUPLICATE).all()


def test_disorder_within_an_entry_changes_nothing() -> None:
    start = CALENDAR.first_s + 86_400 * 20 + np.arange(50) * 900
    ordered = rows(0, start, np.arange(50), received_s=start.max())
    mixed = ordered.take(np.random.default_rng(1).permutation(50))
    states = []
    for stream in (ordered, mixed):
        state = State(SHARDS)
        outcome = kernel.score(state, stream, _params(), CALENDAR)
        assert (outcome.verdict == Verdict.OK).all()
        states.append(state.checksum())
    assert states[0] == states[1]


def test_meters_of_two_hours_of_the_week_are_judged_together_as_each_alone() -> None:
    half, warm_h = 1024, 14 * 24
    params = MeterParams.uniform(2 * half, 3600, cap_wh=100_000)
    params.put(np.arange(half, 2 * half), calendar_id=1)
    rng = np.random.default_rng(5)
    hours = [
        rows(
            np.arange(2 * half),
            CALENDAR.first_s + hour * 3600,
            1000 + 100 * rng.normal(size=2 * half),
            temperature_c=8.0,
        )
        for hour in range(warm_h + 30)
    ]
    together = State.of_meters(2 * half)
    for batch in hours[:warm_h]:
        kernel.score(together, batch, params, CALENDAR)
    alone = together.with_shards([0, 1])
    for batch in hours[warm_h:]:
        found = kernel.score(together, batch, params, CALENDAR)
        for part in (np.arange(half), np.arange(half, 2 * half)):
            other = kernel.score(alone, batch.take(part), params, CALENDAR)
            for name in found.columns:
                assert getattr(found, name)[part].tobytes() == getattr(other, name).tobytes(), name
        assert not np.isnan(found.expected).any()
    assert together.checksum() == alone.checksum()
    assert together.dirty() == alone.dirty()
