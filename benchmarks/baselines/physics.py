"""Retrofits of simulated buildings: whether stated savings hold what the same building uses without the retrofit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baselines import rc_buildings
from baselines.coverage import true_savings
from baselines.real_meters import Estate
from redaptive.domain.baseline.counterfactual import counterfactual
from redaptive.domain.baseline.savings import SavingsOptions, comparison_drift, savings
from redaptive.domain.baseline.study import study

FIT, TEST = 2018, 2019
LAMPS, INSULATION = 0.5, 0.3


@dataclass(frozen=True)
class Retrofit:
    """A fuel of a retrofit over all buildings: how many intervals hold the truth, shares of the baseline."""

    name: str
    n: int
    held: int
    verified: int
    true_share: float
    error: float
    half: float


def retrofits(count: int, seed: int = 1) -> list[Retrofit]:
    """Half of the buildings are the comparison group; the others get lamps or insulation at the turn of the year."""
    around, made = rc_buildings.surroundings(seed), rc_buildings.buildings(count, seed)
    plain = rc_buildings.estate_of(made, around, seed)
    found = []
    for name, better in (("lamps", made.lit(LAMPS)), ("insulation", made.insulated(INSULATION))):
        after = rc_buildings.estate_of(better, around, seed)
        found += [_judged(f"{name}, {fuel}", plain, after, fuel) for fuel in ("electricity", "gas")]
    return found


def _judged(name: str, plain: Estate, after: Estate, fuel: str) -> Retrofit:
    meters: npt.NDArray[np.int64] = np.flatnonzero(plain.electric == (fuel == "electricity"))
    mine, others = meters[::2], meters[1::2]
    group = study(plain.site(others, FIT))
    drift = comparison_drift(group, counterfactual(group, plain.site(others, TEST)), heating=fuel == "gas")
    before = study(plain.site(mine, FIT))
    ahead = counterfactual(before, after.site(mine, TEST))
    book = savings(before, ahead, options=SavingsOptions(drift_electricity=drift, drift_heating=drift))
    truth = true_savings(plain.site(mine, TEST).energy, ahead)
    rows = [(m, t) for m, t in zip(book.meters, truth, strict=True) if m.savings is not None]
    return Retrofit(
        name,
        len(rows),
        sum(bool(m.low <= t <= m.high) for m, t in rows),
        sum(m.gate == "verified" for m, _ in rows),
        float(np.median([t / m.baseline for m, t in rows])),
        float(np.median([(m.savings - t) / m.baseline for m, t in rows])),
        float(np.median([(m.high - m.low) / 2 / m.baseline for m, t in rows])),
    )
