"""One run of the evaluation: events put into the judged year, every detector on the same rows, and their figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from detection import ours, peers
from detection.injection import Event, Injected, Matrix, Mix, inject
from detection.meters import Span
from detection.metrics import MONTH_H, EventFigures, Flags, judge_events
from redaptive.domain.detectors import ranking
from redaptive.domain.detectors.together.fleet import FLAG_SCORE
from redaptive.domain.detectors.together.lasting import Gathered

OURS, LIVE = "ours (causal)", "ours, live kernel alone"
WEEK_Z, GLOBAL_Z, FOREST = "hour-of-week z", "global z", "IsolationForest"
TREES, RETRO = "river HalfSpaceTrees", "retrospective hour-of-week z"
PRESET = {
    OURS: FLAG_SCORE,
    LIVE: float(ranking.FLAG_SCORE),
    WEEK_Z: 5.0,
    GLOBAL_Z: 3.5,
    FOREST: 0.5,
    TREES: None,
    RETRO: 5.0,
}
CAUSAL_PEERS = (WEEK_Z, GLOBAL_Z, FOREST, TREES)
HOLD_H = 6
ONE, HELD, GATHERED = "one reading", "median of 6 h", "gathered"


@dataclass(frozen=True)
class Case:
    """One drawing of events, and its columns among those that are scored."""

    mix: str
    seed: int
    injected: Injected
    columns: slice

    @cached_property
    def labels(self) -> Flags:
        """See `Injected.labels`."""
        return self.injected.labels()

    @cached_property
    def counted(self) -> Flags:
        """See `Injected.counted`."""
        return self.injected.counted()

    @cached_property
    def counted_with_ramps(self) -> Flags:
        """See `Injected.counted`."""
        return self.injected.counted(with_ramps=True)


@dataclass(frozen=True)
class Study:
    """Cases side by side, the unchanged readings last; scores by detector, NaN where nothing was read."""

    span: Span
    cases: tuple[Case, ...]
    plain: slice
    judged: ours.Judged
    scores: dict[str, Matrix]

    def of(self, mix: str) -> tuple[Case, ...]:
        """The cases of one mix."""
        return tuple(case for case in self.cases if case.mix == mix)

    def rows(
        self, name: str, cases: tuple[Case, ...], chosen: npt.NDArray[np.bool_], *, with_ramps: bool = False
    ) -> tuple[Matrix, Flags, npt.NDArray[np.int64]]:
        """Score, label and building number of all counted readings of the `chosen` meters in the judged year."""
        numbers = np.unique(self.span.buildings, return_inverse=True)[1]
        columns = np.flatnonzero(chosen)
        parts = []
        for case in cases:
            after = (slice(self.span.since, None), columns)
            score = self.scores[name][:, case.columns][after]
            keep = (case.counted_with_ramps if with_ramps else case.counted)[after] & np.isfinite(score)
            building = np.broadcast_to(numbers[columns], keep.shape)[keep]
            parts.append((score[keep], case.labels[after][keep], building))
        score, label, building = (np.concatenate(part) for part in zip(*parts, strict=True))
        return score, label, building

    def view(self, name: str, rule: str = ONE) -> Matrix:
        """Scores by one of `RULES`, 0 where nothing was read."""
        return RULES[rule](self.scores[name])

    def events(self, score: Matrix, case: Case, threshold: float, *, plain: bool = False) -> EventFigures:
        """Events of a case found by flags at `threshold`; `plain`: by flags of the unchanged readings, by chance."""
        return judge_events(
            score[:, self.plain if plain else case.columns] >= threshold, case.injected, self.span.since
        )


def held_score(score: Matrix) -> Matrix:
    """Causal persistence: the median of the last six hours, hours without a reading as 0."""
    padded = np.concatenate([np.zeros((HOLD_H - 1, score.shape[1])), np.nan_to_num(score)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, HOLD_H, axis=0)
    return np.partition(windows, HOLD_H // 2, axis=-1)[..., HOLD_H // 2]


def gathered_score(score: Matrix) -> Matrix:
    """The highest sum of a change since it left zero: the events that `anomalies score` lists last until it is zero."""
    state, highest, found = Gathered(score.shape[1], 1.0), np.zeros(score.shape[1]), np.empty(score.shape)
    for hour, row in enumerate(score):
        total = state.add(hour, row)[0]
        highest = found[hour] = np.where(total > 0, np.maximum(highest, total), 0.0)
    return found


RULES: dict[str, Callable[[Matrix], Matrix]] = {ONE: np.nan_to_num, HELD: held_score, GATHERED: gathered_score}
"""How an hour is flagged: by its score, by those of six hours, by the sum of a change that lasts."""


def drawn_cases(span: Span, mixes: tuple[Mix, ...], seeds: tuple[int, ...]) -> tuple[Case, ...]:
    """Each mix injected with each seed into the judged year, columns side by side."""
    n = len(span.names)
    drawn = [
        (mix.name, seed, inject(span.kwh, span.slot, seed, since=span.since, until=len(span.kwh), mix=mix))
        for mix in mixes
        for seed in seeds
    ]
    return tuple(Case(*parts, slice(i * n, (i + 1) * n)) for i, parts in enumerate(drawn))


def conduct(
    span: Span, mixes: tuple[Mix, ...], seeds: tuple[int, ...], *, slow_peers: bool = True, every_peer: bool = True
) -> Study:
    """Inject each mix with each seed into the judged year and score everything once.

    Without `every_peer`, the best one alone.
    """
    n = len(span.names)
    cases = drawn_cases(span, mixes, seeds)
    kwh = np.concatenate([*(case.injected.values for case in cases), span.kwh], axis=1)
    live = ours.run(kwh, span.start_s, span.temperature_c)
    score, expected = ours.together(kwh, span)
    judged = ours.Judged(score, expected, live.alarms)
    scores = {
        OURS: score,
        LIVE: np.where(np.isfinite(kwh), np.nan_to_num(live.score), np.nan),
        WEEK_Z: peers.hour_of_week_z(kwh, span.slot),
    }
    if every_peer:
        scores[GLOBAL_Z] = peers.global_z(kwh, span.slot, span.since)
        scores[FOREST] = peers.isolation_forest(kwh, span.slot, span.since, n)
        scores[RETRO] = peers.retrospective_z(kwh, span.slot, span.since)
    if slow_peers and every_peer:
        scores[TREES] = _first_seeds(kwh, span, cases, seeds[0])
    return Study(span, cases, slice(len(cases) * n, (len(cases) + 1) * n), judged, scores)


def _first_seeds(kwh: Matrix, span: Span, cases: tuple[Case, ...], seed: int) -> Matrix:
    """The slow streaming trees on the first seed's columns only; NaN elsewhere."""
    score = np.full(kwh.shape, np.nan)
    for case in cases:
        if case.seed == seed:
            score[:, case.columns] = peers.half_space_trees(kwh[:, case.columns], span.slot, span.since)
    return score


