"""Retro-commissioning: find and correct how a building is run."""

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
class RetroCommissioning(Measure):
    """Retro-commissioning where nights, weekends or open faults show waste."""

    id: ClassVar[str] = "rcx"
    title: ClassVar[str] = "Retro-commissioning"
    stage: ClassVar[Stage] = Stage.CONTROLS
    max_night_day_ratio: float = 0.6
    max_weekend_weekday_ratio: float = 0.7

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of the whole building's remaining electricity and gas."""
        if missing := self.missing(profile, "annual_kwh", "gross_floor_area_ft2"):
            return self.absent(missing)
        signs = ("night_day_ratio", "weekend_weekday_ratio", "open_faults")
        if len(self.missing(profile, *signs)) == len(signs):
            return self.absent(signs)
        evidence = self._evidence(profile)
        if not evidence:
            return self.not_triggered("nights and weekends are quiet and no fault is open")
        cost, range_ = library.cost(self.id), library.range(self.id)
        fraction = range_.fraction
        return Screening(
            kwh=share_out(remaining.kwh_of() * fraction.mid, remaining.kwh, ELECTRIC_USES),
            therms=share_out(remaining.therms_of() * fraction.mid, remaining.therms, GAS_USES),
            capex_usd=cost.capex.scaled(profile.area_ft2 or 0.0),
            service_life_y=cost.service_life_y,
            evidence=evidence,
            confidence=Confidence.MEDIUM,
            method=f"{fraction.mid:.0%} of whole-building energy",
            versions=(cost.version, range_.version),
            fraction=fraction,
            warnings=unchecked(cost, range_),
        )

    def _evidence(self, profile: BuildingProfile) -> tuple[Evidence, ...]:
        found = []
        night, weekend, faults = profile.night_day_ratio, profile.weekend_weekday_ratio, profile.open_faults
        if profile.building.building_type not in CONTINUOUS_TYPES:
            if night is not None and night > self.max_night_day_ratio:
                found.append(Evidence("night_day_ratio", night, self.max_night_day_ratio, "ratio"))
            if weekend is not None and weekend > self.max_weekend_weekday_ratio:
                found.append(Evidence("weekend_weekday_ratio", weekend, self.max_weekend_weekday_ratio, "ratio"))
        if faults:
            found.append(Evidence("open_faults", float(faults), 0.0, "faults"))
        return tuple(found)


MEASURE = RetroCommissioning()
