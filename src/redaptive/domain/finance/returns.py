"""Rates and measures of return of a yearly cash flow; index 0 is today, a cost is negative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from redaptive.errors import InvalidInput
from redaptive.late import late

_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Irr:
    """The internal rate of return as a fraction, None with a `reason` when there is none.

    `sign_changes` above 1 means that several rates may make the NPV zero; `rate` is then the one nearest 0.
    """

    rate: float | None
    sign_changes: int
    reason: str | None = None


def npv(rate: float, flows: Sequence[float]) -> float:
    """Net present value; the first flow is today and not discounted (Excel's NPV() discounts it).

    >>> round(npv(0.10, [-10000, 3000, 4200, 6800]) / 1.10, 4)
    1188.4434
    """
    if rate <= -1.0:
        raise InvalidInput(f"A discount rate of {rate} has no present value.", field="rate", fix="Give more than -1.")
    values = np.asarray(flows, dtype=np.float64)
    return float(np.sum(values / np.power(1.0 + rate, np.arange(values.size))))


def irr(flows: Sequence[float]) -> Irr:
    """The rate at which the NPV is zero.

    A flow with one change of sign has exactly one such rate (Descartes); it is bracketed and solved. With
    several changes the rates come from the polynomial's real roots and the one nearest zero is returned.
    """
    changes = sign_changes(flows)
    if changes == 0:
        return Irr(None, 0, "the cash flow never changes sign: there is no rate of return")
    rate = _only_root(flows) if changes == 1 else _nearest_root(flows)
    if rate is None:
        return Irr(None, changes, "no real rate makes the net present value zero")
    return Irr(rate, changes, None if changes == 1 else f"{changes} sign changes: other rates may also solve it")


def sign_changes(flows: Sequence[float]) -> int:
    """How often the sign of the flow changes, zeros left out."""
    signs = [flow > 0 for flow in flows if flow != 0]
    return sum(a != b for a, b in pairwise(signs))


def mirr(flows: Sequence[float], finance_rate: float, reinvest_rate: float) -> float | None:
    """Modified rate of return: costs at `finance_rate`, incomes at `reinvest_rate`; None without both signs."""
    values, n = np.asarray(flows, dtype=np.float64), len(flows) - 1
    gains, costs = np.where(values > 0, values, 0.0), np.where(values < 0, values, 0.0)
    if n < 1 or not gains.any() or not costs.any():
        return None
    future = npv(reinvest_rate, gains.tolist()) * (1.0 + reinvest_rate) ** n
    return float((future / -npv(finance_rate, costs.tolist())) ** (1.0 / n) - 1.0)


def payback(flows: Sequence[float], discount_rate: float = 0.0) -> float | None:
    """Years until the (discounted) running sum stays non-negative, a year divided evenly; None when never."""
    values = np.asarray(flows, dtype=np.float64)
    running = np.cumsum(values / np.power(1.0 + discount_rate, np.arange(values.size)))
    below = np.flatnonzero(running < -_TOLERANCE * max(1.0, float(np.abs(values).max(initial=0.0))))
    if below.size == 0:
        return 0.0
    last = int(below[-1])
    if last == values.size - 1:
        return None
    return last + float(-running[last] / (running[last + 1] - running[last]))


def profitability_index(rate: float, flows: Sequence[float]) -> float | None:
    """Present value of what follows today over today's outlay; None when nothing is paid today."""
    if not flows or flows[0] >= 0.0:
        return None
    return (npv(rate, flows) - flows[0]) / -flows[0]


def lcoe_usd_per_kwh(
    capex_usd: float, om_usd: Sequence[float], energy_kwh: Sequence[float], discount_rate: float
) -> float | None:
    """Levelised cost: (capex + PV of upkeep) / PV of energy; both sequences begin with year 1; None without energy."""
    energy = npv(discount_rate, [0.0, *energy_kwh])
    return (capex_usd + npv(discount_rate, [0.0, *om_usd])) / energy if energy > 0.0 else None


def escalated(first: float, rate: float, years: int) -> list[float]:
    """`first` in year 1, growing by `rate` from year 2; a degradation is a negative rate."""
    return [first * (1.0 + rate) ** year for year in range(years)]


def _value(x: float, flows: Sequence[float]) -> float:
    total = 0.0
    for flow in reversed(flows):
        total = total * x + flow
    return total


def _only_root(flows: Sequence[float]) -> float | None:
    # Solved in x = 1/(1+rate) > 0; leading zeros are dropped so that the value at x = 0 has a sign.
    first = next(i for i, flow in enumerate(flows) if flow != 0)
    trimmed, high = list(flows[first:]), 1.0
    start = trimmed[0] > 0
    while (_value(high, trimmed) > 0) == start and high < 1e12:
        high *= 2.0
    if high >= 1e12:
        return None
    root: Callable[..., float] = late("scipy.optimize:brentq")
    x = float(root(_value, 0.0, high, args=(trimmed,), xtol=1e-15, rtol=1e-14))
    return 1.0 / x - 1.0 if x > 0.0 else None


def _nearest_root(flows: Sequence[float]) -> float | None:
    roots = np.roots(np.asarray(flows, dtype=np.float64)[::-1])
    real = roots[(np.abs(roots.imag) < 1e-9) & (roots.real > 0.0)].real
    rates = [1.0 / float(x) - 1.0 for x in real]
    return min(rates, key=abs) if rates else None
