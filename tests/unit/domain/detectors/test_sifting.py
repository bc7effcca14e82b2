"""The compiled way gives the outcome and the state of the general way, whatever a batch holds."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.domain.detectors.stream import calendar, rows
from tests.unit.domain.detectors.test_invariance import CALENDAR, SHARDS, _dirty, _params, _transitions, _warm

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.engine import Engine, numba_engine, numpy_engine
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.rows import Outcome, Rows
from redaptive.domain.detectors.state import State

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
    engine, everyday, state = _engine(), calendar(), State.of_meters(40)
    outcome = Outcome.blank(41)
    start = everyday.first_s + 30 * 86_400
    batch = rows([*range(40), 3], start, 1000)
    assert engine.sieve is not None
    swept = engine.sieve.sweep(state, batch, MeterParams.uniform(1024, 900), everyday, outcome)
    assert len(swept.left) == 0
    assert swept.looked.at[swept.fresh].tolist() == list(range(40))
    assert outcome.verdict.tolist() == [Verdict.OK] * 40 + [Verdict.DUPLICATE]
    flags = np.where(batch.index == 7, REGISTER, 0).astype(np.uint8)
    later = replace(batch, start_s=batch.start_s + 900, received_s=batch.received_s + 900, flags=flags)
    swept = engine.sieve.sweep(state, later, MeterParams.uniform(1024, 900), everyday, outcome)
    assert swept.left.tolist() == [7]


def test_columns_that_may_not_be_written_are_not_compiled_for_anew() -> None:
    engine, everyday, params = _engine(), calendar(), MeterParams.uniform(1024, 900)
    kernel.warm(engine)
    assert engine.sieve is not None
    assert engine.fused is not None
    compiled = (engine.fused._loop, engine.sieve._order, engine.sieve._look, engine.sieve._sift)
    known = [len(function.signatures) for function in compiled]  # type: ignore[attr-defined]
    batch = rows(np.arange(64), everyday.first_s + 30 * 86_400, 1000)
    for column in vars(batch).values():
        if column is not None:
            column.flags.writeable = False
    kernel.score(State.of_meters(64), batch, params, everyday, engine)
    holes = Rows(**{name: None if column is None else column[::2] for name, column in vars(batch).items()})
    kernel.score(State.of_meters(64), holes, params, everyday, engine)
    assert [len(function.signatures) for function in compiled] == known  # type: ignore[attr-defined]
    # Signatures stay on disk, where a class of another version could not be found again.
    assert "Named" not in "".join(str(function.signatures) for function in compiled)  # type: ignore[attr-defined]
