"""The vectorised rules against the same conditions row by row, over random rows with holes, and time against a loop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from tests.unit.domain.equipment import scalar_rules
from tests.unit.domain.equipment.rows import AHU, LIMITS, trend

from redaptive.domain.equipment.evaluate import evaluate
from redaptive.domain.equipment.rules import BY_KIND, RULES
from redaptive.domain.equipment.runs import flagged, merged, runs
from redaptive.domain.equipment.trend import Trend, counted_in, recent, rolling_mean
from redaptive.domain.equipment.verdict import Outcome

ROWS = 6_000
INSTANT = LIMITS.replaced({"suppress_min": 0.0, "alarm_min": 0.0, "merge_h": 0.0, "flatline_h": 1e4})
AIR = ("sat", "mat", "rat", "oat", "sat_setpoint", "cc_enter", "cc_leave", "hc_enter", "hc_leave")


def random_columns(seed: int) -> dict[str, np.ndarray]:
    """Rows of every state, with figures that lie near each other so that conditions are true about half of the time."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.uniform(48.0, 82.0, ROWS) for name in AIR}
    for name in ("heating_valve", "cooling_valve", "oa_damper"):
        columns[name] = rng.choice([0.0, 0.0, 0.0, 2.0, 2.5, 20.0, 30.0, 97.9, 98.0, 99.0, 100.0], ROWS)
    columns["oa_damper_min"] = rng.choice([18.0, 20.0, 98.5], ROWS, p=[0.45, 0.5, 0.05])
    columns |= {"oa_min_pct": rng.uniform(10, 40, ROWS), "occupied": rng.integers(0, 2, ROWS).astype(float)}
    columns |= {"fan": rng.choice([0.0, 5.0, 60.0, 94.0, 100.0], ROWS), "dsp_setpoint": np.full(ROWS, 1.5)}
    columns["dsp"] = rng.uniform(1.2, 1.6, ROWS)
    for name in columns:
        columns[name][rng.random(ROWS) < 0.02] = np.nan
    return columns


@pytest.mark.parametrize("seed", [1, 2])
def test_every_rule_says_of_every_row_what_its_written_condition_says(seed: int) -> None:
    columns = random_columns(seed)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    states = [
        0 if any(np.isnan(row[p]) for p in ("fan", "heating_valve", "cooling_valve", "oa_damper", "oa_damper_min"))
        else scalar_rules.operating_state(row, INSTANT) for row in rows
    ]  # fmt: skip
    found = {v.rule_id: v for v in evaluate(Trend("U", 0, 300, columns), "ahu", BY_KIND["ahu"], INSTANT).verdicts}
    for name, (wanted, test) in scalar_rules.ALL.items():
        judged = [
            row for row, state in zip(rows, states, strict=True)
            if not any(np.isnan(row[p]) for p in RULES[name].points)
            and (state in wanted if wanted else row["fan"] > 5.0)
        ]  # fmt: skip
        hits = sum(test(row, INSTANT) for row in judged)
        assert (round(found[name].judged_h * 12), round(found[name].true_h * 12)) == (len(judged), hits), name
        assert len(judged) > 20, name
        assert hits > 0, name


def by_loop(states: list[int], true: list[bool], e: dict[str, int]) -> list[tuple[int, int, int]]:
    """(first row, row after the last, rows active) of FC8 by a clerk who walks through the rows."""
    since_change, run, alarms = 10**6, 0, []
    for row, state in enumerate(states):
        since_change = 0 if row and states[row - 1] != state else since_change + 1
        run = run + 1 if state == 2 and true[row] and since_change >= e["suppress"] else 0
        if run == e["alarm"]:
            alarms.append([row - run + 1, row + 1])
        elif run > e["alarm"]:
            alarms[-1][1] = row + 1
    joined: list[list[int]] = []
    for first, last in alarms:
        if joined and first - joined[-1][1] <= e["merge"]:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return [(first, last, sum(_active(states, true, e)[first:last])) for first, last in joined]


