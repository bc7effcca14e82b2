"""Transitions of alarms, and the state that keeps when each open one began."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Detector, mask_bits
from redaptive.domain.detectors.batch import Batch
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.layout import EVENTS
from redaptive.domain.detectors.rows import F32, I64, U32, Bool, Transitions
from redaptive.domain.detectors.state import State

DAY_S: Final = 86_400
Judged = tuple[Detector, Any, F32]
Numbers = tuple[F32, F32, F32, F32]


def alarms(before: U32, judged: list[tuple[Detector, Bool]]) -> tuple[U32, U32]:
    """Bits of the alarms on after a step, and of momentary ones that came and went with it."""
    after, momentary = before.copy(), np.zeros_like(before)
    for detector, on in judged:
        bit = np.uint32(detector.kind.bit)
        if detector.momentary:
            momentary |= on * bit
        else:
            after &= ~bit
            after |= on * bit
    return after, momentary


def changes(
    state: State, work: Batch, at: I64, x: Any, before: U32, after: U32, momentary: U32, judged: list[Judged]
) -> None:
    """Transitions of the rows at positions `at`, whose alarms went from `before` to `after`."""
    changed = (after ^ before) | momentary
    rows = np.flatnonzero(changed)
    for detector, kept, strength in judged if len(rows) else []:
        hit = rows[mask_bits(changed[rows], detector.kind)]
        if len(hit):
            _one(state, work, at[hit], detector, _only(x, hit), _only(kept, hit), after[hit], strength[hit])


def open_bad(state: State, work: Batch, at: I64) -> None:
    """Impossible values open an alarm that the next possible value closes."""
    index, bit = work.index[at], np.uint32(Kind.BAD_VALUE.bit)
    before = state.columns["meter.open"][index]
    state.columns["meter.open"][index] = before | bit
    work.outcome.kinds[at] = before | bit
    new = at[(before & bit) == 0]
    unknown, full = np.full(len(new), np.nan, np.float32), np.full(len(new), 100.0, np.float32)
    numbers = (work.rows.value[new].astype(np.float32), unknown, unknown, full)
    _emit(state, work, new, Kind.BAD_VALUE, np.ones(len(new), np.bool_), work.rows.start_s[new], numbers)


def _only(columns: Any, hit: I64) -> Any:
    return type(columns)(*(column[hit] for column in columns))


def _one(
    state: State, work: Batch, rows: I64, detector: Detector, x: Any, kept: Any, after: U32, strength: F32
) -> None:
    proof = detector.evidence(detector.config, x, kept)
    ago = np.rint(proof.since).astype(np.int64)
    ago_s = (ago + 1) * DAY_S if detector.stage == "day" else ago * work.cadence_s[rows]
    since_s = np.maximum(work.rows.start_s[rows] - ago_s, 0)
    numbers = (proof.actual_wh, proof.expected_wh, proof.excess_wh_per_day, strength)
    opened = mask_bits(after, detector.kind) | detector.momentary
    _emit(state, work, rows, detector.kind, opened, since_s, numbers)
    if detector.momentary:
        _emit(state, work, rows, detector.kind, ~opened, since_s, numbers)


def _emit(state: State, work: Batch, rows: I64, kind: Kind, opened: Bool, since_s: I64, numbers: Numbers) -> None:
    """Add transitions; a closing one carries the start that its opening had."""
    index = work.index[rows]
    since = state.columns[f"since.{kind.slug}"]
    since[index[opened]] = since_s[opened]
    state.mark(EVENTS, index[opened])
    work.transitions.append(
        Transitions(
            row=rows,
            index=index.astype(np.int32),
            kind=np.full(len(rows), kind, np.uint8),
            opened=opened,
            since_s=since[index].astype(np.int64),
            at_s=work.rows.start_s[rows],
            actual_wh=numbers[0].astype(np.float32),
            expected_wh=numbers[1].astype(np.float32),
            excess_wh_per_day=numbers[2].astype(np.float32),
            score=numbers[3].astype(np.float32),
        )
    )
