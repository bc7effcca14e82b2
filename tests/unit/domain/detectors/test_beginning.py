"""A meter begins with its first reading other than zero."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from tests.unit.domain.detectors.stream import calendar, rows

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import engine_named
from redaptive.domain.detectors.rows import Outcome

CALENDAR = calendar()
HOUR_S, DAY_H, WEEK_H = 3600, 24, 168
FIRST_S = CALENDAR.first_s + 20 * 86_400
PARAMS = MeterParams.uniform(1024, HOUR_S)
LEARNED = ("expectation.", "ranking.", "level_shift.", "off_hours.", "night_base.", "drift.", "setback.", "weekend.")


def _load(hours: int, meters: int = 4) -> np.ndarray:
    """Wh of a shop by hour, (hours, meters)."""
    rng, hour = np.random.default_rng(6), np.arange(hours)[:, None]
    busy = (hour % 24 >= 9) & (hour % 24 < 19)
    return (1000 + 3000 * busy + rng.normal(0, 60, (hours, meters))).astype(np.int64)


def _scored(state: State, load: np.ndarray, first_h: int = 0) -> list[Outcome]:
    meters = np.arange(load.shape[1])
    return [
        kernel.score(state, rows(meters, FIRST_S + (first_h + k) * HOUR_S, wh), PARAMS, CALENDAR)
        for k, wh in enumerate(load)
    ]


def _same_memory(one: State, other: State) -> None:
    for name in one.columns:
        if name.startswith(LEARNED):
            assert one.columns[name].tobytes() == other.columns[name].tobytes(), name


@pytest.mark.parametrize("zeros_h", [1, DAY_H, WEEK_H, 5 * WEEK_H])
def test_zeros_before_the_first_use_are_as_if_they_had_not_been(zeros_h: int) -> None:
    load = _load(zeros_h + 3 * WEEK_H)
    load[:zeros_h] = 0
    with_zeros, without = State.of_meters(1), State.of_meters(1)
    found = _scored(with_zeros, load)
    expected = _scored(without, load[zeros_h:], zeros_h)
    assert all(not len(outcome.transitions) for outcome in found[:zeros_h])
    for one, other in zip(found[zeros_h:], expected, strict=True):
        for name in ("expected", "score", "kinds", "energy"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    _same_memory(with_zeros, without)
    assert np.isfinite(found[-1].expected).all()


@pytest.mark.parametrize("zeros_h", [DAY_H, WEEK_H])
def test_a_fortnight_after_its_first_use_it_is_judged_like_a_meter_that_always_ran(zeros_h: int) -> None:
    fault_h = zeros_h + 2 * WEEK_H + 3 * DAY_H
    load = _load(fault_h + 12)
    load[:zeros_h, :2] = 0
    load[fault_h:] = load[fault_h:] * 3 // 2
    load[fault_h + 6] *= 8
    found = _scored(State.of_meters(1), load)
    usual, faulty = found[fault_h - 3 * DAY_H : fault_h], found[fault_h:]
    expected = np.array([outcome.expected for outcome in usual])
    np.testing.assert_allclose(expected[:, :2].mean(axis=1), expected[:, 2:].mean(axis=1), atol=180)
    opened = [[set(), set(), set(), set()] for _ in (0, 1)]  # before the fault and in it, by meter
    for when, outcomes in enumerate((usual, faulty)):
        for outcome in outcomes:
            moves = outcome.transitions
            for meter, kind in zip(moves.index[moves.opened], moves.kind[moves.opened], strict=True):
                opened[when][meter].add(int(kind))
    assert opened[0] == [set()] * 4
    assert {Kind.SPIKE, Kind.LEVEL_SHIFT} <= opened[1][2]
    assert opened[1] == [opened[1][2]] * 4


def test_state_that_an_older_kernel_learned_from_zeros_begins_again() -> None:
    old, new, load = State.of_meters(1), State.of_meters(1), _load(3 * WEEK_H)
    for name, value in (("seen_h", 900.0), ("spread", 1e-3)):  # what revision 5 made of five weeks of zeros
        old.columns[f"expectation.{name}"][..., :4] = value
    old.columns["night_base.seen"][:4] = 37
    old.columns["ranking.zero_share"][:4] = 1.0
    old.clean()
    first, *_ = _scored(old, load)
    assert (0, "slot:100") in old.dirty()
    assert not len(first.transitions)
    _scored(old, load[1:], 1)
    _scored(new, load)
    _same_memory(old, new)


def _old() -> State:
    """Four meters of which an older kernel learned from zeros alone, and one that is new."""
    state = State.of_meters(1)
    for name, value in (("seen_h", 900.0), ("spread", 1e-3)):
        state.columns[f"expectation.{name}"][..., :4] = value
    state.columns["meter.last_no"][:4] = FIRST_S // HOUR_S - 1
    return state


@pytest.mark.parametrize("engine", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_beginnings_are_the_same_however_the_stream_is_cut(engine: str) -> None:
    if engine == "numba":
        pytest.importorskip("numba")
    load = _load(60, meters=5)
    load[:30] = 0
    load[:35, 1] = 0
    start = np.repeat(FIRST_S + np.arange(60) * HOUR_S, 5)
    stream = rows(np.tile(np.arange(5), 60), start, load.ravel(), entry=np.repeat(np.arange(60), 5))
    checksums = []
    for cuts in ([300], [5 * k for k in range(1, 61)], [7, 150, 151, 163, 300]):
        state = _old()
        for begin, end in pairwise([0, *cuts]):
            kernel.score(state, stream.take(np.arange(begin, end)), PARAMS, CALENDAR, engine_named(engine))
        checksums.append(state.checksum())
        assert (state.columns["expectation.seen_h"][:5] == [30, 25, 30, 30, 30]).all()
    reference = _old()
    for k in range(60):
        kernel.score(reference, stream.take(np.arange(5 * k, 5 * k + 5)), PARAMS, CALENDAR)
    assert set(checksums) == {reference.checksum()}


def test_zeros_of_a_meter_that_ran_are_learned_and_told() -> None:
    state, load = State.of_meters(1), _load(3 * WEEK_H)
    load[-6:] = 0
    last = _scored(state, load)[-1]
    assert (last.kinds & Kind.LEVEL_SHIFT.bit).all()
    assert (last.score > 0).all()
