"""Emissions of fuel and electricity: activity times factor; the factors are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redaptive.domain.constants import KG_PER_LB
from redaptive.errors import InvalidInput

THERMS_PER_MMBTU: Final = 10.0


@dataclass(frozen=True)
class Emissions:
    """Tonnes CO2e of scope 1 (fuel burned) and of scope 2 by location (grid average)."""

    scope1_t_co2e: float
    scope2_location_t_co2e: float

    @property
    def total_t_co2e(self) -> float:
        """Scope 1 plus scope 2."""
        return self.scope1_t_co2e + self.scope2_location_t_co2e


def kg_per_kwh(lb_per_mwh: float) -> float:
    """A published rate in lb/MWh as kg/kWh."""
    return lb_per_mwh * KG_PER_LB / 1000.0


def fuel_kg_co2e_per_therm(
    co2_kg_per_mmbtu: float, ch4_g_per_mmbtu: float, n2o_g_per_mmbtu: float, gwp_ch4: float, gwp_n2o: float
) -> float:
    """CO2e per therm (HHV) of a fuel from its three gases and their warming potentials.

    >>> round(fuel_kg_co2e_per_therm(53.06, 1.0, 0.10, 28, 265), 5)
    5.31145
    """
    others_kg = (ch4_g_per_mmbtu * gwp_ch4 + n2o_g_per_mmbtu * gwp_n2o) / 1000.0
    return (co2_kg_per_mmbtu + others_kg) / THERMS_PER_MMBTU


def energy_emissions(
    energy_kwh: float, fuel_therms: float, grid_kg_per_kwh: float, fuel_kg_per_therm: float
) -> Emissions:
    """Scope 1 of the fuel and location-based scope 2 of grid import; raises InvalidInput below zero."""
    for name, value in (("energy_kwh", energy_kwh), ("fuel_therms", fuel_therms)):
        if value < 0.0:
            raise InvalidInput(f"{name} is {value}.", field=name, fix="Emissions count import only: give 0 or more.")
    return Emissions(fuel_therms * fuel_kg_per_therm / 1000.0, energy_kwh * grid_kg_per_kwh / 1000.0)


def loss_emissions_t_co2e(energy_kwh: float, grid_kg_per_kwh: float, loss_fraction: float) -> float:
    """Scope 3 category 3: what the grid lost on the way, kWh·factor·loss/(1-loss)."""
    if not 0.0 <= loss_fraction < 1.0:
        raise InvalidInput(f"A grid loss of {loss_fraction}.", field="loss_fraction", fix="Give a fraction below 1.")
    return energy_kwh * grid_kg_per_kwh / 1000.0 * loss_fraction / (1.0 - loss_fraction)
