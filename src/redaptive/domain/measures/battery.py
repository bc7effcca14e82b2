"""Battery storage: a candidate for sizing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from redaptive.domain.measures.base import (
    BuildingProfile,
    Confidence,
    Evidence,
    Measure,
    MeasureLibrary,
    NotApplicable,
    Remaining,
    Screening,
    Spread,
    Stage,
    unchecked,
)


@dataclass(frozen=True, kw_only=True)
class Battery(Measure):
    """Flags a building whose demand charge and peaky load may pay for a battery; the sizing tool decides."""

    id: ClassVar[str] = "battery"
    title: ClassVar[str] = "Battery storage (candidate)"
    stage: ClassVar[Stage] = Stage.STORAGE
    min_demand_usd_per_kw_month: float = 12.0
    max_load_factor: float = 0.5
    power_fraction_of_peak: float = 0.15
    duration_h: float = 2.0

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Cost of a battery of a fixed share of the peak; no saving is claimed before it is sized."""
        del remaining  # storage moves energy in time, it uses no end use
        if missing := self.missing(profile, "demand_usd_per_kw_month", "load_factor", "peak_kw"):
            return self.absent(missing)
        demand, factor = profile.demand_usd_per_kw_month or 0.0, profile.load_factor or 0.0
        if demand <= self.min_demand_usd_per_kw_month or factor >= self.max_load_factor:
            return self.not_triggered("the demand charge is low or the load is even")
        power_kw = (profile.peak_kw or 0.0) * self.power_fraction_of_peak
        power, energy = library.cost("battery_power"), library.cost("battery_energy")
        fixed = library.cost("battery_fixed")
        capex = battery_capex_usd(power_kw, power_kw * self.duration_h, library)
        return Screening(
            kwh={},
            therms={},
            capex_usd=capex,
            service_life_y=power.service_life_y,
            evidence=(
                Evidence("demand_usd_per_kw_month", demand, self.min_demand_usd_per_kw_month, "USD/kW-month"),
                Evidence("load_factor", factor, self.max_load_factor, "ratio"),
            ),
            confidence=Confidence.LOW,
            method=f"candidate of {power_kw:.0f} kW, {self.duration_h:.0f} h; size it before judging it",
            versions=(power.version,),
            om_usd_per_y=capex.mid * power.om_fraction_per_y,
            warnings=("no saving is claimed: dispatch against the tariff decides", *unchecked(power, energy, fixed)),
        )


def battery_capex_usd(power_kw: float, energy_kwh: float, library: MeasureLibrary) -> Spread:
    """USD per kW times power plus USD per kWh times energy plus the fixed part of a project."""
    power = library.cost("battery_power").capex.scaled(power_kw)
    energy = library.cost("battery_energy").capex.scaled(energy_kwh)
    return power.plus(energy).plus(library.cost("battery_fixed").capex)


MEASURE = Battery()
