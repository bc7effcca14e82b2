"""Chiller plant optimisation or replacement."""

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
class ChillerPlant(Measure):
    """Chiller plant work where the plant needs too many kW per ton."""

    id: ClassVar[str] = "chiller"
    title: ClassVar[str] = "Chiller plant"
    stage: ClassVar[Stage] = Stage.HVAC
    max_kw_per_ton: float = 0.8
    full_load_h_per_y: float = 1200.0

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of plant kWh (tons, kW/ton and full-load hours), at most what HVAC has left."""
        if missing := self.missing(profile, "annual_kwh", "chiller_kw_per_ton", "cooling_tons"):
            return self.absent(missing)
        systems = profile.building.systems
        rate, tons = systems.chiller_kw_per_ton or 0.0, systems.cooling_tons or 0.0
        if rate <= self.max_kw_per_ton or tons <= 0.0:
            return self.not_triggered(f"the plant needs at most {self.max_kw_per_ton} kW/ton")
        cost, range_ = library.cost(self.id), library.range(self.id)
        basis = min(tons * rate * self.full_load_h_per_y, remaining.kwh_of("hvac"))
        return Screening(
            kwh=share_out(basis * range_.fraction.mid, remaining.kwh, ("hvac",)),
            therms={},
            capex_usd=cost.capex.scaled(tons),
            service_life_y=cost.service_life_y,
            evidence=(Evidence("chiller_kw_per_ton", rate, self.max_kw_per_ton, "kW/ton"),),
            confidence=Confidence.MEDIUM,
            method=f"{range_.fraction.mid:.0%} of plant kWh at {self.full_load_h_per_y:.0f} full-load hours",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            warnings=unchecked(cost, range_),
        )


MEASURE = ChillerPlant()
