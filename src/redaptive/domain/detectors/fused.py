"""A round as one compiled loop over its rows: every step of a reading before the next reading, in registers.

The loop is written here as text, because a compiled function cannot go over detectors that differ in type. Order of
operations and types are those of the NumPy path, so the bits are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking
from redaptive.domain.detectors.base import Column, Detector, Reading
from redaptive.domain.detectors.beginning import of_begun
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, SLOT_MASK, SLOTS
from redaptive.domain.detectors.rows import F32, I16, I32, I64, U32, Bool
from redaptive.domain.detectors.scalars import Function, Scalars
from redaptive.domain.detectors.shards import SHARD_BITS
from redaptive.domain.detectors.state import State

HOURS_PER_S: Final = np.float32(3600.0)


class Given(NamedTuple):
    """Columns of a round, in the order in which the loop takes them; `at` is the row of slots in the state."""

    at: I64
    code: I16
    cadence_s: I32
    energy: F32
    whole_wh: I64
    temperature: F32
    steps: I32


class Found(NamedTuple):
    """What the loop says of each row; `flips` bits of alarms that changed, momentary ones included.

    `strength` is (detectors, rows), set only where an alarm changed.
    """

    expected: F32
    score: F32
    kinds: U32
    flips: U32
    judged: F32
    spread: F32
    z: F32
    warm: Bool
    strength: F32

    @staticmethod
    def empty(n: int, detectors: int) -> Found:
        """Columns to be filled."""
        a, b, c, d, e = (np.empty(n, np.float32) for _ in range(5))
        kinds, flips = np.empty(n, np.uint32), np.empty(n, np.uint32)
        return Found(a, b, kinds, flips, c, d, e, np.empty(n, np.bool_), np.empty((detectors, n), np.float32))


class Fused:
    """The compiled loop; `run` scores a round and updates the state."""

    def __init__(self, detectors: tuple[Detector, ...], scalars: Scalars, jit: Callable[[Function], Function]) -> None:
        self._detectors = detectors
        source = _source(detectors)
        names = _namespace(detectors, scalars)
        exec(compile(source, "<fused>", "exec"), names)  # noqa: S102 -- text of this module only
        self._loop = jit(names["loop"])

    def run(self, state: State, hot: Column, given: Given) -> Found:
        """Score the rows, each of another meter, whose hot state is the records `hot`, in the same order."""
        found = Found.empty(len(given.at), len(self._detectors))
        level, spread = (state.columns[f"{expectation.ID}.{field}"] for field in expectation.Slot._fields)
        self._loop(given, hot, level, spread, state.dirty_slots, found)
        return found


def reading(given: Given, found: Found, rows: I64) -> Reading:
    """What the steps saw of these rows of the round."""
    code = given.code[rows]
    return Reading(
        energy=given.energy[rows],
        whole_wh=given.whole_wh[rows],
        expected=found.judged[rows],
        spread=found.spread[rows],
        z=found.z[rows],
        warm=found.warm[rows],
        temperature=given.temperature[rows],
        hours=given.cadence_s[rows].astype(np.float32) / HOURS_PER_S,
        steps=given.steps[rows].astype(np.float32),
        slot=code & np.int16(SLOT_MASK),
        closed=(code & np.int16(CLOSED)) != 0,
        hours_known=(code & np.int16(HOURS_KNOWN)) != 0,
        holiday=(code & np.int16(HOLIDAY)) != 0,
    )


def _namespace(detectors: tuple[Detector, ...], scalars: Scalars) -> dict[str, Any]:
    names: dict[str, Any] = {
        "np": np, "NAN": np.float32(np.nan), "HOURS_PER_S": HOURS_PER_S, "Reading": Reading,
        "Kept": expectation.State, "Slot": expectation.Slot, "Ranks": ranking.State, "Sums": day.Sums,
        "EXPECTATION": expectation.CONFIG, "RANKING": ranking.CONFIG,
        "judge": scalars.compiled(expectation.judge), "learn": scalars.compiled(expectation.learn),
        "from_yesterday": scalars.compiled(expectation.from_yesterday),
        "rank": scalars.compiled(ranking.step), "add": scalars.compiled(day.add),
        "of_begun": scalars.compiled(of_begun),
    }  # fmt: skip
    for d, detector in enumerate(detectors):
        names |= {f"C{d}": detector.config, f"S{d}": detector.state, f"step{d}": scalars.compiled(detector.step)}
    return names


_BEFORE: Final = f"""
        code = g.code[i]
        slot = code & {SLOT_MASK}
        hour = slot % 24
        hours = np.float32(g.cadence_s[i]) / HOURS_PER_S
        energy = of_begun(g.energy[i], kept.scale)
        stored = Slot(level[slot, m], spread[slot, m])
        slots = stored
        if slots.spread == np.float32(0.0):
            ago = (slot + {SLOTS - 24}) % {SLOTS}
            slots = from_yesterday(EXPECTATION, kept, slots, Slot(level[ago, m], spread[ago, m]))
        found = judge(EXPECTATION, energy, g.temperature[i], kept, slots)
        ranks, ranked = rank(RANKING, energy, hours, np.int16(hour // 6), kept.seen_h, found, ranks)
        new, learned = learn(EXPECTATION, energy, hours, ranked.hold, kept, stored, slots, found)
        expected = found.expected if found.warm else NAN
        z = found.z if found.warm else NAN
        night = np.float32({day.NIGHT_FROM_H} <= hour < {day.NIGHT_TO_H})
        earlier, later = level[(slot + {SLOTS - 1}) % {SLOTS}, m], level[(slot + 1) % {SLOTS}, m]
        sums = add(sums, energy, expected, night, slots.level, earlier, later)
        level[slot, m], spread[slot, m] = learned.level, learned.spread
        dirty[m >> {SHARD_BITS}, slot] = True
        o.expected[i], o.score[i] = expected, ranked.score
        o.judged[i], o.spread[i], o.z[i], o.warm[i] = found.expected, found.spread, z, found.warm
        x = Reading(
            energy, g.whole_wh[i], found.expected, found.spread, z, found.warm, g.temperature[i], hours,
            np.float32(g.steps[i]), np.int16(slot),
            (code & {CLOSED}) != 0, (code & {HOURS_KNOWN}) != 0, (code & {HOLIDAY}) != 0,
        )
        before = r["meter.open"]
        flips = np.uint32(0)
        momentary = np.uint32(0)
"""
_AFTER: Final = """
        after = before ^ flips
        if flips:
            r["meter.open"] = after
        o.kinds[i] = after | momentary
        o.flips[i] = flips | momentary
"""


def _source(detectors: tuple[Detector, ...]) -> str:
    """The loop's text."""
    groups: tuple[tuple[str, str, str, str, type[Any]], ...] = (
        ("kept", "Kept", "new", expectation.ID, expectation.State),
        ("ranks", "Ranks", "ranks", ranking.ID, ranking.State),
        ("sums", "Sums", "sums", day.ID, day.Sums),
    )
    reads, writes, steps = [], [], []
    for variable, kind, result, owner, declared in groups:
        read, write = _access([f"{owner}.{f}" for f in declared._field_defaults], kind, result)
        reads.append(f"{variable} = {read}")
        writes += write
    for d, detector in enumerate(detectors):
        steps += _step(d, detector)
    head = ["def loop(g, hot, level, spread, dirty, o):", "    for i in range(len(g.at)):"]
    body = [f"        {line}" for line in ["m, r = g.at[i], hot[i]", *reads]]
    return "\n".join([*head, *body, _BEFORE, *(f"        {line}" for line in writes + steps), _AFTER])


def _access(fields: list[str], kind: str, result: str) -> tuple[str, list[str]]:
    """Text that reads the fields of one meter into a tuple, and text that writes a result back."""
    values = ", ".join(f'r["{field}"]' for field in fields)
    return f"{kind}({values})", [f'r["{field}"] = {result}[{k}]' for k, field in enumerate(fields)]


def _step(d: int, detector: Detector) -> list[str]:
    read, write = _access(list(detector.fields), f"S{d}", f"new{d}")
    bit, changed = int(detector.kind.bit), "on" if detector.momentary else "on != was"
    return [
        f"was = (before & {bit}) != 0",
        f"new{d}, on, strength = step{d}(C{d}, x, {read}, was)",
        *write,
        f"if {changed}:",
        f"    {'momentary' if detector.momentary else 'flips'} |= np.uint32({bit})",
        f"    o.strength[{d}, i] = strength",
    ]
