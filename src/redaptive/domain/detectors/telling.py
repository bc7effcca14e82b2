"""Transitions of the alarms that changed in a compiled pass, from the evidence that it gave."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Detector, Evidence, bounded
from redaptive.domain.detectors.layout import EVENTS
from redaptive.domain.detectors.rows import F32, I32, I64, U32, Bool, Transitions
from redaptive.domain.detectors.shards import SHARD_BITS
from redaptive.domain.detectors.state import State

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


def tell_moved(
    state: State, moved: Moved, index: I32 | I64, start_s: I64, cadence_s: I32, detectors: tuple[Detector, ...]
) -> Transitions:
    """The transitions; `index`, `start_s` and `cadence_s` are of the rows of the batch that `moved` speaks of."""
    bits = np.array([detector.kind.bit for detector in detectors], np.uint32)
    hit, d = np.nonzero(moved.flips[:, None] & bits)
    rows, proof = moved.rows[hit], moved.proofs[hit, d].T
    meters, at_s = index[rows], start_s[rows]
    opened = (moved.on[hit] & bits[d]) != 0
    since_s = np.maximum(at_s - np.rint(proof[0]).astype(np.int64) * cadence_s[rows], 0)
    momentary = np.zeros(len(hit), np.bool_)
    for k in set(d.tolist()):
        own = np.flatnonzero(d == k)
        if detectors[k].momentary:
            momentary[own] = True
        else:
            since_s[own] = _since(state, detectors[k], meters[own], opened[own], since_s[own])
    told = Transitions(
        row=rows,
        index=meters.astype(np.int32),
        kind=np.array([detector.kind for detector in detectors], np.uint8)[d],
        opened=opened,
        since_s=since_s,
        at_s=at_s,
        actual_wh=proof[1],
        expected_wh=proof[2],
        excess_wh_per_day=proof[3],
        score=bounded(proof[4]),
    )
    return _closed_at_once(told, momentary) if momentary.any() else told


def _since(state: State, detector: Detector, meters: I32 | I64, opened: Bool, since_s: I64) -> I64:
    """When the events began; a closing one has the start that its opening had."""
    since = state.columns[f"since.{detector.kind.slug}"]
    since[meters[opened]] = since_s[opened]
    state.mark(EVENTS, meters[opened] >> SHARD_BITS)
    began: I64 = since[meters].astype(np.int64)
    return began


def _closed_at_once(told: Transitions, momentary: Bool) -> Transitions:
    """Momentary alarms close with the reading that opened them."""
    twice = np.concatenate([np.arange(len(told)), np.flatnonzero(momentary)])
    columns = {name: column[twice] for name, column in vars(told).items()}
    columns["opened"] = columns["opened"] ^ (np.arange(len(twice)) >= len(told))
    return Transitions(**columns)
