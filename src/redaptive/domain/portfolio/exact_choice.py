"""The exact choice under linear limits, by mixed-integer programming (HiGHS).

Apart, and loaded late: SciPy's optimisers take a twelfth of the start of a process with agents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solved:
    """Indices picked, None where nothing was found; whether nothing can be; gap to the optimum; relaxed optimum."""

    picked: list[int] | None
    infeasible: bool
    gap: float
    bound: float


def best_choice(values: Floats, matrix: Floats, upper: Floats, *, time_limit_s: float, mip_rel_gap: float) -> Solved:
    """The columns of `matrix` (n_limits, n_candidates) of the largest sum of `values` that keep to `upper`."""
    limits, box = LinearConstraint(csr_array(matrix), ub=upper), Bounds(0.0, 1.0)
    whole = np.ones(values.size, dtype=np.int64)
    relaxed = milp(c=-values, constraints=limits, bounds=box)
    solved = milp(
        c=-values,
        constraints=limits,
        bounds=box,
        integrality=whole,
        options={"mip_rel_gap": mip_rel_gap, "time_limit": time_limit_s},
    )
    if solved.status == 2:
        return Solved(None, True, 0.0, 0.0)
    if solved.x is None or relaxed.fun is None:
        return Solved(None, False, 0.0, 0.0)
    picked = [index for index, x in enumerate(solved.x) if x > 0.5]
    return Solved(picked, False, float(solved.mip_gap or 0.0), float(-relaxed.fun))
