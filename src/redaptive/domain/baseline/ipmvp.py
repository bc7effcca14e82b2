"""Savings by IPMVP options A, B and D; option C, the whole meter, is `savings`.

A: the key parameter is measured, others are stipulated with their source and error. B: all parameters are measured at
the equipment, before and after. D: a simulation calibrated to bills or hours stands for the baseline; it is imported,
judged by Guideline 14's limits, and refused outside of them. Intervals are 90 %, errors of independent parameters add
in squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from redaptive.domain.baseline.fitness import LIMITS, Interval
from redaptive.domain.baseline.hours import F64
from redaptive.domain.quality.model_fit import cv_rmse, lag1_autocorrelation, nmbe, t_two_sided
from redaptive.errors import InvalidInput

CONFIDENCE: Final = 0.90
Option = Literal["A", "B", "C", "D"]


@dataclass(frozen=True)
class Stipulated:
    """A value that is agreed, not measured: its half-width at 90 % and its source are part of it."""

    value: float
    half_90: float
    source: str

    def checked(self, field: str) -> Stipulated:
        """Itself; raises InvalidInput without a source, or where it is negative."""
        if not self.source.strip():
            raise InvalidInput(f"{field} is stipulated without a source.", field=field, fix="Say where it is from.")
        if self.value < 0 or self.half_90 < 0:
            raise InvalidInput(f"{field} is negative.", field=field)
        return self


@dataclass(frozen=True)
class OptionSavings:
    """Savings in kWh with their 90 % interval, and how they were found."""

    option: Option
    savings_kwh: float
    low_kwh: float
    high_kwh: float
    method: str
    inputs: tuple[str, ...]

    @property
    def fsu(self) -> float:
        """Half-width over the savings."""
        half = (self.high_kwh - self.low_kwh) / 2
        return half / abs(self.savings_kwh) if self.savings_kwh else float("inf")


def option_a(before_kw: ArrayLike, after_kw: ArrayLike, hours: Stipulated, units: int = 1) -> OptionSavings:
    """(mean before - mean after) x stipulated hours x units; kW measured on samples of the equipment.

    >>> found = option_a([0.118, 0.120, 0.119], [0.050, 0.051, 0.049], Stipulated(3000, 150, "schedule"), units=400)
    >>> round(found.savings_kwh)
    82800
    """
    agreed = hours.checked("hours")
    before, before_half = _mean_half(before_kw, "before_kw")
    after, after_half = _mean_half(after_kw, "after_kw")
    difference, half_kw = before - after, float(np.hypot(before_half, after_half))
    savings = difference * agreed.value * units
    half = units * float(np.hypot(half_kw * agreed.value, difference * agreed.half_90))
    inputs = (
        f"before {before:.4g} ± {before_half:.2g} kW",
        f"after {after:.4g} ± {after_half:.2g} kW",
        f"hours {agreed.value:g} ± {agreed.half_90:g} ({agreed.source})",
        f"{units} units",
    )
    method = "IPMVP A: key parameter kW measured, hours stipulated"
    return OptionSavings("A", savings, savings - half, savings + half, method, inputs)


def option_b(before_kwh: ArrayLike, after_kwh: ArrayLike, days: float) -> OptionSavings:
    """(mean day before - mean day after) x days; daily kWh measured at the equipment, days that remember each other.

    `before_kwh`, `after_kwh`: daily values, NaN where missing. For equipment whose use follows the weather, fit a
    baseline to its submeter instead (option C on the submeter).
    """
    before, before_half = _mean_half(before_kwh, "before_kwh", with_memory=True)
    after, after_half = _mean_half(after_kwh, "after_kwh", with_memory=True)
    savings, half = (before - after) * days, days * float(np.hypot(before_half, after_half))
    inputs = (f"before {before:.4g} ± {before_half:.2g} kWh/day", f"after {after:.4g} ± {after_half:.2g} kWh/day",
              f"{days:g} days")  # fmt: skip
    return OptionSavings("B", savings, savings - half, savings + half, "IPMVP B: all parameters measured", inputs)


@dataclass(frozen=True)
class Simulation:
    """A calibrated simulation: measured and simulated energy of the calibration period, both by month or by hour."""

    name: str
    interval: Interval
    measured: F64
    simulated: F64


def option_d(simulation: Simulation, baseline: ArrayLike, reporting: ArrayLike) -> OptionSavings:
    """Simulated use without the measure less actual (or simulated) use with it, over the reporting period.

    :raises InvalidInput: when the simulation is not within Guideline 14's limits for its interval.
    """
    cv = cv_rmse(simulation.measured, simulation.simulated, 1)
    bias = nmbe(simulation.measured, simulation.simulated, 1)
    limits = LIMITS[simulation.interval]
    if not (cv <= limits.cv_rmse and abs(bias) <= limits.nmbe):
        raise InvalidInput(
            f"Simulation {simulation.name} is not calibrated: CV(RMSE) {cv:.1%} (limit {limits.cv_rmse:.0%}), "
            f"NMBE {bias:+.1%} (limit {limits.nmbe:.0%}), {simulation.interval}.",
            field="simulation",
            fix="Calibrate it to the measured period and import it again.",
        )
    without, used = np.asarray(baseline, np.float64), np.asarray(reporting, np.float64)
    known = np.isfinite(without) & np.isfinite(used)
    savings = float((without - used)[known].sum())
    residual = simulation.measured - simulation.simulated
    rho = min(max(lag1_autocorrelation(residual), 0.0), 0.99)
    total = float(without[known].sum())
    noise = cv * total * np.sqrt((1 + rho) / (1 - rho) / max(1, int(known.sum())))
    half = t_two_sided(CONFIDENCE, max(1, residual.size - 1)) * float(np.hypot(noise, bias * total))
    inputs = (f"simulation {simulation.name}", f"CV(RMSE) {cv:.1%}, NMBE {bias:+.1%}, {simulation.interval}",
              f"{int(known.sum())} points")  # fmt: skip
    return OptionSavings("D", savings, savings - half, savings + half, "IPMVP D: calibrated simulation", inputs)


def advised_option(expected_fraction: float, *, submetered: bool) -> Option:
    """C above 10 % of the meter, else B where there is a submeter, else A (domain.md 7.7)."""
    if expected_fraction > 0.10:
        return "C"
    return "B" if submetered else "A"


def total(parts: Sequence[OptionSavings]) -> tuple[float, float, float]:
    """Sum with its interval; parts are independent of each other."""
    savings = sum(p.savings_kwh for p in parts)
    half = float(np.sqrt(sum(((p.high_kwh - p.low_kwh) / 2) ** 2 for p in parts)))
    return savings, savings - half, savings + half


def _mean_half(values: ArrayLike, field: str, *, with_memory: bool = False) -> tuple[float, float]:
    x = np.asarray(values, dtype=np.float64)
    known = x[np.isfinite(x)]
    if known.size < 2:
        raise InvalidInput(f"{known.size} values of {field} show no spread.", field=field, fix="Give two or more.")
    rho = min(max(lag1_autocorrelation(x), 0.0), 0.99) if with_memory else 0.0
    effective = max(2.0, known.size * (1 - rho) / (1 + rho))
    error = float(known.std(ddof=1)) / np.sqrt(effective)
    return float(known.mean()), t_two_sided(CONFIDENCE, effective - 1) * float(error)
