"""Photovoltaics on the roof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from redaptive.domain.measures.base import (
    ELECTRIC_USES,
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
)


@dataclass(frozen=True, kw_only=True)
class RoofPhotovoltaics(Measure):
    """A roof array sized by roof area, at most what the building still uses in a year."""

    id: ClassVar[str] = "pv"
    title: ClassVar[str] = "Roof photovoltaics"
    stage: ClassVar[Stage] = Stage.GENERATION
    usable_roof_fraction: float = 0.6
    module_kwdc_per_ft2: float = 0.0175
    size_classes: tuple[str, ...] = ("pv_small", "pv_medium", "pv_large")
    min_kwdc: float = 11.0
    class_limits_kwdc: tuple[float, ...] = (100.0, 2000.0, 10000.0)

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Generation counts as a saving on every use alike; cost by size class, upkeep per kWdc."""
        if missing := self.missing(profile, "annual_kwh", "roof_area_ft2", "pv_yield_kwh_per_kwdc_y"):
            return self.absent(missing)
        size_kwdc = self.size_kwdc(profile, remaining)
        if size_kwdc < self.min_kwdc:
            return self.not_triggered(f"less than {self.min_kwdc:.0f} kWdc fits: no cost row below that size")
        cost = library.cost(self._size_class(size_kwdc))
        per_kwdc = profile.pv_yield_kwh_per_kwdc_y or 0.0
        return Screening(
            kwh=share_out(size_kwdc * per_kwdc, remaining.kwh, ELECTRIC_USES),
            therms={},
            capex_usd=cost.capex.scaled(size_kwdc),
            service_life_y=cost.service_life_y,
            evidence=(
                Evidence("roof_area_ft2", profile.building.systems.roof_area_ft2 or 0.0, 0.0, "ft2"),
                Evidence("size_kwdc", size_kwdc, self.min_kwdc, "kWdc"),
            ),
            confidence=Confidence.LOW,
            method=f"{size_kwdc:.0f} kWdc at {per_kwdc:.0f} kWh/kWdc (state table)",
            versions=(cost.version, "pv-yield-state-1"),
            om_usd_per_y=cost.om_usd_per_unit_y * size_kwdc,
            variant=self._size_class(size_kwdc),
            warnings=("yield by state table, not by site; roof condition and structure are not known",),
        )

    def size_kwdc(self, profile: BuildingProfile, remaining: Remaining) -> float:
        """kWdc that fits the roof beside what is there, generates no more than is used and has a cost row."""
        systems = profile.building.systems
        fits = (systems.roof_area_ft2 or 0.0) * self.usable_roof_fraction * self.module_kwdc_per_ft2
        used = remaining.kwh_of() / profile.pv_yield_kwh_per_kwdc_y if profile.pv_yield_kwh_per_kwdc_y else 0.0
        return min(fits - (systems.existing_pv_kwdc or 0.0), used, self.class_limits_kwdc[-1])

    def _size_class(self, size_kwdc: float) -> str:
        pairs = zip(self.size_classes, self.class_limits_kwdc, strict=True)
        return next(name for name, limit in pairs if size_kwdc <= limit)


MEASURE = RoofPhotovoltaics()
