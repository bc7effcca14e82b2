"""From alarms to events: hand-made transitions, and the kernel itself in one call and in many."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.anomaly_events import CLASSES, Scored, events, is_priced, scored_rows
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import Outcome, Rows, Transitions

HOUR = 3600
N = 100


def scored(kinds: dict[int, Kind] | None = None, expected: float = 100.0) -> Scored:
    """A hundred hours of 150 Wh against an expectation of 100; `kinds` are the alarms on by hour."""
    bits = np.zeros(N, np.uint32)
    for hour, kind in (kinds or {}).items():
        bits[hour] |= np.uint32(kind.bit)
    return Scored(
        HOUR,
        np.arange(N, dtype=np.int64) * HOUR,
        np.full(N, 150, np.int64),
        np.full(N, expected, np.float32),
        np.arange(N, dtype=np.float32),
        bits,
    )


def transitions(*rows: tuple[Kind, bool, int, int, float]) -> Transitions:
    """Of meter 0: (kind, opened, since hour, hour that decided, excess Wh a day)."""
    kind, opened, since, at, excess = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    n = len(rows)
    return Transitions(
        row=np.arange(n),
        index=np.zeros(n, np.int32),
        kind=np.array(kind, np.uint8),
        opened=np.array(opened, np.bool_),
        since_s=np.array(since, np.int64) * HOUR,
        at_s=np.array(at, np.int64) * HOUR,
        actual_wh=np.full(n, 150, np.float32),
        expected_wh=np.full(n, 100, np.float32),
        excess_wh_per_day=np.array(excess, np.float32),
        score=np.full(n, 7, np.float32),
    )


def test_an_event_runs_from_since_to_the_closing_with_its_sums() -> None:
    moved = transitions((Kind.DRIFT, True, 10, 14, 1200.0), (Kind.DRIFT, False, 10, 20, 0.0))
    (found,), dropped = events(moved, 0, scored(), 0)
    assert (found.kind, found.start_s, found.end_s, found.lasting) == (Kind.DRIFT, 10 * HOUR, 20 * HOUR, False)
    assert (found.actual_wh, found.expected_wh, found.excess_wh) == (1500.0, 1000.0, 500.0)
    assert found.excess_wh_per_day == 1200.0
    assert found.score == 19.0  # the last reading of the event
    assert dropped == 0


def test_an_alarm_that_never_closes_lasts_to_the_end() -> None:
    (found,), _ = events(transitions((Kind.DRIFT, True, 90, 95, 1.0)), 0, scored(), 0)
    assert (found.end_s, found.lasting) == (N * HOUR, True)


def test_a_momentary_alarm_covers_its_own_interval_but_a_gap_ends_with_the_reading() -> None:
    on = {10: Kind.SPIKE, 11: Kind.SPIKE}
    moved = transitions(
        (Kind.SPIKE, True, 10, 10, 1.0), (Kind.SPIKE, False, 10, 10, 1.0),
        (Kind.SPIKE, True, 11, 11, 2.0), (Kind.SPIKE, False, 11, 11, 2.0),
        (Kind.GAP, True, 30, 33, 0.0), (Kind.GAP, False, 30, 33, 0.0),
    )  # fmt: skip
    (spike, gap), _ = events(moved, 0, scored(on), 0)
    assert (spike.start_s, spike.excess_wh_per_day) == (10 * HOUR, 100.0)  # what its two hours came to
    assert spike.actual_wh == 300.0
    assert (gap.start_s, gap.end_s) == (30 * HOUR, 33 * HOUR)
    assert gap.excess_wh_per_day is None


def test_a_lone_spike_does_not_persist() -> None:
    moved = transitions((Kind.SPIKE, True, 10, 10, 1.0), (Kind.SPIKE, False, 10, 10, 1.0))
    assert events(moved, 0, scored({10: Kind.SPIKE}), 0) == ([], 1)


def test_what_comes_back_within_the_merging_time_is_one_event() -> None:
    moved = transitions(
        (Kind.STUCK, True, 10, 12, 0.0), (Kind.STUCK, False, 10, 15, 0.0),
        (Kind.STUCK, True, 20, 22, 0.0), (Kind.STUCK, False, 20, 25, 0.0),
        (Kind.STUCK, True, 60, 62, 0.0), (Kind.STUCK, False, 60, 65, 0.0),
    )  # fmt: skip
    found, _ = events(moved, 0, scored(), 0)
    assert [(e.start_s // HOUR, e.end_s // HOUR) for e in found] == [(10, 25), (60, 65)]
    assert found[0].actual_wh == 10 * 150.0  # the five hours between the alarms do not count


def test_what_ended_before_the_window_is_left_out_and_sums_start_with_it() -> None:
    moved = transitions(
        (Kind.STUCK, True, 10, 12, 0.0), (Kind.STUCK, False, 10, 15, 0.0),
        (Kind.DRIFT, True, 30, 32, 5.0), (Kind.DRIFT, False, 30, 60, 5.0),
    )  # fmt: skip
    (found,), _ = events(moved, 0, scored(), 50 * HOUR)
    assert found.kind is Kind.DRIFT
    assert found.start_s == 30 * HOUR
    assert found.actual_wh == 10 * 150.0


def test_without_an_expectation_there_is_no_excess() -> None:
    moved = transitions((Kind.STUCK, True, 10, 12, 0.0), (Kind.STUCK, False, 10, 15, 0.0))
    (found,), _ = events(moved, 0, scored(expected=float("nan")), 0)
    assert (found.expected_wh, found.actual_wh, found.excess_wh) == (None, None, None)


def test_other_meters_do_not_mix_in() -> None:
    moved = transitions((Kind.STUCK, True, 10, 12, 0.0))
    assert events(moved, 1, scored(), 0) == ([], 0)


def test_rows_of_a_meter_come_back_in_order_of_time() -> None:
    rows = Rows(
        np.array([0, 1, 0, 0], np.int32), np.array([7200, 0, 3600, 0], np.int64), np.array([3, 9, 2, 1], np.int64),
        np.zeros(4, np.uint8), np.zeros(4, np.int64), np.zeros(4, np.float32),
    )  # fmt: skip
    outcome = Outcome.blank(4)
    outcome.energy[:] = rows.value
    outcome.measured[:] = [True, True, False, True]
    found = scored_rows(outcome, rows, 0, HOUR)
    assert found.start_s.tolist() == [0, 7200]
    assert found.energy.tolist() == [1, 3]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_class_and_data_quality_has_no_price(kind: Kind) -> None:
    assert CLASSES[kind]
    assert is_priced(kind) == (CLASSES[kind] not in {"dropout", "stuck", "metering"})


def test_without_export_nothing_is_expected_below_zero_and_no_more_is_too_much_than_all() -> None:
    moved = transitions((Kind.LEVEL_SHIFT, True, 10, 14, 9_000.0), (Kind.LEVEL_SHIFT, False, 10, 20, 0.0))
    below = scored(dict.fromkeys(range(10, 20), Kind.LEVEL_SHIFT), expected=-300.0)
    (bounded,), _ = events(moved, 0, below, 0, exports=False)
    assert (bounded.expected_wh, bounded.excess_wh, bounded.at_zero) == (0.0, 1500.0, True)
    assert bounded.excess_wh_per_day == 150 * 24
    (free,), _ = events(moved, 0, below, 0)
    assert (free.expected_wh, free.excess_wh_per_day, free.at_zero) == (-3000.0, 9_000.0, False)
    (usual,), _ = events(moved, 0, scored(dict.fromkeys(range(10, 20), Kind.LEVEL_SHIFT)), 0, exports=False)
    assert (usual.excess_wh_per_day, usual.at_zero) == (9_000.0, False)
