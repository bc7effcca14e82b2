"""Envelope: air sealing, roof insulation, window film."""

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
class Envelope(Measure):
    """Envelope work where both heating and cooling follow the weather strongly."""

    id: ClassVar[str] = "envelope"
    title: ClassVar[str] = "Envelope: air sealing, roof, film"
    stage: ClassVar[Stage] = Stage.ENVELOPE
    max_heating_kbtu_per_ft2: float = 20.0
    max_cooling_kwh_per_ft2: float = 2.0

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of the remaining HVAC kWh and heating therms."""
        inputs = ("annual_kwh", "heating_therms_per_hdd", "hdd", "cooling_kwh_per_cdd", "cdd", "gross_floor_area_ft2")
        heating, cooling = profile.heating_kbtu_per_ft2(), profile.cooling_kwh_per_ft2()
        missing = self.missing(profile, *inputs)
        if missing or heating is None or cooling is None:
            return self.absent(missing or ("gross_floor_area_ft2",))
        if heating <= self.max_heating_kbtu_per_ft2 or cooling <= self.max_cooling_kwh_per_ft2:
            return self.not_triggered("heating or cooling follows the weather only moderately")
        cost, range_ = library.cost(self.id), library.range(self.id)
        fraction = range_.fraction
        return Screening(
            kwh=share_out(remaining.kwh_of("hvac") * fraction.mid, remaining.kwh, ("hvac",)),
            therms=share_out(remaining.therms_of("heating") * fraction.mid, remaining.therms, ("heating",)),
            capex_usd=cost.capex.scaled(profile.area_ft2 or 0.0),
            service_life_y=cost.service_life_y,
            evidence=(
                Evidence("heating_kbtu_per_ft2", heating, self.max_heating_kbtu_per_ft2, "kBtu/ft2/yr"),
                Evidence("cooling_kwh_per_ft2", cooling, self.max_cooling_kwh_per_ft2, "kWh/ft2/yr"),
            ),
            confidence=Confidence.LOW,
            method=f"{fraction.mid:.0%} of HVAC kWh and heating gas",
            versions=(cost.version, range_.version),
            fraction=fraction,
            warnings=unchecked(cost, range_),
        )


MEASURE = Envelope()
