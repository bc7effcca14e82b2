"""Rules over the trend of one piece of equipment: fault, clear, not applicable, or which point is missing.

Vectorised over rows; a year of 5-minute samples goes through all rules of an air handler in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.limits import Limits
from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.rule import Columns, Kind, Rule
from redaptive.domain.equipment.runs import Counts, counts, merged, unit_runs
from redaptive.domain.equipment.sensor_verdicts import sensor_verdicts
from redaptive.domain.equipment.sensors import check_sensors
from redaptive.domain.equipment.states import (
    NAMES,
    NEEDED,
    OTHER,
    States,
    System,
    changes_per_hour,
    missing_for,
    settled,
    states,
)
from redaptive.domain.equipment.trend import Bools, Trend, rolling_mean
from redaptive.domain.equipment.verdict import Episode, Episodes, Evaluation, Outcome, Verdict, Verdicts

ROWS_AT_ONCE: Final = 60_000
"""Rows that are judged together: columns of them stay in the processor's cache."""
HOUR_S: Final = 3600
RUNNING_SYSTEMS: Final[dict[Kind, tuple[System, ...]]] = {
    "ahu": ("fan",),
    "plant": ("chiller", "boiler"),
    "vav": ("vav",),
}


def evaluate(trend: Trend, kind: Kind, rules: Sequence[Rule], e: Limits) -> Evaluation:
    """Every rule judged over the trend, and a verdict for each sensor.

    Points are averaged over `average_min`; a rule rests for `suppress_min` after a change of state, and a condition
    is a fault when it is true for `alarm_min` on end (Guideline 36). Faults of one rule that are at most `merge_h`
    apart are one. About 0.3 microseconds a row for the 46 rules of an air handler, and 2 ms a call.
    """
    return evaluate_fleet([trend], kind, rules, e)[0]