def threshold_for(study: Study, score: Matrix, mix: str, false_per_month: float) -> float:
    """The lowest threshold of a view with at most that many false events a meter-month over the cases of `mix`.

    Infinite where none of the values is such a threshold.
    """
    values = np.sort(score[study.span.since :], axis=None)

    def keeps(threshold: float) -> bool:
        return (
            threshold > 0
            and false_per_meter_month([study.events(score, c, threshold) for c in study.of(mix)]) <= false_per_month
        )

    low, high = int(0.8 * len(values)), len(values) - 1
    if not keeps(float(values[high])):
        return float("inf")
    while high - low > len(values) // 5000:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(float(values[middle])) else (middle, high)
    return float(values[high])


def false_per_meter_month(figures: list[EventFigures]) -> float:
    """Over all cases."""
    return float(sum(f.false_runs.sum() for f in figures) / sum(f.meter_hours.sum() for f in figures) * MONTH_H)


def recall(figures: list[EventFigures], cases: tuple[Case, ...], wanted: Callable[[Event], bool]) -> tuple[int, int]:
    """Events found and all events for which `wanted` holds."""
    pairs = [(f, case.injected.events[f.number]) for case, part in zip(cases, figures, strict=True) for f in part.found]
    hits = [f.found for f, event in pairs if wanted(event)]
    return sum(hits), len(hits)
