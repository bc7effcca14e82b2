"""Transitions of the alarms that changed in a compiled pass, from the evidence that it gave."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Detector, Evidence, bounded
from redaptive.domain.detectors.memory.layout import EVENTS
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import F32, I32, I64, U32, Bool, Transitions

DAY_S: Final = 86_400
PROOF: Final = (*Evidence._fields, "strength")
"""What is told of each detector where an alarm changed."""


class Moved(NamedTuple):
    """Places of the rows whose alarms changed: bits that did, momentary ones included, bits on afterwards, and proofs.

    `proofs` is (rows, detectors, 5): the fields of `PROOF`.
    """

    rows: I64
    flips: U32
    on: U32
    proofs: F32


class Teller:
    """Makes transitions of what changed; it knows the detectors' kinds as columns."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._slugs = [detector.kind.slug for detector in detectors]
        self._kinds = np.array([detector.kind for detector in detectors], np.uint8)
        self._bits = np.array([detector.kind.bit for detector in detectors], np.uint32)
        self._daily = np.array([detector.stage == "day" for detector in detectors], np.bool_)
        self._momentary = np.array([detector.momentary for detector in detectors], np.bool_)

    def tell(self, state: State, moved: Moved, index: I32 | I64, start_s: I64, cadence_s: I32) -> Transitions:
        """The transitions; `index`, `start_s` and `cadence_s` are of the rows that `moved` lists."""
        hit, d = (moved.flips[:, None] & self._bits).nonzero()
        meters, at_s, proof = index[hit], start_s[hit], moved.proofs[hit, d].T
        opened = (moved.on[hit] & self._bits[d]) != 0
        ago = np.rint(proof[0]).astype(np.int64)
        ago_s = np.where(self._daily[d], (ago + 1) * DAY_S, ago * cadence_s[hit])
        since_s = np.maximum(at_s - ago_s, 0)
        for k in set(d.tolist()):
            if not self._momentary[k]:
                own = (d == k).nonzero()[0]
                since_s[own] = began(state, self._slugs[k], meters[own], opened[own], since_s[own])
        told = Transitions(
            row=moved.rows[hit],
            index=meters.astype(np.int32),
            kind=self._kinds[d],
            opened=opened,
            since_s=since_s,
            at_s=at_s,
            actual_wh=proof[1],
            expected_wh=proof[2],
            excess_wh_per_day=proof[3],
            score=bounded(proof[4]),
        )
        momentary = self._momentary[d]
        return _closed_at_once(told, momentary) if momentary.any() else told


def began(state: State, slug: str, meters: I32 | I64, opened: Bool, since_s: I64) -> I64:
    """When the events of a kind began; a closing one has the start that its opening had, which the state keeps."""
    since = state.columns[f"since.{slug}"]
    since[meters[opened]] = since_s[opened]
    state.mark(EVENTS, meters[opened] >> SHARD_BITS)
    kept: I64 = since[meters].astype(np.int64)
    return kept


def _closed_at_once(told: Transitions, momentary: Bool) -> Transitions:
    """Momentary alarms close with the reading that opened them."""
    twice = np.concatenate([np.arange(len(told)), np.flatnonzero(momentary)])
    columns = {name: column[twice] for name, column in vars(told).items()}
    columns["opened"] = columns["opened"] ^ (np.arange(len(twice)) >= len(told))
    return Transitions(**columns)
