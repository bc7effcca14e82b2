"""Units judged together: the same verdicts as one by one, whatever else is in the batch."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.equipment import evaluate as module
from redaptive.domain.equipment.evaluate import evaluate, evaluate_fleet
from redaptive.domain.equipment.rules import BY_KIND
from redaptive.domain.equipment.runs import counts, runs, unit_runs
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.verdict import Outcome
from redaptive.reference.equipment import rule_limits
from redaptive.reference.loader import load_all
from redaptive.sample.equipment_units import STEP_S, UnitFault, simulate_air_handler

LIMITS = rule_limits(load_all())
RULES = BY_KIND["ahu"]


def _units() -> list[Trend]:
    """Every fault in winter and spring, with holes, bad sensors, fewer points, other lengths and starts."""
    rng, made = np.random.default_rng(4), []
    for number, fault in enumerate(UnitFault):
        columns = dict(simulate_air_handler(number, fault, day_of_year=(15, 120)[number % 2]).columns)
        if number % 3 == 0:
            columns = {k: np.where(rng.random(v.size) < 0.02, np.nan, v) for k, v in columns.items()}
        if number % 4 == 1:
            columns["mat"] = np.where(np.arange(columns["mat"].size) > 2_000, columns["mat"][2_000], columns["mat"])
            columns["rat"] = np.where(rng.random(columns["rat"].size) < 0.01, 400.0, columns["rat"])
        if number % 5 == 2:
            del columns["dsp"]
        if number % 5 == 3:
            columns = {k: v[:1_000] for k, v in columns.items()}
        made.append(Trend(f"U{number}", 1_000_000 * number, STEP_S, columns))
    return made


@pytest.mark.parametrize("at_once", [1, 9_000, 10**9])
def test_units_together_are_judged_as_one_by_one(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    units = _units()
    alone = [evaluate(unit, "ahu", RULES, LIMITS) for unit in units]
    monkeypatch.setattr(module, "ROWS_AT_ONCE", at_once)
    together = evaluate_fleet(units, "ahu", RULES, LIMITS)
    assert [one.equipment_id for one in together] == [unit.equipment_id for unit in units]
    assert together == alone
    ends = {verdict.outcome for one in alone for verdict in one.verdicts}
    assert ends == set(Outcome)
    assert sum(bool(one.faults) for one in alone) >= 8
    assert sum(one.bad_samples > 0 for one in alone) >= 3


def test_no_units_and_units_without_points() -> None:
    assert evaluate_fleet([], "ahu", RULES, LIMITS) == []
    (one,) = evaluate_fleet([Trend("U", 0, STEP_S, {})], "ahu", RULES, LIMITS)
    assert {verdict.outcome for verdict in one.verdicts} == {Outcome.MISSING_POINT}
    assert (one.rows, one.bad_samples) == (0, 0)


def test_runs_of_units_do_not_join() -> None:
    flags = np.random.default_rng(1).random((20, 50)) < 0.7
    found = dict(unit_runs(flags, 3))
    for unit, row in enumerate(flags):
        assert found.get(unit, np.empty((0, 2))).tolist() == runs(row, 3).tolist()


@pytest.mark.parametrize("shape", [(1, 300), (7, 13), (8, 13), (200, 288), (3, 0), (9, 0)])
def test_flagged_rows_are_counted_by_unit(shape: tuple[int, int]) -> None:
    flags = np.random.default_rng(2).random(shape) < 0.4
    assert counts(flags).tolist() == flags.sum(axis=1).tolist()
