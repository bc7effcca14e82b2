"""Times, limits, registers, calendars, silent meters: one behaviour a test."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.detectors.stream import calendar, rows

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, SLOT_MASK, SiteHours, local_date
from redaptive.domain.detectors.kinds import REGISTER, Kind, Verdict
from redaptive.domain.detectors.memory.params import NO_CAP_WH, MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.registers import energy_of, split
from redaptive.domain.detectors.rounds.gaps import gaps
from redaptive.domain.detectors.rows import Outcome
from redaptive.errors import InvalidInput

CALENDAR = calendar()
T0 = CALENDAR.first_s + 10 * 86_400


def _score(
    state: State, start_s: int, value: int, *, received_s: int | None = None, flags: int = 0, **values: int | bool
) -> Outcome:
    params = MeterParams.uniform(1024, **{"cadence_s": 900, "cap_wh": 10_000, **values})
    return kernel.score(state, rows([0], start_s, value, flags=flags, received_s=received_s), params, CALENDAR)


@pytest.mark.parametrize(
    ("cadence_s", "ahead_s", "verdict"),
    [(900, 1800, Verdict.OK), (900, 2700, Verdict.FUTURE), (60, 300, Verdict.OK), (60, 360, Verdict.FUTURE)],
)
def test_future_is_two_cadences_or_five_minutes_ahead(cadence_s: int, ahead_s: int, verdict: Verdict) -> None:
    state = State.of_meters(1)
    assert _score(state, T0 + ahead_s, 1, received_s=T0, cadence_s=cadence_s).verdict[0] == verdict


def test_a_future_reading_makes_no_later_one_late() -> None:
    state = State.of_meters(1)
    _score(state, T0, 1)
    assert _score(state, T0 + 86_400 * 100, 1, received_s=T0).verdict[0] == Verdict.FUTURE
    assert _score(state, T0 + 900, 1).verdict[0] == Verdict.OK


def test_before_commissioning_is_too_late_and_outside_the_calendar_unknown() -> None:
    state = State.of_meters(1)
    assert _score(state, T0, 1, commissioned_s=T0 + 1).verdict[0] == Verdict.TOO_LATE
    assert _score(state, CALENDAR.end_s, 1).verdict[0] == Verdict.UNKNOWN
    assert _score(state, CALENDAR.first_s - 900, 1).verdict[0] == Verdict.UNKNOWN


def test_the_grid_has_a_phase() -> None:
    assert _score(State.of_meters(1), T0 + 30, 1, phase_s=30).verdict[0] == Verdict.OK
    assert _score(State.of_meters(1), T0, 1, phase_s=30).verdict[0] == Verdict.MISALIGNED


def test_export_is_negative_within_the_cap() -> None:
    assert _score(State.of_meters(1), T0, -10_000, may_export=True).verdict[0] == Verdict.OK
    assert _score(State.of_meters(1), T0, -10_001, may_export=True).verdict[0] == Verdict.BAD
    assert _score(State.of_meters(1), T0, 10_001).verdict[0] == Verdict.BAD


def test_a_bad_value_opens_once_and_a_good_one_closes() -> None:
    state = State.of_meters(1)
    found = []
    for k, value in enumerate((5, -1, -2, 6)):
        t = _score(state, T0 + k * 900, value).transitions
        found += [(k, bool(t.opened[i]), int(t.since_s[i])) for i in np.flatnonzero(t.kind == Kind.BAD_VALUE)]
    assert found == [(1, True, T0 + 900), (3, False, T0 + 900)]
    again = _score(state, T0 + 900, -1)
    assert (again.verdict[0], len(again.transitions)) == (Verdict.BAD, 0)


def test_late_readings_leave_the_online_state_alone() -> None:
    state = State.of_meters(1)
    _score(state, T0, 5)
    _score(state, T0 + 3600, 5)
    before = {name: column.copy() for name, column in state.columns.items()}
    outcome = _score(state, T0 + 900, 700)
    assert (outcome.verdict[0], outcome.energy[0], bool(outcome.measured[0])) == (Verdict.LATE, 700, True)
    changed = {name for name, column in state.columns.items() if column.tobytes() != before[name].tobytes()}
    assert changed == {"meter.seen"}
    assert _score(state, T0 + 900, 700).verdict[0] == Verdict.DUPLICATE


def test_a_gap_is_reported_by_the_timer_and_by_the_next_reading_with_one_start() -> None:
    state, params = State.of_meters(1), MeterParams.uniform(1024, 900)
    _score(state, T0, 5)
    assert len(gaps(state, params, T0 + 3 * 900).index) == 0
    silent = gaps(state, params, T0 + 5 * 900)
    assert (silent.index.tolist(), silent.since_s.tolist(), silent.missing.tolist()) == ([0], [T0 + 900], [4])
    transitions = _score(state, T0 + 5 * 900, 5).transitions
    assert transitions.opened.tolist() == [True, False]
    assert transitions.kind.tolist() == [Kind.GAP] * 2
    assert transitions.since_s.tolist() == [T0 + 900] * 2
    assert len(gaps(state, params, T0 + 6 * 900).index) == 0


def test_one_missing_interval_is_no_gap() -> None:
    state = State.of_meters(1)
    _score(state, T0, 5)
    assert len(_score(state, T0 + 2 * 900, 5).transitions) == 0


KWH = 10**12
REGISTER_CASES = [
    # last, count, steps, cap Wh, digits, billionths of a Wh per count, own -> energy, known, reset
    (100, 150, 1, 10**6, 6, KWH, 1, 50_000, True, False),
    (999_990, 10, 1, 50_000, 6, KWH, 1, 20_000, True, False),  # rollover
    (999_990, 900, 1, 50_000, 6, KWH, 1, 0, False, True),  # more than the cap: exchanged
    (500_000, 10, 1, 10**9, 6, KWH, 1, 0, False, True),  # fell from the middle: reset
    (999_990, 600_000, 1, NO_CAP_WH, 6, KWH, 1, 0, False, True),  # far beyond the beginning: exchanged
    (-1, 10, 1, 10**6, 6, KWH, 1, 0, False, False),  # the first count
    (100, 103, 1, 10**6, 6, 500_000_000, 1, 1, True, False),  # half a Wh per count: 51 of 51.5, of which 50 were before
    (101, 102, 1, 10**6, 6, 500_000_000, 1, 1, True, False),
    (102, 103, 1, 10**6, 6, 500_000_000, 1, 0, True, False),
    (100, 220, 3, 50_000, 6, KWH, 1, 120_000, True, False),  # three intervals' worth
    (100, 280, 3, 50_000, 6, KWH, 1, 0, False, True),
    # Digits that nobody told: the next power of ten, where an interval would use less than a hundredth of it.
    (99_990, 94, 1, NO_CAP_WH, 0, KWH, 1, 104_000, True, False),
    (99_990, 94, 1, 50_000, 0, KWH, 1, 0, False, True),  # above the cap
    (95_000, 94, 1, NO_CAP_WH, 0, KWH, 1, 0, False, True),  # 5 % of the range in one interval
    (95_000, 94, 6, NO_CAP_WH, 0, KWH, 1, 5_094_000, True, False),  # but not in six
    (100_000, 3, 1, NO_CAP_WH, 0, KWH, 1, 0, False, True),  # just above a power of ten
    (10**18 - 1, 1, 1, NO_CAP_WH, 0, 10**9, 1, 2, True, False),
    # Counts in parts, of which a thousand make one of the register's own.
    (1_001_000, 1_000_500, 1, NO_CAP_WH, 9, 10**9, 1000, 0, True, False),  # was rounded up
    (1_001_000, 1_000_000, 1, NO_CAP_WH, 9, 10**9, 1000, 0, False, True),
    # Near the end of int64 nothing wraps into a small number.
    (0, 2**53, 1, NO_CAP_WH, 18, 10**18, 1, 0, False, True),
    (2**62, 2**62 + 5, 1, NO_CAP_WH, 0, 1_234_567_000, 1, 6, True, False),
    (5, 2**63 - 1, 1, NO_CAP_WH, 0, 10**9, 1, 0, False, True),
]


@pytest.mark.parametrize("case", REGISTER_CASES)
def test_registers(case: tuple[int, ...]) -> None:
    last, count, steps, cap, digits, nwh, own, energy, known, reset = case
    i64 = lambda v: np.array([v], np.int64)  # noqa: E731
    found = energy_of(i64(count), i64(last), i64(steps), i64(cap), np.array([digits], np.uint8), i64(nwh), i64(own))
    assert (found.energy[0], found.known[0], found.reset[0]) == (energy, known, reset)
    assert found.kept[0] == (last if 0 < last - count < own else count)


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=9), st.integers(0, 2**53), st.integers(1, 10**18))
def test_no_wh_is_lost_in_many_differences(rises: list[int], first: int, nwh: int) -> None:
    counts = np.cumsum([first, *rises])
    n = len(rises)
    energy = energy_of(
        counts[1:], counts[:-1], np.ones(n, np.int64), np.full(n, NO_CAP_WH), np.zeros(n, np.uint8),
        np.full(n, nwh), np.ones(n, np.int64),
    )  # fmt: skip
    exact = [int(b) * nwh // 10**9 - int(a) * nwh // 10**9 for a, b in pairwise(counts.tolist())]
    assert energy.known.tolist() == [wh <= 2**62 for wh in exact]
    assert energy.energy.tolist() == [wh if wh <= 2**62 else 0 for wh in exact]


def test_a_register_in_the_kernel() -> None:
    state, kind = State.of_meters(1), {"register_digits": 6, "flags": REGISTER, "register_nwh_per_count": 10**10}
    counts = [(0, 999_900), (1, 50), (5, 450), (6, 100)]
    out = [_score(state, T0 + k * 900, count, **kind) for k, count in counts]
    assert [bool(o.measured[0]) for o in out] == [False, True, True, False]
    assert [int(o.energy[0]) for o in out] == [0, 1500, 4000, 0]
    assert [int(o.intervals[0]) for o in out] == [1, 1, 4, 1]
    assert [bool(o.register_reset[0]) for o in out] == [False, False, False, True]
    assert split(4001, 4) == [1000, 1000, 1000, 1001]


def test_local_days_have_23_and_25_hours_and_quarter_hour_zones_work() -> None:
    built = calendar(SiteHours("America/New_York"), SiteHours("Asia/Kathmandu"), SiteHours("Australia/Lord_Howe"))
    quarters = {local_date(d): int(np.count_nonzero(built.day[0] == d)) for d in np.unique(built.day[0])}
    assert quarters[date(2026, 3, 8)] == 92
    assert quarters[date(2026, 11, 1)] == 100
    at = int(datetime(2026, 6, 1, 18, 15, tzinfo=UTC).timestamp())  # Tuesday 0:00 in Kathmandu, UTC+5:45
    code, day = built.lookup(np.array([1], np.int16), np.array([at]))
    assert (code[0] & SLOT_MASK, local_date(day[0])) == (24, date(2026, 6, 2))
    lord_howe = {int(np.count_nonzero(built.day[2] == d)) for d in np.unique(built.day[2])[1:-1]}
    assert lord_howe == {94, 96, 98}


def test_opening_hours_and_holidays() -> None:
    hours = SiteHours("UTC", frozenset({date(2026, 1, 6)}), ((8.0, 18.0),) * 5 + (None, (22.0, 2.0)))
    built = calendar(hours, SiteHours("UTC"), days=14)
    code = lambda day, hour: int(built.code[0, (day - 1) * 96 + hour * 4])  # noqa: E731
    assert [bool(code(5, h) & CLOSED) for h in (7, 8, 17, 18)] == [True, False, False, True]
    assert code(6, 12) == (6 * 24 + 12) | HOLIDAY | HOURS_KNOWN | CLOSED
    assert [bool(code(4, h) & CLOSED) for h in (1, 2, 21, 22)] == [False, True, True, False]
    assert not built.code[1, 0] & HOURS_KNOWN


def test_a_cadence_that_cannot_be_scored_is_refused() -> None:
    with pytest.raises(InvalidInput, match="between 60 and 86400 s"):
        MeterParams.uniform(1024, 30)


def test_what_is_put_into_a_copy_of_the_limits_is_seen_in_its_numbers_and_not_in_those_it_was_copied_from() -> None:
    params = MeterParams.uniform(2, 900)
    at = np.flatnonzero(params.numbers[1][0] == 900)
    for copied in (copy.deepcopy(params), pickle.loads(pickle.dumps(params))):
        copied.put([1], cadence_s=3600)
        assert copied.numbers[1][:, at].tolist() == [[900], [3600]]
    assert params.numbers[1][:, at].tolist() == [[900], [900]]
