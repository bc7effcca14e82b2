"""Emission limits of buildings and the penalty above them; limits and coefficients are dated rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class LimitResult:
    """Emissions against a limit in tCO2e a year; `excess_t_co2e` is never negative."""

    emissions_t_co2e: float
    limit_t_co2e: float
    excess_t_co2e: float
    penalty_usd: float


def emission_limit(
    energy: Mapping[str, float],
    coefficients: Mapping[str, float],
    areas_ft2: Mapping[str, float],
    limits_t_per_ft2: Mapping[str, float],
    penalty_usd_per_t: float,
) -> LimitResult:
    """Emissions, the area-weighted limit of mixed use, and the yearly penalty (NYC LL97, 1 RCNY 103-14).

    `energy` and `coefficients` share keys and units (kWh or kBtu); so do areas and limits. Raises InvalidInput
    naming a key without a coefficient or limit.
    """
    emissions = sum(amount * _of(coefficients, key, "coefficients") for key, amount in energy.items())
    limit = sum(area * _of(limits_t_per_ft2, key, "limits_t_per_ft2") for key, area in areas_ft2.items())
    excess = max(0.0, emissions - limit)
    return LimitResult(emissions, limit, excess, excess * penalty_usd_per_t)


def _of(table: Mapping[str, float], key: str, name: str) -> float:
    if key not in table:
        raise InvalidInput(f"No figure for {key!r}.", field=name, fix=f"Known: {', '.join(sorted(table))}.")
    return table[key]
