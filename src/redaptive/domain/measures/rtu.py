"""Rooftop units: replacement, or advanced controls."""

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
    Stage,
    share_out,
    unchecked,
)


@dataclass(frozen=True, kw_only=True)
class RooftopUnits(Measure):
    """Replacement of old rooftop units; advanced controls where younger ones cool a lot."""

    id: ClassVar[str] = "rtu"
    title: ClassVar[str] = "Rooftop unit replacement or controls"
    stage: ClassVar[Stage] = Stage.HVAC
    max_age_y: float = 15.0
    max_cooling_kwh_per_ft2: float = 3.0

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of the remaining HVAC and fan kWh."""
        if missing := self.missing(profile, "annual_kwh", "gross_floor_area_ft2", "hvac_type"):
            return self.absent(missing)
        kind = (profile.building.systems.hvac_type or "").lower()
        if not any(word in kind for word in ("rtu", "rooftop", "packaged")):
            return self.not_triggered("the building has no rooftop units")
        age, cooling = profile.building.systems.hvac_age_y, profile.cooling_kwh_per_ft2()
        if age is None and cooling is None:
            return self.absent(("hvac_age_y", "cooling_kwh_per_cdd"))
        if age is not None and age > self.max_age_y:
            found = Evidence("hvac_age_y", age, self.max_age_y, "y")
            return self._result(profile, remaining, library, "rtu_replacement", found)
        if cooling is not None and cooling > self.max_cooling_kwh_per_ft2:
            found = Evidence("cooling_kwh_per_ft2", cooling, self.max_cooling_kwh_per_ft2, "kWh/ft2/yr")
            return self._result(profile, remaining, library, "rtu_controls", found)
        return self.not_triggered("units are young enough and cooling use is moderate")

    def _result(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary, variant: str, found: Evidence
    ) -> Screening:
        cost, range_ = library.cost(variant), library.range(variant)
        basis = remaining.kwh_of("hvac", "fans")
        return Screening(
            kwh=share_out(basis * range_.fraction.mid, remaining.kwh, ("hvac", "fans")),
            therms={},
            capex_usd=cost.capex.scaled(profile.area_ft2 or 0.0),
            service_life_y=cost.service_life_y,
            evidence=(found,),
            confidence=Confidence.LOW,
            method=f"{range_.fraction.mid:.0%} of HVAC and fan kWh",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            variant=variant,
            warnings=unchecked(cost, range_),
        )


MEASURE = RooftopUnits()
