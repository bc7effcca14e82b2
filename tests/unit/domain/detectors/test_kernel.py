"""Verdicts, alarms and state bytes of the kernel."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.detectors.stream import calendar, rows

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.kinds import Kind, Verdict
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.errors import InvalidInput

CALENDAR = calendar()
T0 = CALENDAR.first_s + 10 * 86_400
STEP_S = 900


def _params(**values: int | bool) -> MeterParams:
    return MeterParams.uniform(1024, STEP_S, **{"cap_wh": 10_000, **values})


def test_each_verdict() -> None:
    state, params = State.of_meters(1024), _params()
    kernel.score(state, rows([0], T0, 100), params, CALENDAR)
    start = [T0, T0 - STEP_S, T0 - 64 * STEP_S, T0 + STEP_S, T0 + 60, T0 + 9 * STEP_S, T0, T0]
    index, value = [0, 0, 0, 0, 0, 0, 5000, -1], [100, 100, 100, -1, 100, 100, 1, 1]
    batch = rows(index, start, value, received_s=T0 + 2 * STEP_S, entry=np.arange(8))
    outcome = kernel.score(state, batch, params, CALENDAR)
    assert [Verdict(v) for v in outcome.verdict] == [
        Verdict.DUPLICATE,
        Verdict.LATE,
        Verdict.TOO_LATE,
        Verdict.BAD,
        Verdict.MISALIGNED,
        Verdict.FUTURE,
        Verdict.UNKNOWN,
        Verdict.UNKNOWN,
    ]


def test_a_spike_opens_and_closes_one_alarm_with_one_start() -> None:
    state, params = State.of_meters(1024), MeterParams.uniform(1024, 3600)
    rng = np.random.default_rng(5)
    found, at = [], 24 * 22
    for k in range(24 * 23):
        value = 9_000 if k == at else 1_000 + int(rng.normal(0, 40))
        outcome = kernel.score(state, rows([3], T0 + k * 3600, value), params, CALENDAR)
        found += [(outcome.transitions, i) for i in range(len(outcome.transitions))]
    spikes = [(bool(t.opened[i]), int(t.since_s[i])) for t, i in found if t.kind[i] == Kind.SPIKE]
    assert spikes == [(True, T0 + at * 3600), (False, T0 + at * 3600)]


def test_state_survives_bytes_and_only_touched_parts_are_written() -> None:
    state, params = State([4, 9]), MeterParams.uniform(2048, STEP_S)
    kernel.score(state, rows([1500], T0, 100), params, CALENDAR)
    slot = int(CALENDAR.code[0, (T0 - CALENDAR.first_s) // 900]) & 255
    assert set(state.dirty()) == {(9, "hot"), (9, f"slot:{slot}")}
    other = State([9, 4])
    for (shard, part), body in state.snapshot().items():
        other.from_bytes(shard, part, body)
    assert other.checksum() == state.checksum()
    assert state.dirty() == []


def test_damaged_bytes_are_refused() -> None:
    state = State([0])
    body = bytearray(state.to_bytes(0, "hot"))
    body[-1] ^= 1
    with pytest.raises(InvalidInput, match="damaged"):
        state.from_bytes(0, "hot", bytes(body))


def test_rows_of_meters() -> None:
    state = State([4, 9])
    assert state.row_of(np.array([4096, 9 * 1024 + 5, 0, -1], np.int32)).tolist() == [0, 1029, -1, -1]
    assert state.meter_no(np.array([0, 1029], np.int32)).tolist() == [4096, 9 * 1024 + 5]
