"""Condensing boilers."""

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
class CondensingBoiler(Measure):
    """A condensing boiler where heating use is high and the present boiler inefficient."""

    id: ClassVar[str] = "boiler"
    title: ClassVar[str] = "Condensing boiler"
    stage: ClassVar[Stage] = Stage.HVAC
    min_efficiency: float = 0.80
    max_heating_kbtu_per_ft2: float = 15.0

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of the remaining heating and hot-water therms."""
        if missing := self.missing(profile, "annual_therms", "boiler_efficiency", "boiler_mbh"):
            return self.absent(missing)
        heating = profile.heating_kbtu_per_ft2()
        if heating is None:
            return self.absent(self.missing(profile, "heating_therms_per_hdd", "hdd", "gross_floor_area_ft2"))
        efficiency = profile.building.systems.boiler_efficiency or 0.0
        if efficiency >= self.min_efficiency or heating <= self.max_heating_kbtu_per_ft2:
            return self.not_triggered("the boiler is efficient or heating use is moderate")
        cost, range_ = library.cost(self.id), library.range(self.id)
        basis = remaining.therms_of("heating", "hot_water")
        return Screening(
            kwh={},
            therms=share_out(basis * range_.fraction.mid, remaining.therms, ("heating", "hot_water")),
            capex_usd=cost.capex.scaled(profile.building.systems.boiler_mbh or 0.0),
            service_life_y=cost.service_life_y,
            evidence=(
                Evidence("boiler_efficiency", efficiency, self.min_efficiency, "fraction"),
                Evidence("heating_kbtu_per_ft2", heating, self.max_heating_kbtu_per_ft2, "kBtu/ft2/yr"),
            ),
            confidence=Confidence.MEDIUM,
            method=f"{range_.fraction.mid:.0%} of heating and hot-water gas",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            warnings=unchecked(cost, range_),
        )


MEASURE = CondensingBoiler()
