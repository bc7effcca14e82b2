"""Scheduling and setback: switch off what nobody uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from redaptive.domain.measures.base import (
    CONTINUOUS_TYPES,
    ELECTRIC_USES,
    GAS_USES,
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
class Scheduling(Measure):
    """Equipment schedules and setback where the base load is a large part of the peak."""

    id: ClassVar[str] = "scheduling"
    title: ClassVar[str] = "Scheduling and setback"
    stage: ClassVar[Stage] = Stage.CONTROLS
    max_base_peak_ratio: float = 0.6

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of the whole building's remaining electricity and gas."""
        if missing := self.missing(profile, "annual_kwh", "gross_floor_area_ft2", "base_peak_ratio"):
            return self.absent(missing)
        ratio = profile.base_peak_ratio or 0.0
        if profile.building.building_type in CONTINUOUS_TYPES:
            return self.not_triggered("this type runs around the clock: a high base load is its work")
        if ratio <= self.max_base_peak_ratio:
            return self.not_triggered(f"base load is at most {self.max_base_peak_ratio:.0%} of the peak")
        cost, range_ = library.cost(self.id), library.range(self.id)
        fraction = range_.fraction
        return Screening(
            kwh=share_out(remaining.kwh_of() * fraction.mid, remaining.kwh, ELECTRIC_USES),
            therms=share_out(remaining.therms_of() * fraction.mid, remaining.therms, GAS_USES),
            capex_usd=cost.capex.scaled(profile.area_ft2 or 0.0),
            service_life_y=cost.service_life_y,
            evidence=(Evidence("base_peak_ratio", ratio, self.max_base_peak_ratio, "ratio"),),
            confidence=Confidence.MEDIUM,
            method=f"{fraction.mid:.0%} of whole-building energy",
            versions=(cost.version, range_.version),
            fraction=fraction,
            warnings=unchecked(cost, range_),
        )


MEASURE = Scheduling()
