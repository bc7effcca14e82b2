"""The way of a reading through expectation, ranking and the sums of its day, over columns or symbols of columns."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Reading, pick
from redaptive.domain.detectors.day import Sums, add
from redaptive.domain.detectors.expectation import CONFIG as EXPECTATION
from redaptive.domain.detectors.expectation import Slot, judge, learn
from redaptive.domain.detectors.expectation import State as Kept
from redaptive.domain.detectors.ranking import CONFIG as RANKING
from redaptive.domain.detectors.ranking import State as Ranks
from redaptive.domain.detectors.ranking import step as rank
from redaptive.domain.detectors.rows import F32, I16, I64, Bool
from redaptive.domain.detectors.steps.beginning import of_begun

NAN: Final = np.float32(np.nan)


class Seen(NamedTuple):
    """What is known of each reading beside its meter's state.

    `quarter` of the day is 0 to 3, `night` 1 at night and else 0, `earlier` and `later` are levels of the slots beside.
    """

    energy: F32
    whole_wh: I64
    temperature: F32
    hours: F32
    steps: F32
    slot: I16
    quarter: I16
    night: F32
    closed: Bool
    hours_known: Bool
    holiday: Bool
    earlier: F32
    later: F32


class Memory(NamedTuple):
    """State of the meters that every reading changes."""

    kept: Kept
    ranks: Ranks
    sums: Sums


class Judged(NamedTuple):
    """State and slots afterwards, what is said of each reading, and what detectors are told."""

    memory: Memory
    slot: Slot
    expected: Column
    score: F32
    x: Reading


def judged(seen: Seen, memory: Memory, stored: Slot, slots: Slot) -> Judged:
    """Judge each reading by what was known before, and learn; `stored` slots as they were, `slots` to judge by."""
    kept = memory.kept
    energy = of_begun(seen.energy, kept.scale)
    found = judge(EXPECTATION, energy, seen.temperature, kept, slots)
    ranks, ranked = rank(RANKING, energy, seen.hours, seen.quarter, kept.seen_h, found, memory.ranks)
    new, learned = learn(EXPECTATION, energy, seen.hours, ranked.hold, kept, stored, slots, found)
    expected = pick(found.warm, found.expected, NAN)
    sums = add(memory.sums, energy, expected, seen.night, slots.level, seen.earlier, seen.later)
    x = Reading(
        energy=energy,
        whole_wh=seen.whole_wh,
        expected=found.expected,
        spread=found.spread,
        z=pick(found.warm, found.z, NAN),
        warm=found.warm,
        temperature=seen.temperature,
        hours=seen.hours,
        steps=seen.steps,
        slot=seen.slot,
        closed=seen.closed,
        hours_known=seen.hours_known,
        holiday=seen.holiday,
    )
    return Judged(Memory(new, ranks, sums), learned, expected, ranked.score, x)
