"""Readings of a file judged in fleets: the meters of one commodity and cadence beside each other, by the past alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from redaptive.documents.results import MeterHint
from redaptive.domain.detectors.calendar import SLOT_MASK, LocalCalendar
from redaptive.domain.detectors.rows import Rows
from redaptive.domain.detectors.together.first_days import Floats
from redaptive.domain.detectors.together.fleet import Fleet
from redaptive.domain.detectors.together.lasting import Gathered
from redaptive.domain.detectors.together.learned import CHUNK, learned_score
from redaptive.domain.detectors.together.traits import Traited
from redaptive.reference.anomalies import packaged_trees

Numbers = npt.NDArray[np.int64]
HOUR_S: Final = 3600
LONGEST_LEARNED_H: Final = 1.0
"""The trees learned from hours; readings of longer intervals keep the hand-made score."""


class FleetScores(NamedTuple):
    """By row: expectation (unit of the energy, NaN unknown), score (0 to 100), what has gathered of lasting change, and
    the time (s) at which that began, -1 where nothing has.
    """

    expected: Floats
    score: Floats
    gathered: Floats
    since_s: Numbers


def score_fleets(
    rows: Rows, energy: Floats, usable: npt.NDArray[np.bool_], hints: Sequence[MeterHint], calendar: LocalCalendar
) -> FleetScores:
    """Scores of each row; rows stand in order of time.

    `energy` is each row's reading in any unit, since scores do not depend on it; the values of `rows` do not count.
    Rows that are not `usable` have no score and teach nothing. `calendar` knows one site, that of all meters.
    """
    n = len(rows)
    found = FleetScores(np.full(n, np.nan), np.zeros(n), np.zeros(n), np.full(n, -1, np.int64))
    fleet_of = _fleets(hints)
    mine = fleet_of[rows.index]
    for number in range(int(fleet_of.max()) + 1):
        members = np.flatnonzero(fleet_of == number)
        at = np.flatnonzero((mine == number) & usable)
        place = np.searchsorted(members, rows.index[at])
        interval_s = hints[int(members[0])].interval_s
        fleet = Fleet(len(members), interval_s / HOUR_S)
        found.expected[at], found.score[at] = _judged(fleet, rows.take(at), energy[at], place, calendar)
        gathered = gather(rows.start_s[at], place, found.score[at], len(members), interval_s)
        found.gathered[at], found.since_s[at] = gathered
    return found


def gather(start_s: Numbers, meter: Numbers, score: Floats, meters: int, interval_s: int) -> tuple[Floats, Numbers]:
    """What has gathered at each reading of `meters` meters and since when; readings stand in order of time.

    An interval in which a meter was not read counts as usual.
    """
    sums, since = np.zeros(len(score)), np.full(len(score), -1, np.int64)
    state, before = Gathered(meters, interval_s / HOUR_S), int(start_s[0]) if len(start_s) else 0
    for here in _intervals(start_s):
        now = int(start_s[here.start])
        state.skip(max(0, (now - before) // interval_s - 1))
        read = np.full(meters, np.nan)
        read[meter[here]] = score[here]
        found, begun = state.add(now, read)
        sums[here], since[here], before = found[meter[here]], begun[meter[here]], now
    return sums, since


def _fleets(hints: Sequence[MeterHint]) -> Numbers:
    """A number for each meter, the same for those of one commodity and cadence."""
    keys = [(str(hint.commodity), hint.interval_s) for hint in hints]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], np.int64)


def _judged(fleet: Fleet, rows: Rows, energy: Floats, place: Numbers, calendar: LocalCalendar) -> tuple[Floats, Floats]:
    code, day = calendar.lookup(np.zeros(len(rows), np.int16), rows.start_s)
    slot = code & np.int16(SLOT_MASK)
    expected, score = np.empty(len(rows)), np.empty(len(rows))
    waiting = Waiting(fleet.hours, score)
    for here in _intervals(rows.start_s):
        read = np.full(fleet.meters, np.nan)
        read[place[here]] = energy[here]
        first = here.start
        found = fleet.judge(int(day[first]), int(slot[first]), read, float(rows.temperature_c[first]))
        expected[here], score[here] = found.expected[place[here]], found.score[place[here]]
        waiting.add(here, found.traits[:, place[here]])
    waiting.end()
    return expected, score


class Waiting:
    """Readings whose hand-made scores stand in `score` and become those of the learned trees, many at a time."""

    def __init__(self, hours: float, score: Floats) -> None:
        self._trees = packaged_trees() if hours <= LONGEST_LEARNED_H else None
        self._score, self._first, self._traits = score, 0, list[Traited]()
        self._rows = 0

    def add(self, here: slice, traits: Traited) -> None:
        """The traits of the next rows, (traits, rows)."""
        if self._trees is None:
            return
        self._traits.append(traits)
        self._rows = here.stop
        if self._rows - self._first >= CHUNK:
            self.end()

    def end(self) -> None:
        """Score what waits."""
        if self._trees is None or not self._traits:
            return
        rows = slice(self._first, self._rows)
        self._score[rows] = learned_score(self._trees, self._score[rows], np.concatenate(self._traits, axis=1))
        self._first, self._traits = self._rows, []


def _intervals(start_s: Numbers) -> Iterator[slice]:
    """Places of the rows of each interval, which stand together."""
    edges = [0, *(np.flatnonzero(np.diff(start_s)) + 1).tolist(), len(start_s)]
    for first, last in pairwise(edges):
        if last > first:
            yield slice(first, last)
