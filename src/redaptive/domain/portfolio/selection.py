"""Which projects to do under a budget: an exact choice with its proof of quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from redaptive.errors import Exhausted, InvalidInput, NotFound
from redaptive.late import late

if TYPE_CHECKING:
    from redaptive.domain.portfolio.exact_choice import Solved

Floats = NDArray[np.float64]
_MINIMUM = "minimum tCO2e"


class Objective(StrEnum):
    """What the choice maximises."""

    NPV = "npv"
    """Net present value, USD."""
    CO2 = "co2"
    """Avoided emissions, tCO2e a year."""
    PAYBACK = "payback"
    """Net savings a year less a tenth of capex, USD: only projects that pay back within ten years add to it."""


@dataclass(frozen=True)
class Candidate:
    """A project to choose or leave; `group` (a site or sector) is what a cap counts."""

    id: str
    npv_usd: float
    capex_usd: float
    t_co2e_per_y: float = 0.0
    savings_usd_per_y: float = 0.0
    crew_hours: float = 0.0
    group: str = ""


@dataclass(frozen=True)
class SelectionRules:
    """Limits of the choice; ids are those of the candidates.

    `exclusive`: at most one of each set. `prerequisites`: (a, b) means a only with b. `group_caps_usd`: capex per
    group. None is no limit.
    """

    budget_usd: float
    exclusive: tuple[tuple[str, ...], ...] = ()
    prerequisites: tuple[tuple[str, str], ...] = ()
    group_caps_usd: Mapping[str, float] = field(default_factory=dict)
    min_t_co2e_per_y: float | None = None
    max_crew_hours: float | None = None
    objective: Objective = Objective.NPV


@dataclass(frozen=True)
class Selection:
    """The chosen candidates in input order, their sums, and how good the choice is proven to be.

    `mip_gap` is the relative distance to the best possible objective; `upper_bound` the LP relaxation's value,
    `greedy_value` that of the rule of thumb. `binding` names each limit that keeps out a
    worthwhile candidate, and a minimum that is only just met.
    """

    chosen: tuple[str, ...]
    objective: Objective
    objective_value: float
    npv_usd: float
    capex_usd: float
    t_co2e_per_y: float
    savings_usd_per_y: float
    simple_payback_y: float | None
    unspent_usd: float
    binding: tuple[str, ...]
    mip_gap: float
    upper_bound: float
    greedy_value: float


@dataclass(frozen=True)
class _Row:
    name: str
    indices: tuple[int, ...]
    weights: tuple[float, ...]
    upper: float


def select_projects(
    candidates: Sequence[Candidate], rules: SelectionRules, *, time_limit_s: float = 30.0, mip_rel_gap: float = 1e-4
) -> Selection:
    """The best set of candidates under the rules, by mixed-integer programming (HiGHS).

    Raises InvalidInput when no set satisfies the rules, NotFound for an unknown id, Exhausted when the time
    limit passes without a solution. The gap to the optimum is in the answer.
    """
    _check(candidates, rules)
    if not candidates:
        return _summary(candidates, rules, [], 0.0, 0.0)
    rows, values = _rows(candidates, rules), objective_values(candidates, rules.objective)
    matrix, upper = _matrix(rows, len(candidates)), _upper(rows)
    solve: Callable[..., Solved] = late("redaptive.domain.portfolio.exact_choice:best_choice")
    solved = solve(values, matrix, upper, time_limit_s=time_limit_s, mip_rel_gap=mip_rel_gap)
    if solved.infeasible:
        raise _infeasible(rules)
    if solved.picked is None:
        raise Exhausted(f"No choice found in {time_limit_s} s.", field="time_limit_s", fix="Allow more time.")
    return _summary(candidates, rules, solved.picked, solved.gap, solved.bound)


def objective_values(candidates: Sequence[Candidate], objective: Objective) -> Floats:
    """The worth of each candidate under an objective."""
    if objective is Objective.NPV:
        return np.array([c.npv_usd for c in candidates])
    if objective is Objective.CO2:
        return np.array([c.t_co2e_per_y for c in candidates])
    return np.array([c.savings_usd_per_y - 0.1 * c.capex_usd for c in candidates])


def greedy_choice(candidates: Sequence[Candidate], rules: SelectionRules) -> list[int]:
    """Indices picked by worth per USD while every limit holds: a lower bound of the exact choice.

    A minimum of tCO2e is not aimed at, so the greedy set may miss it; a project that needs another is taken
    only when that one is already in.
    """
    values = objective_values(candidates, rules.objective)
    order = sorted(range(len(candidates)), key=lambda i: -values[i] / max(candidates[i].capex_usd, 1e-9))
    rows = _rows(candidates, replace(rules, min_t_co2e_per_y=None))
    columns, upper = _matrix(rows, len(candidates)).T, _upper(rows)
    used, picked = np.zeros(len(rows)), set[int]()
    before = -1
    while len(picked) > before:  # again after each pass: a pick may open its dependents
        before = len(picked)
        for index in order:
            if index not in picked and values[index] > 0.0 and np.all(used + columns[index] <= upper + 1e-9):
                picked.add(index)
                used = used + columns[index]
    return sorted(picked)


def _check(candidates: Sequence[Candidate], rules: SelectionRules) -> None:
    ids = [c.id for c in candidates]
    if twice := sorted(i for i, count in Counter(ids).items() if count > 1):
        raise InvalidInput(f"Candidates appear twice: {', '.join(twice[:5])}.", field="candidates", fix="Remove one.")
    for candidate in candidates:
        if candidate.capex_usd < 0.0 or candidate.crew_hours < 0.0:
            raise InvalidInput("Capital cost or crew hours are negative.", field=candidate.id, fix="Give 0 or more.")
    if rules.budget_usd < 0.0:
        raise InvalidInput(f"A budget of {rules.budget_usd} USD.", field="budget_usd", fix="Give 0 or more.")
    named = {i for group in (*rules.exclusive, *rules.prerequisites) for i in group}
    if unknown := sorted(named - set(ids)):
        raise NotFound(f"No candidate {', '.join(unknown[:5])}.", field="rules", fix="Use ids of the candidates.")


def _rows(candidates: Sequence[Candidate], rules: SelectionRules) -> list[_Row]:
    everyone = tuple(range(len(candidates)))
    at = {c.id: i for i, c in enumerate(candidates)}
    rows = [_Row("budget", everyone, tuple(c.capex_usd for c in candidates), rules.budget_usd)]
    if rules.max_crew_hours is not None:
        rows.append(_Row("crew hours", everyone, tuple(c.crew_hours for c in candidates), rules.max_crew_hours))
    if rules.min_t_co2e_per_y is not None:
        # At least m is written as at most -m of the negated sum.
        negated = tuple(-c.t_co2e_per_y for c in candidates)
        rows.append(_Row(_MINIMUM, everyone, negated, -rules.min_t_co2e_per_y))
    for group, cap in rules.group_caps_usd.items():
        inside = tuple(i for i in everyone if candidates[i].group == group)
        rows.append(_Row(f"cap {group}", inside, tuple(candidates[i].capex_usd for i in inside), cap))
    ones = [(f"one of {', '.join(ids)}", tuple(at[i] for i in ids)) for ids in rules.exclusive]
    rows += [_Row(name, places, (1.0,) * len(places), 1.0) for name, places in ones]
    rows += [_Row(f"{a} needs {b}", (at[a], at[b]), (1.0, -1.0), 0.0) for a, b in rules.prerequisites]
    return rows


def _matrix(rows: Sequence[_Row], width: int) -> Floats:
    matrix = np.zeros((len(rows), width))
    for line, row in enumerate(rows):
        np.add.at(matrix[line], list(row.indices), row.weights)
    return matrix


def _upper(rows: Sequence[_Row]) -> Floats:
    return np.array([row.upper for row in rows], dtype=np.float64)


def _binding(candidates: Sequence[Candidate], picked: Sequence[int], values: Floats, rows: Sequence[_Row]) -> list[str]:
    matrix, upper = _matrix(rows, len(candidates)), _upper(rows)
    used = matrix[:, list(picked)].sum(axis=1)
    taken = set(picked)
    left = [i for i in range(len(candidates)) if i not in taken and values[i] > 0.0]
    blocked = (used[:, None] + matrix[:, left] > upper[:, None] + 1e-6).any(axis=1)
    floor = np.array([row.name == _MINIMUM for row in rows])
    tight = floor & (upper - used < 1e-6 + 0.01 * np.abs(upper))
    return [row.name for row, hit in zip(rows, blocked | tight, strict=True) if hit]


def _summary(
    candidates: Sequence[Candidate], rules: SelectionRules, picked: Sequence[int], gap: float, bound: float
) -> Selection:
    chosen, values = [candidates[i] for i in picked], objective_values(candidates, rules.objective)
    greedy = greedy_choice(candidates, rules)
    capex, savings = sum(c.capex_usd for c in chosen), sum(c.savings_usd_per_y for c in chosen)
    return Selection(
        chosen=tuple(c.id for c in chosen),
        objective=rules.objective,
        objective_value=float(sum(values[i] for i in picked)),
        npv_usd=sum(c.npv_usd for c in chosen),
        capex_usd=capex,
        t_co2e_per_y=sum(c.t_co2e_per_y for c in chosen),
        savings_usd_per_y=savings,
        simple_payback_y=capex / savings if savings > 0.0 else None,
        unspent_usd=rules.budget_usd - capex,
        binding=tuple(_binding(candidates, picked, values, _rows(candidates, rules))),
        mip_gap=gap,
        upper_bound=bound,
        greedy_value=float(sum(values[i] for i in greedy)),
    )


def _infeasible(rules: SelectionRules) -> InvalidInput:
    what = "Lower the minimum of tCO2e or raise the budget." if rules.min_t_co2e_per_y else "Loosen the rules."
    return InvalidInput("No set of projects satisfies the rules.", field="rules", fix=what)
