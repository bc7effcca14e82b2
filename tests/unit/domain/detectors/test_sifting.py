"""The compiled way gives the outcome and the state of the general way, whatever a batch holds."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.domain.detectors.stream import calendar, rows
from tests.unit.domain.detectors.test_invariance import CALENDAR, SHARDS, _dirty, _params, _transitions, _warm

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS, PLACES
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine, numba_engine, numpy_engine
from redaptive.domain.detectors.rows import Outcome, Rows

pytestmark = pytest.mark.slow


def _run(stream: Rows, cuts: list[int], engine: Engine) -> tuple[State, list[Outcome]]:
    state = State(SHARDS)
    _warm(state)
    edges = [0, *cuts, len(stream)]
    pieces = [stream.take(np.arange(a, b)) for a, b in pairwise(edges)]
    return state, [kernel.score(state, piece, _params(), CALENDAR, engine) for piece in pieces]


def _same(one: list[Outcome], other: list[Outcome]) -> None:
    for a, b in zip(one, other, strict=True):
        for name in (f.name for f in fields(Outcome) if f.name not in ("transitions", "register_before")):
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
        assert (a.register_before is None) == (b.register_before is None)
        if a.register_before is not None and b.register_before is not None:
            assert a.register_before.tobytes() == b.register_before.tobytes()
        assert _transitions([a]) == _transitions([b])
        assert a.transitions.row.tolist() == b.transitions.row.tolist()


def _engine() -> Engine:
    pytest.importorskip("numba")
    return numba_engine()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cuts", [[], [7, 31, 32, 200, 450], list(range(1, 600, 13))], ids=["one", "six", "many"])
def test_dirty_streams_end_alike(seed: int, cuts: list[int]) -> None:
    (state, found), (plain, expected) = (_run(_dirty(seed), cuts, engine) for engine in (_engine(), numpy_engine()))
    _same(found, expected)
    assert state.checksum() == plain.checksum()


def test_rows_of_many_meters_in_random_order_with_repeats_and_strangers_end_alike() -> None:
    rng, everyday = np.random.default_rng(3), calendar()
    params = MeterParams.uniform(5 * 1024, 900, cap_wh=50_000)
    states = {engine: State.of_meters(5000) for engine in (_engine(), numpy_engine())}
    seen: set[int] = set()
    for k in range(12):
        index = rng.permutation(5000)[:3000]
        index = np.concatenate([index, rng.choice(index, 90), [-1, 6000, -7]])
        start = everyday.first_s + 30 * 86_400 + 900 * k + np.where(rng.random(len(index)) < 0.02, -900, 0)
        start = np.where(rng.random(len(index)) < 0.01, start + 5, start)
        value = np.where(rng.random(len(index)) < 0.01, -4, rng.integers(1, 4000, len(index)))
        batch = rows(index, start, value, received_s=start.max() + 60, entry=np.arange(len(index)) // 500)
        found, expected = (kernel.score(state, batch, params, everyday, engine) for engine, state in states.items())
        _same([found], [expected])
        seen |= set(found.verdict.tolist())
    checksums = {state.checksum() for state in states.values()}
    assert len(checksums) == 1
    assert seen >= {Verdict.OK, Verdict.DUPLICATE, Verdict.LATE, Verdict.BAD, Verdict.MISALIGNED, Verdict.UNKNOWN}


def test_ordinary_rows_take_the_compiled_way_only_and_registers_the_general() -> None:
    fused, everyday, state, params = _engine().fused, calendar(), State.of_meters(40), MeterParams.uniform(1024, 900)
    assert fused is not None
    outcome = Outcome.blank(41)
    batch = rows([*range(40), 3], everyday.first_s + 30 * 86_400, 1000)
    keys, strangers = fused.order(batch.index, len(params))
    assert (keys & PLACES).tolist() == [0, 1, 2, 3, 40, *range(4, 40)]
    assert len(strangers) == 0
    swept = fused.sweep(state, keys, batch, params, everyday, outcome)
    assert len(swept.left) == 0
    assert swept.fresh.tolist() == keys.tolist()
    state.columns["meter.day"][:] = everyday.lookup(np.zeros(1, np.int16), batch.start_s[:1])[1]
    swept = fused.sweep(state, swept.fresh, batch, params, everyday, outcome)
    assert len(swept.left) == len(swept.fresh) == 0
    assert outcome.verdict.tolist() == [Verdict.OK] * 40 + [Verdict.DUPLICATE]
    flags = np.where(batch.index == 7, REGISTER, 0).astype(np.uint8)
    later = replace(batch, start_s=batch.start_s + 900, received_s=batch.received_s + 900, flags=flags)
    swept = fused.sweep(state, keys, later, params, everyday, outcome)
    assert swept.left.tolist() == [7]


@pytest.mark.parametrize("meters", [1, 40, 5000, 3_000_000])
@pytest.mark.parametrize("fallen", [0, 40, 4000])
def test_keys_are_by_meter_and_in_the_given_order_for_each(meters: int, fallen: int) -> None:
    fused, rng = _engine().fused, np.random.default_rng(meters)
    assert fused is not None
    index = np.sort(rng.integers(-3, meters + 3, 4000)).astype(np.int32)
    index[rng.permutation(4000)[:fallen]] = rng.integers(-3, meters + 3, fallen)
    keys, strangers = fused.order(index, meters)
    known = (index >= 0) & (index < meters)
    order = np.flatnonzero(known)[np.argsort(index[known], kind="stable")]
    assert (keys & PLACES).tolist() == order.tolist()
    assert (keys >> PLACE_BITS).tolist() == index[order].tolist()
    assert strangers.tolist() == np.flatnonzero(~known).tolist()


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
def test_a_block_that_is_not_full_changes_no_other_meter(count: int) -> None:
    everyday, params, picked = calendar(), MeterParams.uniform(1024, 900), np.arange(count) * 3 + 1
    states = {engine: State.of_meters(1024) for engine in (_engine(), numpy_engine())}
    for k in range(4):
        batch = rows(picked, everyday.first_s + 30 * 86_400 + 900 * k, 1000 + picked)
        for engine, state in states.items():
            kernel.score(state, batch, params, everyday, engine)
    compiled, plain = states.values()
    for name, column in plain.columns.items():
        assert compiled.columns[name].tobytes() == column.tobytes(), name
    untouched = np.setdiff1d(np.arange(1024), picked)
    assert set(compiled.columns["meter.last_no"][untouched].tolist()) == {-1}


@pytest.mark.parametrize("odd", ["start_s", "flags", "received_s", "temperature_c", "nothing"])
def test_columns_of_one_value_and_one_odd_row_end_alike(odd: str) -> None:
    everyday, params = calendar(), MeterParams.uniform(3072, 900)
    states = {engine: State.of_meters(3072) for engine in (_engine(), numpy_engine())}
    order = np.random.default_rng(1).permutation(3000)
    for k in range(3):
        start = everyday.first_s + 30 * 86_400 + 900 * k
        # The odd row is not the first, and lies beyond the first stretch of a column that is looked at.
        batch = rows(order, start, 1000 + order, received_s=start + 900, temperature_c=np.nan if k else 8.0)
        if odd != "nothing":
            value = {"start_s": start - 900, "flags": REGISTER, "received_s": start - 10_000, "temperature_c": 30.0}[
                odd
            ]
            getattr(batch, odd)[2000 + k] = value
        found, expected = (kernel.score(state, batch, params, everyday, engine) for engine, state in states.items())
        _same([found], [expected])
    assert len({state.checksum() for state in states.values()}) == 1


def test_columns_that_may_not_be_written_are_not_compiled_for_anew() -> None:
    engine, everyday, params = _engine(), calendar(), MeterParams.uniform(1024, 900)
    kernel.warm(engine)
    assert engine.fused is not None
    compiled = (engine.fused._loop, engine.fused._order)
    known = [len(function.signatures) for function in compiled]  # type: ignore[attr-defined]
    batch = rows(np.arange(64), everyday.first_s + 30 * 86_400, 1000)
    for column in vars(batch).values():
        if column is not None:
            column.flags.writeable = False
    kernel.score(State.of_meters(64), batch, params, everyday, engine)
    holes = Rows(**{name: None if column is None else column[::2] for name, column in vars(batch).items()})
    kernel.score(State.of_meters(64), holes, params, everyday, engine)
    registers = replace(batch, flags=np.full(64, REGISTER, np.uint8))
    kernel.score(State.of_meters(64), registers, params, everyday, engine)
    assert [len(function.signatures) for function in compiled] == known  # type: ignore[attr-defined]
    # Signatures stay on disk, where a class of another version could not be found again.
    assert "Named" not in "".join(str(function.signatures) for function in compiled)  # type: ignore[attr-defined]
