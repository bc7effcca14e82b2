"""Refrigeration: EC motors and doors in food sales."""

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
class Refrigeration(Measure):
    """EC fan motors and case doors where food is sold."""

    id: ClassVar[str] = "refrigeration"
    title: ClassVar[str] = "Refrigeration: EC motors and doors"
    stage: ClassVar[Stage] = Stage.HVAC
    types: frozenset[str] = frozenset({"supermarket", "convenience_store", "grocery"})

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of the remaining refrigeration kWh."""
        if missing := self.missing(profile, "annual_kwh", "gross_floor_area_ft2"):
            return self.absent(missing)
        kind = profile.building.building_type
        if kind not in self.types:
            return self.not_triggered("the building does not sell food")
        cost, range_ = library.cost(self.id), library.range(self.id)
        saved = remaining.kwh_of("refrigeration") * range_.fraction.mid
        return Screening(
            kwh=share_out(saved, remaining.kwh, ("refrigeration",)),
            therms={},
            capex_usd=cost.capex.scaled(profile.area_ft2 or 0.0),
            service_life_y=cost.service_life_y,
            evidence=(Evidence("building_type", kind, "food sales", ""),),
            confidence=Confidence.LOW,
            method=f"{range_.fraction.mid:.0%} of refrigeration kWh",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            warnings=unchecked(cost, range_),
        )


MEASURE = Refrigeration()
