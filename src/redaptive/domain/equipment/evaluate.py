"""Rules over the trend of one piece of equipment: fault, clear, not applicable, or which point is missing.

Vectorised over rows; a year of 5-minute samples goes through all rules of an air handler in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.limits import Limits
from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.rule import Columns, Kind, Rule
from redaptive.domain.equipment.runs import merged, runs
from redaptive.domain.equipment.sensor_verdicts import sensor_verdicts
from redaptive.domain.equipment.sensors import check_sensors
from redaptive.domain.equipment.states import (
    NAMES,
    OTHER,
    States,
    System,
    changes_per_hour,
    missing_for,
    settled,
    states,
)
from redaptive.domain.equipment.trend import Bools, Trend, rolling_mean
from redaptive.domain.equipment.verdict import Episode, Evaluation, Outcome, Verdict

RUNNING_SYSTEMS: Final[dict[Kind, tuple[System, ...]]] = {
    "ahu": ("fan",),
    "plant": ("chiller", "boiler"),
    "vav": ("vav",),
}


def evaluate(trend: Trend, kind: Kind, rules: Sequence[Rule], e: Limits) -> Evaluation:
    """Every rule judged over the trend, and a verdict for each sensor.

    Points are averaged over `average_min`; a rule rests for `suppress_min` after a change of state, and a condition
    is a fault when it is true for `alarm_min` on end (Guideline 36). Faults of one rule that are at most `merge_h`
    apart are one. About 0.5 microseconds a row for the 46 rules of an air handler.
    """
    trend, notes = _completed(trend)
    checked = check_sensors(trend, _running(trend, kind, e), e)
    judge = _Judge(checked.clean, e)
    verdicts = [judge.verdict(rule) for rule in rules]
    verdicts += sensor_verdicts(checked, trend, e)
    return Evaluation(
        trend.equipment_id, trend.start_s, trend.end_s, trend.rows, tuple(verdicts), checked.bad_samples, notes
    )


def _completed(trend: Trend) -> tuple[Trend, tuple[str, ...]]:
    if "oa_min_pct" in trend.columns or "oa_damper_min" not in trend.columns:
        return trend, ()
    note = "oa_min_pct is not given: the least damper position is taken as the least outdoor air fraction."
    return trend.with_columns({"oa_min_pct": trend.columns["oa_damper_min"]}), (note,)


def _running(trend: Trend, kind: Kind, e: Limits) -> Bools | None:
    told = [system for system in RUNNING_SYSTEMS[kind] if not missing_for(system, trend)]
    if not told:
        return None
    ran: Bools = np.any([states(system, trend, e) > 0 for system in told], axis=0)
    return ran


class _Judge:
    """Judges rules over one clean trend; masks that rules share are made once."""

    def __init__(self, trend: Trend, e: Limits) -> None:
        self.trend, self.e = trend, e
        width = round(e["average_min"] * 60.0 / trend.step_s)
        averaged = {name: rolling_mean(values, width) for name, values in trend.columns.items()}
        self._known = {name: np.isfinite(values) for name, values in averaged.items()}
        self._holes = {name for name, known in self._known.items() if not known.all()}
        self._states: dict[System, States] = {}
        self._untold: dict[System, tuple[str, ...]] = {}
        self._masks: dict[tuple[System, frozenset[int], bool], Bools] = {}
        self._alarm_rows = max(1, trend.rows_in(e["alarm_min"]))
        self._merge_rows = trend.rows_in(60.0 * e["merge_h"])
        self.columns = Columns(averaged, self._mode_changes(trend))

    def verdict(self, rule: Rule) -> Verdict:
        """The outcome of one rule."""
        if missing := self._missing(rule):
            return self._made(rule, Outcome.MISSING_POINT, missing, 0, 0, ())
        judged = self._judged(rule)
        seen = int(np.count_nonzero(judged))
        if not seen:
            return self._made(rule, Outcome.NOT_APPLICABLE, (), 0, 0, ())
        hit = rule.condition(self.columns, self.e) & judged
        true = int(np.count_nonzero(hit))
        episodes = self._episodes(rule, hit) if true else ()
        return self._made(rule, Outcome.FAULT if episodes else Outcome.CLEAR, (), seen, true, episodes)

    def _missing(self, rule: Rule) -> tuple[str, ...]:
        untold = self._untold.get(rule.system)
        if untold is None:
            untold = self._untold[rule.system] = missing_for(rule.system, self.trend)
        if not untold and self._known.keys() >= set(rule.points):
            return ()
        points = tuple(p for p in rule.points if p not in self._known)
        return points + tuple(p for p in untold if p not in points)

    def _made(
        self, rule: Rule, outcome: Outcome, missing: tuple[str, ...], seen: int, true: int, found: tuple[Episode, ...]
    ) -> Verdict:
        limits = self.e.chosen(rule.all_limits)
        hours = self.trend.step_s / 3600.0
        return Verdict(rule.id, rule.title, rule.standard, outcome, missing, seen * hours, true * hours, limits, found)

    def _judged(self, rule: Rule) -> Bools:
        mask = self._mask(rule.system, rule.states, rule.suppressed)
        holes = [name for name in rule.points if name in self._holes]
        for name in holes:
            mask = mask & self._known[name]
        return mask

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

    def _episodes(self, rule: Rule, hit: Bools) -> tuple[Episode, ...]:
        alarms = runs(hit, self._alarm_rows)
        return tuple(self._episode(rule, hit, first, last) for first, last in merged(alarms, self._merge_rows))

    def _episode(self, rule: Rule, hit: Bools, first: int, last: int) -> Episode:
        rows = first + np.flatnonzero(hit[first:last])
        shown = tuple((name, float(np.nanmean(self.columns[name][rows]))) for name in rule.points)
        state = self._seen_state(rows)
        start, step = self.trend.start_s, self.trend.step_s
        return Episode(start + int(first) * step, start + int(last) * step, rows.size * step / 3600.0, state, shown)

    def _seen_state(self, rows: npt.NDArray[np.int64]) -> str | None:
        if "ahu" not in self._states:
            return None
        return NAMES.get(int(np.bincount(self._states["ahu"][rows]).argmax()))
