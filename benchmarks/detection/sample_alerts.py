"""The sample portfolio's faults by stored readings: what the desk would say of each, graded by the truth tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from detection.injection import Matrix
from detection.ours import HOUR_S
from detection.sample_faults import USD_PER_KWH, Trial, alarms, opened, trials_of
from detection.tables import table
from redaptive.domain.alerts.comparable import Comparable, Episode
from redaptive.domain.alerts.faults import Fault as PendingFault
from redaptive.domain.alerts.identity import alert_id
from redaptive.domain.alerts.kinds import DAY_S
from redaptive.domain.alerts.persistence import Patience
from redaptive.domain.alerts.pricing import cost_per_day
from redaptive.domain.alerts.states import State
from redaptive.domain.alerts.weighing import WEIGHED, priced_excess, still, weigh
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import Transitions
from redaptive.sample.portfolio import build_portfolio
from redaptive.streams.alerts.history import local_slots

DATA = ("multiplier", "stuck", "clock_shift", "gap", "bad_value")
LEAST_USD = 1.0
"""Faults of the sample that cost less a day are counted, but not judged by money."""


def grade(size: str, per_kind: int) -> Iterable[str]:
    """One row a kind of fault: opened, by chance, delay, and USD a day as said at the opening and at the last look."""
    portfolio = build_portfolio(size)
    trials = trials_of(portfolio, per_kind)
    moved = alarms(portfolio, trials)
    head = ("fault", "faults", "opened", "by chance", "median days", "of the meter", "true USD/day", "said USD/day",
            "sign right", "median error", "not known")  # fmt: skip
    rows = []
    for kind in sorted({t.fault.type for t in trials}):
        mine = [(i, t) for i, t in enumerate(trials) if t.fault.type == kind and not t.fault.subthreshold]
        rows.append([kind, *_row([_said(i, t, moved) for i, t in mine], [t for _, t in mine])])
    yield from table(head, rows)


def _row(said: list[Said], trials: list[Trial]) -> list[object]:
    money = [
        (s.usd, true)
        for s, t in zip(said, trials, strict=True)
        if s.usd is not None and abs(true := _true(t)) >= LEAST_USD
    ]
    delay = [s.days for s in said if s.days is not None]
    return [
        len(said), len(delay), sum(s.chance for s in said), f"{np.median(delay):.1f}" if delay else "-",
        sum(s.of_meter for s in said), f"{sum(true for _, true in money):.0f}", f"{sum(usd for usd, _ in money):.0f}",
        f"{sum(usd * true > 0 for usd, true in money)} of {len(money)}",
        f"{np.median([abs(usd - true) / abs(true) for usd, true in money]):.2f}" if money else "-",
        sum(s.days is not None and s.usd is None for s in said),
    ]  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What the desk said of a fault: days until it opened, USD a day at its last look within the fault."""

    days: float | None
    usd: float | None
    chance: bool
    of_meter: bool


def _said(index: int, trial: Trial, moved: Transitions) -> Said:
    comparable = _alone(trial)
    of_meter = bool(len(_opened(moved, index, trial.begin_s, trial.end_s + DAY_S, data=True)))
    length = trial.end_s - trial.begin_s
    opening = _opening(index, trial, comparable, moved, trial.begin_s, trial.end_s + DAY_S)
    chance = _opening(index, trial, comparable, moved, trial.begin_s - length - DAY_S, trial.begin_s) is not None
    if opening is None:
        return Said(None, None, chance, of_meter)
    episode, at = opening
    first = episode.assess(at)
    usd = None
    while first is not None and at <= trial.end_s:
        now = episode.assess(at)
        if now is None or not still(now, first.excess):
            break
        usd = _usd(trial, priced_excess(now))
        at += DAY_S
    return Said((opening[1] - trial.begin_s) / DAY_S, usd, chance, of_meter)


def _opening(
    index: int, trial: Trial, comparable: Comparable, moved: Transitions, first_s: int, end_s: int
) -> tuple[Episode, int] | None:
    """The earliest episode that the alarms of the window open, and when."""
    found = []
    for k in _opened(moved, index, first_s, end_s, data=False):
        slug, since = Kind(int(moved.kind[k])).slug, int(moved.since_s[k])
        pending = PendingFault(
            alert_id(slug, since, meter_no=1), slug, State.PROVISIONAL, since, int(moved.at_s[k]), since,
            meter_no=1, cadence_s=trial.cadence_s,
        )  # fmt: skip
        episode = Episode(comparable, 0, since)
        weighed = weigh(pending, episode, end_s)
        if weighed is not None and weighed.patience is Patience.OPEN:
            found.append((weighed.look_s, since, episode))
    return min(((e, at) for at, _, e in found), key=lambda pair: pair[1], default=None)


def _opened(moved: Transitions, index: int, first_s: int, end_s: int, *, data: bool) -> np.ndarray:
    kinds = [k for k in Kind if (k.slug in DATA if data else k.slug in WEIGHED)]
    at = opened(moved, index, first_s, end_s)
    return at[np.isin(moved.kind[at], kinds)]


def _alone(trial: Trial) -> Comparable:
    """The meter by hour, with the weather of its station and no other meter."""
    first_h, last_h = int(trial.start_s[0] // HOUR_S), int(trial.start_s[-1] // HOUR_S) + 1
    hour = trial.start_s // HOUR_S - first_h
    total = np.bincount(hour, trial.value_wh, last_h - first_h) / 1000
    read = np.bincount(hour, minlength=last_h - first_h) >= HOUR_S // trial.cadence_s
    air = np.full(last_h - first_h, np.nan)
    air[hour] = trial.temperature_c
    kwh: Matrix = np.where(read, total, np.nan)[:, None]
    return Comparable(first_h, kwh, local_slots(first_h, last_h, trial.timezone), ["B"], [0], air)


def _true(trial: Trial) -> float:
    """USD a day that the fault costs: lost generation costs what is not read."""
    return trial.true_wh_per_day / 1000 * USD_PER_KWH * (-1 if trial.generates else 1)


def _usd(trial: Trial, excess: float | None) -> float | None:
    found = cost_per_day("level_shift", excess, USD_PER_KWH, generates=trial.generates).usd_per_day
    return None if found is None else float(found)
