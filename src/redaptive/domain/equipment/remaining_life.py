"""Life that is left by the Weibull distribution (domain.md 8.4): S(t) = exp(-(t/eta)^beta)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log
from typing import Final

from scipy.special import gamma, gammaincc

from redaptive.domain.equipment.service_life import ServiceLife

HOURS_PER_YEAR: Final = 8_766.0
FAR: Final = 50.0
"""Above this (t/eta)^beta the incomplete gamma function is taken by its asymptotic series."""


@dataclass(frozen=True)
class LifeLeft:
    """Effective age (y), chance to fail within 12 months (0-1), median and mean years left."""

    effective_age_y: float
    failure_probability_12_months: float
    median_y: float
    mean_y: float


def effective_age_y(age_y: float, duty: float, fault_hours: float, fault_wear: float) -> float:
    """Age in years of usual use: duty scales it, an hour with a fault counts `fault_wear` hours more."""
    return age_y * duty + fault_wear * fault_hours / HOURS_PER_YEAR


def life_left(
    life: ServiceLife, age_y: float, *, duty: float = 1.0, fault_hours: float = 0.0, fault_wear: float = 1.0
) -> LifeLeft:
    """What is left of equipment that works on, in calendar years at the same duty.

    >>> left = life_left(ServiceLife(15.0, 3.0), 12.0)
    >>> round(100 * left.failure_probability_12_months, 2), round(left.median_y, 2), round(left.mean_y, 2)
    (9.18, 5.22, 5.85)
    """
    eta, beta = life.scale_y, life.shape
    age = effective_age_y(age_y, duty, fault_hours, fault_wear)
    spent = (age / eta) ** beta
    within = -expm1(spent - ((age + duty) / eta) ** beta)
    median = eta * (spent + log(2.0)) ** (1.0 / beta) - age
    return LifeLeft(age, float(within), float(median / duty), float(_mean(eta, beta, spent) / duty))


def _mean(eta: float, beta: float, spent: float) -> float:
    """Integral of S from the age on, over S at the age: eta/beta Gamma(1/beta, spent) e^spent."""
    a = 1.0 / beta
    if spent > FAR:
        series = 1.0 + (a - 1.0) / spent + (a - 1.0) * (a - 2.0) / spent**2
        return float(eta / beta * spent ** (a - 1.0) * series)
    return float(eta / beta * gamma(a) * gammaincc(a, spent) * exp(spent))
