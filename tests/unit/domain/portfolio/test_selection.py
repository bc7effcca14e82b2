"""The choice of projects against brute force, the greedy rule and the linear relaxation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain.portfolio.selection import (
    Candidate,
    Objective,
    SelectionRules,
    greedy_choice,
    objective_values,
    select_projects,
)
from redaptive.errors import InvalidInput, NotFound

WORTH = st.integers(-500, 2000).map(float)
COST = st.integers(0, 1000).map(float)


@st.composite
def _problems(draw: st.DrawFn) -> tuple[list[Candidate], SelectionRules]:
    n = draw(st.integers(1, 9))
    candidates = [
        Candidate(f"p{i}", draw(WORTH), draw(COST), float(draw(st.integers(0, 50))), draw(COST), 1.0, f"g{i % 2}")
        for i in range(n)
    ]
    ids = st.sampled_from([c.id for c in candidates])
    pairs = st.tuples(ids, ids).filter(lambda p: p[0] != p[1]) if n > 1 else st.nothing()
    rules = SelectionRules(
        budget_usd=float(draw(st.integers(0, 3000))),
        exclusive=tuple(draw(st.lists(pairs, max_size=2))) if n > 1 else (),
        prerequisites=tuple(draw(st.lists(pairs, max_size=2))) if n > 1 else (),
        group_caps_usd=draw(st.sampled_from([{}, {"g0": 800.0}])),
        min_t_co2e_per_y=draw(st.sampled_from([None, 30.0])),
        max_crew_hours=draw(st.sampled_from([None, 4.0])),
        objective=draw(st.sampled_from(list(Objective))),
    )
    return candidates, rules


def _allowed(chosen: list[Candidate], rules: SelectionRules) -> bool:
    ids = {c.id for c in chosen}
    return (
        sum(c.capex_usd for c in chosen) <= rules.budget_usd
        and all(len(ids & set(group)) <= 1 for group in rules.exclusive)
        and all(a not in ids or b in ids for a, b in rules.prerequisites)
        and all(sum(c.capex_usd for c in chosen if c.group == g) <= cap for g, cap in rules.group_caps_usd.items())
        and sum(c.t_co2e_per_y for c in chosen) >= (rules.min_t_co2e_per_y or 0.0)
        and len(chosen) <= (rules.max_crew_hours or np.inf)
    )


def _brute_force(candidates: list[Candidate], rules: SelectionRules) -> float | None:
    values = objective_values(candidates, rules.objective)
    best = None
    for mask in product((False, True), repeat=len(candidates)):
        chosen = [c for c, take in zip(candidates, mask, strict=True) if take]
        if _allowed(chosen, rules):
            worth = float(values[np.array(mask)].sum())
            best = worth if best is None else max(best, worth)
    return best


@settings(max_examples=120, deadline=None)
@given(_problems())
def test_equals_brute_force_and_obeys_the_rules(problem: tuple[list[Candidate], SelectionRules]) -> None:
    candidates, rules = problem
    best = _brute_force(candidates, rules)
    if best is None:
        with pytest.raises(InvalidInput, match="No set"):
            select_projects(candidates, rules)
        return
    result = select_projects(candidates, rules, mip_rel_gap=0.0)
    assert result.objective_value == pytest.approx(best, abs=1e-6)
    assert _allowed([c for c in candidates if c.id in result.chosen], rules)
    assert result.upper_bound >= result.objective_value - 1e-6
    if rules.min_t_co2e_per_y is None:
        assert result.greedy_value <= result.objective_value + 1e-6


@settings(max_examples=30, deadline=None)
@given(_problems())
def test_the_greedy_set_obeys_the_rules(problem: tuple[list[Candidate], SelectionRules]) -> None:
    candidates, rules = problem
    chosen = [candidates[i] for i in greedy_choice(candidates, rules)]
    loose = SelectionRules(
        rules.budget_usd, rules.exclusive, rules.prerequisites, rules.group_caps_usd, None, rules.max_crew_hours
    )
    assert _allowed(chosen, loose)


def test_sums_binding_limits_and_payback() -> None:
    candidates = [
        Candidate("a", 60.0, 50.0, 5.0, 10.0),
        Candidate("b", 55.0, 50.0, 1.0, 10.0),
        Candidate("c", 90.0, 80.0),
    ]
    result = select_projects(candidates, SelectionRules(budget_usd=100.0))
    assert result.chosen == ("a", "b")
    assert (result.npv_usd, result.capex_usd, result.unspent_usd, result.t_co2e_per_y) == (115.0, 100.0, 0.0, 6.0)
    assert result.simple_payback_y == 5.0
    assert result.binding == ("budget",)
    assert result.greedy_value == 115.0


def test_a_wide_budget_does_not_bind_and_a_loss_is_left_out() -> None:
    result = select_projects([Candidate("a", 10.0, 5.0), Candidate("b", -1.0, 5.0)], SelectionRules(1000.0))
    assert (result.chosen, result.binding) == (("a",), ())


def test_no_candidates_is_an_empty_choice() -> None:
    result = select_projects([], SelectionRules(10.0))
    assert (result.chosen, result.unspent_usd, result.simple_payback_y) == ((), 10.0, None)


def test_bad_inputs_are_named() -> None:
    with pytest.raises(NotFound, match="zz"):
        select_projects([Candidate("a", 1.0, 1.0)], SelectionRules(1.0, exclusive=(("a", "zz"),)))
    with pytest.raises(InvalidInput, match="twice: a"):
        select_projects([Candidate("a", 1.0, 1.0)] * 2, SelectionRules(1.0))
    with pytest.raises(InvalidInput, match="budget"):
        select_projects([Candidate("a", 1.0, 1.0)], SelectionRules(-1.0))
    with pytest.raises(InvalidInput, match="negative"):
        select_projects([Candidate("a", 1.0, -1.0)], SelectionRules(1.0))
