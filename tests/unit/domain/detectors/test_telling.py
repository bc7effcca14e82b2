"""Transitions from the alarms of a block that changed; the functions that are compiled for it, as they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.compiled.telling import PROOFS, Telling, tell
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.layout import EVENTS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.registry import discover
from redaptive.domain.detectors.rows import Transitions

READING = tuple(d for d in discover() if d.stage == "reading")
DAILY = tuple(d for d in discover() if d.stage == "day")
MOMENTARY = next(d for d in READING if d.momentary)
LASTING = next(d for d in READING if not d.momentary)
CADENCE_S = 900


@dataclass
class Block:
    """Rows of a block: (meter, flips, alarms on, start of the interval, intervals or days since it began)."""

    rows: list[tuple[int, int, int, int, float]]
    strength: float = 400.0
    state: State = field(default_factory=lambda: State.of_meters(1024))

    def told(self, telling: Telling, detectors: int) -> Transitions:
        """What is told of the rows, which stand at 7, 8 and so on of a batch."""
        floats = np.zeros(block.LANES * detectors * PROOFS, np.float32)
        words = np.zeros(block.LANES * len(block.WORDS), np.int32)
        longs = np.zeros(block.LANES * len(block.LONGS), np.int64)
        proofs = floats.reshape(detectors, PROOFS, block.LANES)
        for i, (meter, flips, on, start_s, since) in enumerate(self.rows):
            words[block.FLIPS + i], words[block.ON + i], words[block.CADENCE + i] = flips, on, CADENCE_S
            longs[block.AT + i], longs[block.PLACE + i], longs[block.START + i] = meter, i + 7, start_s
            proofs[:, 0, i], proofs[:, 1:4, i], proofs[:, 4, i] = since, [1.0, 2.0, 3.0], self.strength
        assert block.any_set(block.FLIPS, words) == any(flips for _, flips, *_ in self.rows)
        about, room = telling.begun(self.state, len(self.rows))
        return Transitions.join(telling.told(tell(len(self.rows), 0, about, room, floats, words, longs, 0)))


def test_an_event_closes_with_the_start_that_it_opened_with() -> None:
    telling, bit, both = Telling(READING), LASTING.kind.bit, Block([(5, LASTING.kind.bit, 0, 0, 2.0)])
    both.rows = [(5, bit, bit, 9_000, 2.0)]
    opened = both.told(telling, len(READING))
    both.rows = [(5, bit, 0, 18_000, 0.0)]
    closed = both.told(telling, len(READING))
    assert (opened.row.tolist(), opened.kind.tolist(), opened.opened.tolist()) == ([7], [LASTING.kind], [True])
    assert opened.since_s.tolist() == closed.since_s.tolist() == [9_000 - 2 * CADENCE_S]
    assert (closed.opened.tolist(), closed.at_s.tolist()) == ([False], [18_000])
    assert (opened.actual_wh.tolist(), opened.expected_wh.tolist()) == ([1.0], [2.0])
    assert (opened.excess_wh_per_day.tolist(), opened.score.tolist()) == ([3.0], [100.0])
    assert both.state.dirty_parts[EVENTS].tolist() == [True]


def test_a_momentary_alarm_closes_at_once_and_leaves_no_start() -> None:
    gap, both = MOMENTARY.kind.bit, MOMENTARY.kind.bit | LASTING.kind.bit
    rows = Block([(5, both, both, 9_000, 1.0), (6, gap, gap, 9_900, 1.0), (9, 0, 0, 9_900, 1.0)])
    told = rows.told(Telling(READING), len(READING))
    found = list(zip(told.index.tolist(), told.kind.tolist(), told.opened.tolist(), strict=True))
    kind, lasting = int(MOMENTARY.kind), (5, int(LASTING.kind), True)
    gaps = [(m, kind, o) for m in (5, 6) for o in (True, False)]
    assert found == sorted([*gaps, lasting], key=lambda f: (f[0], f[1], not f[2]))
    assert rows.state.columns[f"since.{LASTING.kind.slug}"][[5, 6]].tolist() == [9_000 - CADENCE_S, 0]
    assert f"since.{Kind(kind).slug}" not in rows.state.columns


def test_days_are_counted_back_from_the_reading_after_them_and_nothing_begins_before_1970() -> None:
    bit = DAILY[0].kind.bit
    told = Block([(5, bit, bit, 900_000, 3.0), (6, bit, bit, 90_000, 3.0)]).told(Telling(DAILY), len(DAILY))
    assert told.since_s.tolist() == [900_000 - 4 * 86_400, 0]


def test_a_strength_that_is_no_number_or_below_zero_is_told_as_nothing() -> None:
    bit = LASTING.kind.bit
    for strength, score in ((np.nan, 0.0), (-3.0, 0.0), (-0.0, 0.0), (17.5, 17.5)):
        told = Block([(5, bit, bit, 9_000, 0.0)], strength).told(Telling(READING), len(READING))
        assert told.score.tobytes() == np.array([score], np.float32).tobytes()