def _active(states: list[int], true: list[bool], e: dict[str, int]) -> list[bool]:
    last_change, found = -(10**6), []
    for row, state in enumerate(states):
        last_change = row if row and states[row - 1] != state else last_change
        found.append(state == 2 and true[row] and row - last_change >= e["suppress"])
    return found


@pytest.mark.parametrize("step_s", [60, 300, 900, 3600])
@pytest.mark.parametrize("seed", range(4))
def test_suppression_delay_and_merging_are_those_of_a_loop(step_s: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    states = np.repeat(rng.choice([2, 3, 4, 0], 60), rng.integers(1, 80, 60)).tolist()
    true = np.repeat(rng.random(len(states)) < 0.6, 4)[: len(states)].tolist()
    minutes = {"suppress_min": 30.0, "alarm_min": 30.0, "merge_h": 2.0, "average_min": 0.0, "flatline_h": 1e4}
    rows = [
        {**AHU[state or 2], "fan": 60.0 if state else 0.0, "sat": 75.0 if hit else AHU[state or 2]["sat"]}
        for state, hit in zip(states, true, strict=True)
    ]
    made = trend([{k: v for k, v in row.items() if k != "fan_status"} for row in rows], step_s)
    verdicts = evaluate(made, "ahu", [RULES["FC8"]], LIMITS.replaced(minutes)).verdicts
    per = {name: -(-int(m) * 60 // step_s) for name, m in (("suppress", 30), ("alarm", 30), ("merge", 120))}
    wanted = by_loop(states, true, per)
    got = [(e.start_s // step_s, e.end_s // step_s, round(e.active_h * 3600 / step_s)) for e in verdicts[0].episodes]
    assert got == wanted
    assert verdicts[0].outcome is (Outcome.FAULT if wanted else Outcome.CLEAR)


@pytest.mark.parametrize("width", [1, 2, 5, 50, 400])
def test_rolling_figures_are_those_of_slices(width: int) -> None:
    rng = np.random.default_rng(width)
    values, flags = rng.normal(60, 5, 200), rng.random(200) < 0.1
    values[rng.random(200) < 0.2] = np.nan
    means, near, counts = rolling_mean(values, width), recent(flags, width), counted_in(flags, width)
    for row in range(200):
        window = slice(max(0, row - width + 1), row + 1)
        seen = [v for v in values[window] if not np.isnan(v)]
        if np.isnan(values[row]):
            assert np.isnan(means[row])
        else:
            assert means[row] == pytest.approx(sum(seen) / len(seen))
        assert near[row] == any(flags[window])
        assert counts[row] == sum(flags[window])


def test_a_mean_of_a_constant_is_the_constant() -> None:
    assert (rolling_mean(np.full(100, 55.1), 5) == np.full(100, 55.1)).mean() > 0.95
    assert not recent(np.ones(3, bool), 0).any()


@pytest.mark.parametrize("seed", range(5))
def test_runs_are_found_joined_and_flagged(seed: int) -> None:
    flags = np.random.default_rng(seed).random(300) < 0.5
    spans = runs(flags)
    assert (flagged(spans, 300) == flags).all()
    assert all(b - a >= 3 for a, b in runs(flags, 3))
    joined = merged(spans, 1)
    assert all(b - a > 1 for (_, a), (b, _) in pairwise(joined))
    assert len(merged(spans, 10**6)) == 1
    assert len(runs(np.zeros(5, bool))) == 0
    assert len(merged(runs(np.zeros(5, bool)), 3)) == 0


def test_one_trend_or_its_halves_are_judged_alike_away_from_the_cut() -> None:
    columns = random_columns(5)
    whole = evaluate(Trend("U", 0, 300, columns), "ahu", BY_KIND["ahu"], INSTANT).verdicts
    parts = [
        evaluate(Trend("U", 0, 300, {k: v[cut] for k, v in columns.items()}), "ahu", BY_KIND["ahu"], INSTANT).verdicts
        for cut in (slice(0, 1_500), slice(1_500, None))
    ]
    for all_of_it, first, second in zip(whole, *parts, strict=True):
        if all_of_it.rule_id not in ("FC4", "APAR28"):  # these look an hour back
            assert all_of_it.true_h == pytest.approx(first.true_h + second.true_h), all_of_it.rule_id
