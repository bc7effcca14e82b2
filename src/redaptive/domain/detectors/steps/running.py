"""Runs detectors over a round and reports which alarms opened or closed, with when each began."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from redaptive.domain.detectors.base import Detector, bounded
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.batch import Batch
from redaptive.domain.detectors.memory.held import Held
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import F32, I64, U32, Bool, Transitions
from redaptive.domain.detectors.steps.telling import DAY_S, began

Numbers = tuple[F32, F32, F32, F32]
Said = list[tuple[Bool, F32]]
"""On and strength, of each detector."""


@dataclass(frozen=True)
class Alarms:
    """Alarms of some detectors: the bits of all alarms of each meter before, and whether each detector's was on."""

    detectors: tuple[Detector, ...]
    before: U32
    was: tuple[Bool, ...]

    @staticmethod
    def of(before: U32, detectors: tuple[Detector, ...]) -> Alarms:
        """From the bits; mostly no alarm of a kind is on."""
        on, none = int(np.bitwise_or.reduce(before)), np.zeros(len(before), np.bool_)
        bits = [detector.bit for detector in detectors]
        return Alarms(detectors, before, tuple((before & np.uint32(bit)) != 0 if on & bit else none for bit in bits))


def run(held: Held, alarms: Alarms, x: Any) -> Said:
    """Steps of the detectors, whose state is `held`."""
    said = []
    for detector, was in zip(alarms.detectors, alarms.was, strict=True):
        kept = detector.state(*held.all(detector.names))
        new, on, strength = detector.step(detector.config, x, kept, was)
        held.put_changed(detector.names, kept, new)
        said.append((on, strength))
    return said


def tell(state: State, work: Batch, at: I64, held: Held, alarms: Alarms, x: Any, said: Said) -> tuple[U32, U32]:
    """Make transitions of what opened or closed in the rows at `at`; bits of alarms on afterwards.

    Momentary alarms are in the second bits only, which is what is shown.
    """
    after: U32 = alarms.before
    momentary: U32 | np.uint32 = np.uint32(0)
    for detector, was, (on, strength) in zip(alarms.detectors, alarms.was, said, strict=True):
        moved = on if detector.momentary else on != was
        if not np.count_nonzero(moved):
            continue
        hit, bits = np.flatnonzero(moved), moved * np.uint32(detector.bit)
        if detector.momentary:
            momentary = momentary | bits
        else:
            after = after ^ bits
        kept = detector.state(*(column[hit] for column in held.all(detector.names)))
        strong = np.broadcast_to(strength, len(on))[hit]
        report(state, work, at[hit], detector, _only(x, hit), kept, on[hit], strong)
    return after, after | momentary


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
    """The rows `hit` of columns, some of which may be one value for all rows."""
    return type(columns)(*(column[hit] if column.ndim else column.repeat(len(hit)) for column in columns))


def report(
    state: State, work: Batch, rows: I64, detector: Detector, x: Any, kept: Any, on: Bool, strength: F32
) -> None:
    """Emit what opened or closed at `rows`: `x` was seen, `kept` is the detector's state after it."""
    proof = detector.evidence(detector.config, x, kept)
    ago = np.rint(proof.since).astype(np.int64)
    ago_s = (ago + 1) * DAY_S if detector.stage == "day" else ago * work.cadence_s[rows]
    since_s = np.maximum(work.rows.start_s[rows] - ago_s, 0)
    numbers = (proof.actual_wh, proof.expected_wh, proof.excess_wh_per_day, bounded(strength))
    if detector.momentary:
        _add(work, rows, detector.kind, on, since_s, numbers)
        told = work.transitions[-1]
        work.transitions.append(replace(told, opened=~on))
    else:
        _emit(state, work, rows, detector.kind, on, since_s, numbers)


def _emit(state: State, work: Batch, rows: I64, kind: Kind, opened: Bool, since_s: I64, numbers: Numbers) -> None:
    """Add transitions; a closing one carries the start that its opening had."""
    _add(work, rows, kind, opened, began(state, kind.slug, work.index[rows], opened, since_s), numbers)


def _add(work: Batch, rows: I64, kind: Kind, opened: Bool, since_s: I64, numbers: Numbers) -> None:
    work.transitions.append(
        Transitions(
            row=rows,
            index=work.index[rows].astype(np.int32),
            kind=np.full(len(rows), kind, np.uint8),
            opened=opened,
            since_s=since_s,
            at_s=work.rows.start_s[rows],
            actual_wh=numbers[0].astype(np.float32),
            expected_wh=numbers[1].astype(np.float32),
            excess_wh_per_day=numbers[2].astype(np.float32),
            score=numbers[3].astype(np.float32),
        )
    )
