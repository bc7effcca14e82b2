"""numba gives the bits that NumPy gives."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from tests.unit.domain.detectors.stream import calendar, rows

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import engine_named, numba_engine, numpy_engine
from redaptive.errors import InvalidInput, Unavailable

CALENDAR = calendar()
METERS, HOUR_S = 40, 3600


def _alarming(engine: Any) -> tuple[State, list[Any]]:
    """Twenty-five days of an hourly office profile with faults of several kinds in the last week."""
    state, params, rng = State.of_meters(METERS), MeterParams.uniform(1024, HOUR_S), np.random.default_rng(2)
    outcomes = []
    for k in range(25 * 24):
        busy = 9 <= k % 24 < 19
        value = (1000.0 + 3000.0 * busy + rng.normal(0, 40, METERS)).astype(np.int64)
        if k > 18 * 24:
            value[:5] = value[:5] * 2
            value[5:8] *= 10
            value[12] *= 1 + 99 * (k % 24 == 3)
            value[8:10] = 777
            value[10:12] += 4000 * (not busy)
        temperature = np.where(rng.random(METERS) < 0.05, np.nan, 5.0 + 10.0 * np.sin(k / 50.0))
        present = np.flatnonzero(rng.random(METERS) > 0.02)
        start = CALENDAR.first_s + 20 * 86_400 + k * HOUR_S
        batch = rows(present, start, value[present], temperature_c=temperature[present])
        outcomes.append(kernel.score(state, batch, params, CALENDAR, engine))
    return state, outcomes


@pytest.mark.slow
def test_numba_and_numpy_give_the_same_bits() -> None:
    pytest.importorskip("numba")
    (plain, expected), (compiled, found) = _alarming(numpy_engine()), _alarming(numba_engine())
    kinds: set[int] = set()
    scores: list[float] = []
    for a, b in zip(expected, found, strict=True):
        for name in ("verdict", "energy", "expected", "score", "kinds"):
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
        for x, y in zip(vars(a.transitions).values(), vars(b.transitions).values(), strict=True):
            assert x.tobytes() == y.tobytes()
        kinds |= set(a.transitions.kind.tolist())
        scores += a.transitions.score.tolist()
    for name, column in plain.columns.items():
        assert column.tobytes() == compiled.columns[name].tobytes(), name
    assert len(kinds) >= 5
    assert len(kinds & {int(detector.kind) for detector in numba_engine().day}) >= 2
    assert min(scores) >= 0.0
    assert max(scores) == 100.0


def test_without_the_extra_the_engine_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: Any) -> Any:
        if name.startswith("numba"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(Unavailable, match=r"Install redaptive\[numba\]"):
        numba_engine.__wrapped__()


def test_an_engine_is_found_by_its_name_and_others_are_refused() -> None:
    assert engine_named("numpy") is numpy_engine()
    with pytest.raises(InvalidInput, match="Choose numpy or numba"):
        engine_named("fortran")


@pytest.mark.slow
def test_a_warm_engine_compiles_nothing_for_a_round_of_one_or_many() -> None:
    pytest.importorskip("numba")
    engine = numba_engine()
    kernel.warm(engine)
    assert engine.fused is not None
    known = len(engine.fused._loop.signatures)  # type: ignore[attr-defined]
    state, params = State.of_meters(METERS), MeterParams.uniform(1024, HOUR_S)
    start = CALENDAR.first_s + 20 * 86_400
    for k, present in enumerate(([0], [0, 1, 2], [1, 7, 9], list(range(METERS)))):
        kernel.score(state, rows(present, start + k * HOUR_S, 1000), params, CALENDAR, engine)
    assert len(engine.fused._loop.signatures) == known  # type: ignore[attr-defined]