def evaluate_fleet(trends: Sequence[Trend], kind: Kind, rules: Sequence[Rule], e: Limits) -> list[Evaluation]:
    """The same of many units, in their order: those with the same points, cadence and length are judged together.

    So a fleet's day of 288 rows a unit costs no more a row than a year of one unit does.
    """
    alike: dict[tuple[int, int, tuple[str, ...]], list[int]] = {}
    for place, trend in enumerate(trends):
        alike.setdefault((trend.step_s, trend.rows, tuple(trend.columns)), []).append(place)
    found: dict[int, Evaluation] = {}
    for (_, rows, _), places in alike.items():
        at_once, made = max(1, ROWS_AT_ONCE // max(1, rows)), Verdicts()
        for low in range(0, len(places), at_once):
            some = places[low : low + at_once]
            found.update(zip(some, _together([trends[i] for i in some], kind, rules, e, made), strict=True))
    return [found[place] for place in range(len(trends))]


def _together(
    trends: Sequence[Trend], kind: Kind, rules: Sequence[Rule], e: Limits, made: Verdicts
) -> list[Evaluation]:
    first = trends[0]
    columns = {name: _rows_of([trend.columns[name] for trend in trends]) for name in first.columns}
    fleet, notes = _completed(Trend(first.equipment_id, first.start_s, first.step_s, columns))
    notes = (*notes, *_untold(fleet, kind))
    checked = check_sensors(fleet, _running(fleet, kind, e), e)
    starts = [trend.start_s for trend in trends]
    judge = _Judge(checked.clean, starts, e, made)
    verdicts = [judge.verdicts(rule) for rule in rules] + sensor_verdicts(checked, fleet, starts, e, made)
    bad = checked.bad_samples or [0] * len(trends)
    return [
        Evaluation(trend.equipment_id, trend.start_s, trend.end_s, trend.rows, own, samples, notes)
        for trend, own, samples in zip(trends, zip(*verdicts, strict=True), bad, strict=True)
    ]


def _rows_of(columns: Sequence[Floats]) -> Floats:
    """(units, rows); one column is not copied."""
    return columns[0][None, :] if len(columns) == 1 else np.concatenate(columns).reshape(len(columns), -1)


def _completed(trend: Trend) -> tuple[Trend, tuple[str, ...]]:
    if "oa_min_pct" in trend.columns or "oa_damper_min" not in trend.columns:
        return trend, ()
    note = "oa_min_pct is not given: the least damper position is taken as the least outdoor air fraction."
    return trend.with_columns({"oa_min_pct": trend.columns["oa_damper_min"]}), (note,)


def _untold(trend: Trend, kind: Kind) -> tuple[str, ...]:
    """What an air handler lacks for its operating states, and what to do about it."""
    missing = missing_for("ahu", trend) if kind == "ahu" else ()
    if not missing or len(missing) == len(NEEDED["ahu"]):
        return ()
    said = f"No operating state can be told without {', '.join(missing)}, so most rules are not judged. What never"
    return (f"{said} changes, or is not there, may be given as a constant, as in constants.{missing[-1]} = 20.",)


def _running(trend: Trend, kind: Kind, e: Limits) -> Bools | None:
    told = [system for system in RUNNING_SYSTEMS[kind] if not missing_for(system, trend)]
    if not told:
        return None
    ran: Bools = np.any([states(system, trend, e) > 0 for system in told], axis=0)
    return ran


def _made(
    rule: Rule,
    e: Limits,
    hours: float,
    outcome: Outcome,
    seen: int,
    true: int,
    found: Episodes,
    missing: tuple[str, ...] = (),
) -> Verdict:
    """The verdict of rows of so many hours each."""
    limits = e.chosen(rule.all_limits)
    return Verdict(rule.id, rule.title, rule.standard, outcome, missing, seen * hours, true * hours, limits, found)


class _Judge:
    """Judges rules over the clean trends of units; masks that rules share are made once."""

    def __init__(self, trend: Trend, starts: Sequence[int], e: Limits, made: Verdicts) -> None:
        self.trend, self.starts, self.e, self._verdicts = trend, starts, e, made
        width = round(e["average_min"] * 60.0 / trend.step_s)
        averaged = {name: rolling_mean(values, width) for name, values in trend.columns.items()}
        self._known = {name: np.isfinite(values) for name, values in averaged.items()}
        self._holes = {name for name, known in self._known.items() if not known.all()}
        self._states: dict[System, States] = {}
        self._untold: dict[System, tuple[str, ...]] = {}
        self._masks: dict[tuple[System, frozenset[int], bool], Bools] = {}
        self._judged_rows: dict[tuple[System, frozenset[int], bool, frozenset[str]], tuple[Bools, Counts]] = {}
        self._alarm_rows = max(1, trend.rows_in(e["alarm_min"]))
        self._merge_rows = trend.rows_in(60.0 * e["merge_h"])
        self.columns = Columns(averaged, self._mode_changes(trend))

    def verdicts(self, rule: Rule) -> list[Verdict]:
        """The outcome of one rule for each unit."""
        made = partial(_made, rule, self.e, self.trend.step_s / 3600.0)
        if missing := self._missing(rule):
            return [made(Outcome.MISSING_POINT, 0, 0, (), missing)] * len(self.starts)
        judged, seen = self._judged(rule)
        if not seen.any():
            return [made(Outcome.NOT_APPLICABLE, 0, 0, ())] * len(self.starts)
        hit = rule.condition(self.columns, self.e) & judged
        true = counts(hit)
        faults = self._faults(rule, hit) if true.any() else {}
        return self._verdicts.by_unit(rule.id, seen, true, faults, made)

    def _missing(self, rule: Rule) -> tuple[str, ...]:
        """Points without which the rule cannot be judged; samples too far apart for its changes an hour are one."""
        if "mode_changes_per_h" in rule.limits and self.trend.step_s * (self.e["mode_changes_per_h"] + 1) > HOUR_S:
            return (f"samples at most every {HOUR_S / (self.e['mode_changes_per_h'] + 1) / 60:.3g} min",)
        untold = self._untold.get(rule.system)
        if untold is None:
            untold = self._untold[rule.system] = missing_for(rule.system, self.trend)
        if not untold and self._known.keys() >= set(rule.points):
            return ()
        points = tuple(p for p in rule.points if p not in self._known)
        return points + tuple(p for p in untold if p not in points)

    def _judged(self, rule: Rule) -> tuple[Bools, Counts]:
        """The rows on which the rule is judged, and how many they are of each unit."""
        holes = frozenset(name for name in rule.points if name in self._holes)
        key = (rule.system, rule.states, rule.suppressed, holes)
        found = self._judged_rows.get(key)
        if found is None:
            mask = self._mask(rule.system, rule.states, rule.suppressed)
            for name in holes:
                mask = mask & self._known[name]
            found = self._judged_rows[key] = mask, counts(mask)
        return found

    def _mask(self, system: System, wanted: frozenset[int], suppressed: bool) -> Bools:
        key = (system, wanted, suppressed)
        if key not in self._masks:
            state = self._state(system)
            table = np.zeros(OTHER + 1, bool)
            table[list(wanted)] = True
            mask = table[state]
            if suppressed and system != "always":
                mask &= self._settled(system)
            self._masks[key] = mask
        return self._masks[key]

    def _state(self, system: System) -> States:
        if system not in self._states:
            self._states[system] = states(system, self.trend, self.e)
        return self._states[system]

    @cached_property
    def _ahu_told(self) -> bool:
        return not missing_for("ahu", self.trend)

    def _settled(self, system: System) -> Bools:
        deciding: System = "ahu" if system in ("ahu", "fan") and self._ahu_told else system
        return settled(self._state(deciding), self.trend, self.e)

    def _mode_changes(self, trend: Trend) -> Floats | None:
        return changes_per_hour(self._state("ahu"), trend) if self._ahu_told else None

    def _faults(self, rule: Rule, hit: Bools) -> dict[int, Episodes]:
        """Episodes by unit."""
        return {
            unit: tuple(self._episode(rule, unit, hit[unit], int(a), int(b)) for a, b in merged(own, self._merge_rows))
            for unit, own in unit_runs(hit, self._alarm_rows)
        }

    def _episode(self, rule: Rule, unit: int, hit: Bools, first: int, last: int) -> Episode:
        rows = first + np.flatnonzero(hit[first:last])
        shown = tuple((name, float(self.columns[name][unit][rows].mean())) for name in rule.points)
        state = self._seen_state(unit, rows)
        start, step = self.starts[unit], self.trend.step_s
        return Episode(start + first * step, start + last * step, rows.size * step / 3600.0, state, shown)

    def _seen_state(self, unit: int, rows: npt.NDArray[np.int64]) -> str | None:
        if "ahu" not in self._states:
            return None
        return NAMES.get(int(np.bincount(self._states["ahu"][unit][rows]).argmax()))
