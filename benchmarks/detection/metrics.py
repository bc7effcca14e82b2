"""Figures of detection quality: ranking of readings, decisions at a preset threshold, events; no point adjustment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.injection import Injected

Scores = npt.NDArray[np.floating]
Flags = npt.NDArray[np.bool_]
DAY = 24
MERGE_H = 2
MONTH_H, WEEK_H = 730.5, 168.0


def average_precision(score: Scores, label: Flags) -> float:
    """Area under precision over recall; tied scores count as one step. NaN without a positive label."""
    precision, recall = _curve(score, label)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision)) if label.any() else np.nan


def roc_auc(score: Scores, label: Flags) -> float:
    """Chance that a labelled reading outranks another; NaN where only one class exists."""
    positive, negative = int(label.sum()), int((~label).sum())
    if not positive or not negative:
        return np.nan
    _, inverse, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    return float((rank[inverse][label].sum() - positive * (positive + 1) / 2) / (positive * negative))


def best_f1(score: Scores, label: Flags) -> float:
    """F1 at the threshold that is best in hindsight: an oracle, never a result."""
    precision, recall = _curve(score, label)
    total = precision + recall
    return float(np.max(2 * precision * recall / np.where(total > 0, total, 1), initial=0.0))


def _curve(score: Scores, label: Flags) -> tuple[Scores, Scores]:
    """Precision and recall at each distinct score, highest first."""
    order = np.argsort(-score, kind="stable")
    hits, ranked = np.cumsum(label[order]), score[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.empty(0, np.int64)
    return hits[last] / (last + 1), hits[last] / max(1, int(label.sum()))


def precision_recall_f1(flag: Flags, label: Flags) -> tuple[float, float, float]:
    """Of readings; 0 where nothing was flagged."""
    hit = int((flag & label).sum())
    precision, recall = hit / max(1, int(flag.sum())), hit / max(1, int(label.sum()))
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


@dataclass(frozen=True)
class Runs:
    """Flagged hours of one meter merged over gaps of up to 2 h: first and last hour of each run."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]


def runs(flag: Flags, merge_h: int = MERGE_H) -> Runs:
    """Merged runs of one meter's flags."""
    at = np.flatnonzero(flag)
    if not len(at):
        return Runs(at, at)
    cut = np.flatnonzero(np.diff(at) > merge_h)
    return Runs(at[np.append(0, cut + 1)], at[np.append(cut, len(at) - 1)])


@dataclass(frozen=True)
class Found:
    """What became of one event: whether and when it was flagged."""

    number: int
    found: bool
    delay_h: int


@dataclass(frozen=True)
class EventFigures:
    """Events found and false runs; `meter_hours` is the time without truth in which runs count as false."""

    found: tuple[Found, ...]
    false_runs: npt.NDArray[np.int64]
    meter_hours: npt.NDArray[np.int64]

    @property
    def false_per_month(self) -> float:
        """False events a meter-month."""
        return float(self.false_runs.sum() / max(1, self.meter_hours.sum()) * MONTH_H)


def judge_events(flag: Flags, injected: Injected, since: int) -> EventFigures:
    """Which events have a flag on a changed hour, and how many runs of flags come near no event (within a day).

    `flag` has shape (hours, meters); hours before `since` are history. An event none of whose hours was read cannot be
    found by a score and is not listed. A flag that would have been there anyway counts as well: see the recall by
    chance, which is this function on the flags of the unchanged readings.
    """
    busy = np.zeros(flag.shape, bool)
    found = []
    for event in injected.events:
        hours = slice(event.first, event.last)
        busy[max(0, event.first - DAY) : event.last + DAY, event.meter] = True
        changed = (injected.truth[hours, event.meter] > 0) & np.isfinite(injected.values[hours, event.meter])
        up = np.flatnonzero(flag[hours, event.meter] & changed)
        if changed.any():
            found.append(Found(event.number, bool(len(up)), int(up[0]) if len(up) else -1))
    free = ~busy[since:] & np.isfinite(injected.values[since:])
    false_runs = [_false_runs(flag[since:, m], busy[since:, m]) for m in range(flag.shape[1])]
    return EventFigures(tuple(found), np.array(false_runs), free.sum(0))


def _false_runs(flag: Flags, busy: Flags) -> int:
    seen = runs(flag)
    before = np.append(0, np.cumsum(busy))
    return int((before[seen.last + 1] == before[seen.first]).sum()) if len(seen.first) else 0


class Ranking:
    """Scores sorted once, so that average precision with other weights of the groups is cheap."""

    def __init__(self, score: Scores, label: Flags, group: npt.NDArray[np.int64]) -> None:
        order = np.argsort(-score, kind="stable")
        self._label, self._group = label[order], group[order]

    def average_precision(self, weights: npt.NDArray[np.float64]) -> float:
        """Of readings weighted by their group; ties in the order given."""
        weight = weights[self._group]
        total, hits = np.cumsum(weight), np.cumsum(weight * self._label)
        gained = weight * self._label * hits / np.maximum(total, 1e-12)
        return float(gained.sum() / hits[-1]) if hits[-1] > 0 else np.nan


def ratio_interval(ours: Ranking, peer: Ranking, groups: int, seed: int = 7, draws: int = 100) -> tuple[float, float]:
    """90 % interval of the ratio of average precisions over resampled groups (buildings, never readings)."""
    rng = np.random.default_rng(seed)
    ratios = []
    for _ in range(draws):
        weights = np.bincount(rng.integers(0, groups, groups), minlength=groups).astype(np.float64)
        ratios.append(ours.average_precision(weights) / peer.average_precision(weights))
    low, high = np.nanquantile(ratios, [0.05, 0.95])
    return float(low), float(high)
