"""Transitions from what a compiled pass says has changed."""

from __future__ import annotations

import numpy as np

from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.layout import EVENTS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.registry import discover
from redaptive.domain.detectors.steps.telling import PROOF, Moved, Teller

DETECTORS = tuple(d for d in discover() if d.stage == "reading")
MOMENTARY = next(d for d in DETECTORS if d.momentary)
LASTING = next(d for d in DETECTORS if not d.momentary)


def _moved(flips: list[int], on: list[int], since: float) -> Moved:
    proofs = np.zeros((len(flips), len(DETECTORS), len(PROOF)), np.float32)
    proofs[..., 0], proofs[..., 4] = since, 400.0
    return Moved(np.arange(len(flips)) + 7, np.array(flips, np.uint32), np.array(on, np.uint32), proofs)


def test_an_event_closes_with_the_start_that_it_opened_with() -> None:
    state, teller, bit = State.of_meters(1024), Teller(DETECTORS), LASTING.kind.bit
    meter, cadence_s = np.array([5], np.int32), np.array([900], np.int32)
    opened = teller.tell(state, _moved([bit], [bit], since=2.0), meter, np.array([9_000]), cadence_s)
    closed = teller.tell(state, _moved([bit], [0], since=0.0), meter, np.array([18_000]), cadence_s)
    assert (opened.row.tolist(), opened.kind.tolist(), opened.opened.tolist()) == ([7], [LASTING.kind], [True])
    assert opened.since_s.tolist() == closed.since_s.tolist() == [9_000 - 2 * 900]
    assert (closed.opened.tolist(), closed.at_s.tolist()) == ([False], [18_000])
    assert opened.score.tolist() == [100.0]
    assert state.dirty_parts[EVENTS].tolist() == [True]


def test_a_momentary_alarm_closes_at_once_and_leaves_no_start() -> None:
    state, both = State.of_meters(1024), MOMENTARY.kind.bit | LASTING.kind.bit
    meters, cadence_s = np.array([5, 6], np.int32), np.full(2, 900, np.int32)
    moved = _moved([both, MOMENTARY.kind.bit], [both, MOMENTARY.kind.bit], since=1.0)
    told = Teller(DETECTORS).tell(state, moved, meters, np.array([9_000, 9_900]), cadence_s)
    found = sorted(zip(told.index.tolist(), told.kind.tolist(), told.opened.tolist(), strict=True))
    gap = int(MOMENTARY.kind)
    assert found == sorted([(5, int(LASTING.kind), True), *((m, gap, o) for m in (5, 6) for o in (False, True))])
    assert state.columns[f"since.{LASTING.kind.slug}"][[5, 6]].tolist() == [9_000 - 900, 0]
    assert f"since.{Kind(gap).slug}" not in state.columns
