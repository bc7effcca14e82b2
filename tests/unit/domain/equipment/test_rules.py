"""Each rule: normal, obvious, borderline, missing point, bad sensor; and thresholds printed with every result."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.equipment.cases import CASES, Case
from tests.unit.domain.equipment.rows import AHU, LIMITS, PLANT, VAV, Row, constant, trend

from redaptive.domain.equipment.evaluate import evaluate
from redaptive.domain.equipment.limits import Limits
from redaptive.domain.equipment.points import POINTS
from redaptive.domain.equipment.rule import Columns, Kind, Rule
from redaptive.domain.equipment.rules import BY_KIND, RULES
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.verdict import Evaluation, Outcome, Verdict

every_case = pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
COUNTING = ("FC4", "APAR28")


def evaluated(over: Trend, kind: Kind, e: Limits = LIMITS) -> Evaluation:
    return evaluate(over, kind, BY_KIND[kind], e)


def verdict(rule: Rule, over: Trend, e: Limits = LIMITS) -> Verdict:
    return evaluate(over, rule.kind, [rule], e).verdicts[0]


def of(name: str, row: Row, change: Row) -> Verdict:
    return verdict(RULES[name], constant({**row, **change}))


def test_every_rule_has_a_case() -> None:
    assert set(CASES) | set(COUNTING) == set(RULES)
    assert [len(rules) for rules in BY_KIND.values()] == [46, 8, 6]
    assert [rule.id for rule in BY_KIND["ahu"]][:15] == [f"FC{n}" for n in range(1, 16)]
    assert {f"APAR{n}" for n in range(1, 29)} <= set(RULES)


@pytest.mark.parametrize(("kind", "row"), [*(("ahu", row) for row in AHU.values()), ("plant", PLANT), ("vav", VAV)])
def test_healthy_equipment_has_no_fault(kind: Kind, row: Row) -> None:
    found = evaluated(constant(row), kind)
    assert [v.rule_id for v in found.faults] == []
    assert found.bad_samples == 0
    assert not any(v.true_h for v in found.verdicts)


@every_case
def test_normal_is_clear(name: str, case: Case) -> None:
    found = of(name, case.healthy, {})
    # Rules of state 5 are about the combination itself: where nothing is combined the state is another one.
    assert found.outcome is Outcome.CLEAR
    assert found.judged_h == 2.0


@every_case
def test_obvious_is_a_fault_with_evidence(name: str, case: Case) -> None:
    found = of(name, case.healthy, case.obvious)
    assert found.outcome is Outcome.FAULT
    (episode,) = found.episodes
    assert (episode.start_s, episode.end_s, episode.active_h) == (0, 7200, 2.0)
    row = {**case.healthy, **case.obvious}
    assert dict(episode.means) == pytest.approx({point: row[point] for point in RULES[name].points})


@every_case
def test_borderline_is_decided_by_the_threshold(name: str, case: Case) -> None:
    below, above = of(name, case.healthy, case.just_clear), of(name, case.healthy, case.just_fault)
    assert below.outcome in (Outcome.CLEAR, Outcome.NOT_APPLICABLE)
    assert not below.true_h
    assert above.outcome is Outcome.FAULT


@pytest.mark.parametrize(("name", "point"), [(n, p) for n in RULES for p in RULES[n].points or ("oa_damper",)])
def test_a_missing_point_is_named_and_never_clear(name: str, point: str) -> None:
    case = CASES.get(name) or CASES["FC8"]
    row = {k: v for k, v in {**case.healthy, **case.obvious}.items() if k != point}
    if point == "oa_min_pct":  # the least damper position stands in for it
        row = {k: v for k, v in row.items() if k != "oa_damper_min"}
    found = verdict(RULES[name], constant(row))
    assert found.outcome is Outcome.MISSING_POINT
    assert any(point in each.split(" or ") for each in found.missing)
    assert not found.episodes
    assert not found.judged_h


@every_case
def test_a_bad_sensor_is_a_fault_of_the_sensor_alone(name: str, case: Case) -> None:
    point = RULES[name].points[0]
    broken = constant({**case.healthy, **case.obvious, point: POINTS[point].high + 400.0})
    found = evaluated(broken, RULES[name].kind)
    by_id = {v.rule_id: v for v in found.verdicts}
    assert by_id[name].outcome is Outcome.NOT_APPLICABLE
    assert by_id[f"RANGE-{point.upper()}"].outcome is Outcome.FAULT
    assert found.bad_samples == 24


@pytest.mark.parametrize("name", RULES)
def test_every_result_prints_its_thresholds(name: str) -> None:
    rule = RULES[name]
    case = CASES.get(name) or CASES["FC8"]
    printed = {limit.name: limit for limit in of(name, case.healthy, {}).limits}
    assert set(rule.limits) | {"average_min", "suppress_min", "alarm_min"} <= set(printed)
    assert all(limit.value == LIMITS[limit.name] and limit.version for limit in printed.values())


@pytest.mark.parametrize("name", [n for n in RULES if RULES[n].limits])
def test_a_condition_uses_no_threshold_but_those_it_names(name: str) -> None:
    used: set[str] = set()

    class Watched(dict[str, float]):
        def __getitem__(self, key: str) -> float:
            used.add(key)
            return super().__getitem__(key)

    rule = RULES[name]
    healthy = (CASES.get(name) or CASES["FC8"]).healthy
    columns = {point: np.full(3, value) for point, value in healthy.items()}
    rule.condition(Columns(columns, np.zeros(3)), Watched(LIMITS))
    assert used == set(rule.limits)


def hunting(changes: int) -> Trend:
    """A state that changes `changes` times in the second hour of three."""
    states = [2] * 12 + [(2, 3)[(i + 1) % 2] if i < changes else (2, 3)[changes % 2] for i in range(12)]
    return trend([AHU[s] for s in states + [states[-1]] * 12])


@pytest.mark.parametrize("name", COUNTING)
def test_more_than_seven_changes_an_hour_are_hunting(name: str) -> None:
    assert verdict(RULES[name], hunting(7)).outcome is Outcome.CLEAR
    found = verdict(RULES[name], hunting(11))
    assert found.outcome is Outcome.FAULT
    # The eighth change is in row 19, and until row 26 the last hour still has eight of them.
    assert (found.episodes[0].start_s, found.episodes[0].active_h) == (19 * 300, 8 / 12)


@pytest.mark.parametrize("name", COUNTING)
def test_hunting_seen_through_a_bad_sensor_is_not_judged(name: str) -> None:
    rows = [{**row, "oa_damper": 777.0} for row in [AHU[2]] * 24]
    assert verdict(RULES[name], trend(rows)).outcome is Outcome.NOT_APPLICABLE


def test_a_sensor_that_never_moves_is_a_fault_and_is_not_judged() -> None:
    rng = np.random.default_rng(3)
    noise = {n: v + (rng.normal(0, 0.3, 288) if n in ("sat", "rat", "oat", "mat") else 0.0) for n, v in AHU[2].items()}
    columns = {n: np.broadcast_to(v, 288).astype(float).copy() for n, v in noise.items()}
    columns["mat"][100:260] = 25.0
    found = {v.rule_id: v for v in evaluated(Trend("U", 0, 300, columns), "ahu").verdicts}
    assert found["FLATLINE-MAT"].outcome is Outcome.FAULT
    (episode,) = found["FLATLINE-MAT"].episodes
    assert (episode.start_s, episode.end_s) == (100 * 300, 260 * 300)
    assert found["FC2"].outcome is Outcome.CLEAR, "25 degF below everything, but not a measurement"
    assert found["FLATLINE-SAT"].outcome is Outcome.CLEAR
    assert found["FC2"].judged_h == pytest.approx((288 - 160) / 12)


def test_equipment_that_stands_still_may_have_sensors_that_do() -> None:
    row = {**AHU[2], "fan": 0.0, "fan_status": 0.0}
    found = {v.rule_id: v for v in evaluated(constant(row, 288), "ahu").verdicts}
    assert found["FLATLINE-SAT"].outcome is Outcome.CLEAR
    assert found["FC8"].outcome is Outcome.NOT_APPLICABLE


def test_a_given_threshold_changes_the_result_and_says_so() -> None:
    tight = LIMITS.replaced({"mat_f": 1.15, "rat_f": 1.15, "oat_f": 1.15})
    row = constant({**AHU[2], "mat": 42.0})
    assert verdict(RULES["FC2"], row).outcome is Outcome.CLEAR
    found = verdict(RULES["FC2"], row, tight)
    assert found.outcome is Outcome.FAULT
    assert {limit.name: limit.version for limit in found.limits}["mat_f"] == "given"


@pytest.mark.parametrize(("step_s", "outcome"), [(300, Outcome.CLEAR), (3600, Outcome.MISSING_POINT)])
def test_samples_too_far_apart_cannot_show_hunting(step_s: int, outcome: Outcome) -> None:
    rows = 48
    over = Trend("U", 0, step_s, {name: np.full(rows, value) for name, value in AHU[1].items()})
    found = {v.rule_id: v for v in evaluated(over, "ahu").verdicts}
    assert found["FC4"].outcome == found["APAR28"].outcome == outcome
    if outcome is Outcome.MISSING_POINT:
        assert found["FC4"].missing == ("samples at most every 7.5 min",)


def test_what_the_states_lack_is_said_with_what_to_do() -> None:
    over = Trend("U", 0, 300, {n: np.full(48, v) for n, v in AHU[1].items() if n != "oa_damper_min"})
    (note,) = evaluated(over, "ahu").notes
    assert "without oa_damper_min" in note
    assert "constants.oa_damper_min" in note
