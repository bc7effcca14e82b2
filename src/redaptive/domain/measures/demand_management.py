"""Demand management and demand response."""

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
    unchecked,
)


@dataclass(frozen=True, kw_only=True)
class DemandManagement(Measure):
    """Cuts a short peak where few hours of the year make it."""

    id: ClassVar[str] = "demand_management"
    title: ClassVar[str] = "Demand management"
    stage: ClassVar[Stage] = Stage.STORAGE
    max_peak_hours_per_y: float = 80.0

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of peak kW; no energy."""
        del remaining  # the peak is cut, no end use is
        if missing := self.missing(profile, "peak_hours_per_y", "peak_kw", "demand_usd_per_kw_month"):
            return self.absent(missing)
        hours = profile.peak_hours_per_y or 0.0
        if hours >= self.max_peak_hours_per_y:
            return self.not_triggered(f"the peak lasts {self.max_peak_hours_per_y:.0f} h/yr or more")
        if not profile.demand_usd_per_kw_month:
            return self.not_triggered("the site pays no demand charge")
        cost, range_ = library.cost(self.id), library.range(self.id)
        saved_kw = (profile.peak_kw or 0.0) * range_.fraction.mid
        return Screening(
            kwh={},
            therms={},
            capex_usd=cost.capex.scaled(saved_kw),
            service_life_y=cost.service_life_y,
            evidence=(Evidence("peak_hours_per_y", hours, self.max_peak_hours_per_y, "h/yr"),),
            confidence=Confidence.MEDIUM,
            method=f"{range_.fraction.mid:.0%} of peak kW",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            savings_kw=saved_kw,
            warnings=unchecked(cost, range_),
        )


MEASURE = DemandManagement()
