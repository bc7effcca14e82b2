"""LED lighting with controls."""

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


def fixture_savings_kwh(
    fixtures: int, old_w: float, new_w: float, hours_per_y: float, hvac_interaction: float = 1.0
) -> float:
    """kWh a year saved by replacing fixtures; `hvac_interaction` (0.9-1.1) only where it is stated.

    >>> fixture_savings_kwh(1000, 96, 36, 3500)
    210000.0
    """
    return fixtures * (old_w - new_w) * hours_per_y / 1000.0 * hvac_interaction


@dataclass(frozen=True, kw_only=True)
class Led(Measure):
    """LED + controls where lighting power is high or fluorescent."""

    id: ClassVar[str] = "led"
    title: ClassVar[str] = "LED lighting and controls"
    stage: ClassVar[Stage] = Stage.LIGHTING
    max_lighting_w_per_ft2: float = 0.8

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of lighting kWh: of the inventory (W/ft² times hours) where known, else of the end use."""
        if missing := self.missing(profile, "annual_kwh", "gross_floor_area_ft2"):
            return self.absent(missing)
        known = self.missing(profile, "lighting_w_per_ft2", "lighting_type")
        if len(known) == 2:
            return self.absent(known)
        evidence = self._evidence(profile)
        if not evidence:
            return self.not_triggered(f"lighting is LED or at most {self.max_lighting_w_per_ft2} W/ft2")
        cost, range_ = library.cost(self.id), library.range(self.id)
        inventory = self._inventory_kwh(profile)
        basis = remaining.kwh_of("lighting") if inventory is None else min(inventory, remaining.kwh_of("lighting"))
        saved = basis * range_.fraction.mid
        hours = profile.building.systems.lighting_hours_per_y
        return Screening(
            kwh=share_out(saved, remaining.kwh, ("lighting",)),
            therms={},
            capex_usd=cost.capex.scaled(profile.area_ft2 or 0.0),
            service_life_y=cost.service_life_y,
            evidence=evidence,
            confidence=Confidence.MEDIUM if inventory is None else Confidence.HIGH,
            method=f"{range_.fraction.mid:.0%} of {'lighting end use' if inventory is None else 'installed lighting'}",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            savings_kw=saved / hours if hours else 0.0,
            warnings=unchecked(cost, range_),
        )

    def _evidence(self, profile: BuildingProfile) -> tuple[Evidence, ...]:
        systems, found = profile.building.systems, []
        kind = (systems.lighting_type or "").lower()
        watts = systems.lighting_w_per_ft2
        if watts is not None and watts > self.max_lighting_w_per_ft2 and "led" not in kind:
            found.append(Evidence("lighting_w_per_ft2", watts, self.max_lighting_w_per_ft2, "W/ft2"))
        if "fluorescent" in kind or kind in {"t12", "t8", "hid", "metal_halide"}:
            found.append(Evidence("lighting_type", kind, "fluorescent or HID", ""))
        return tuple(found)

    def _inventory_kwh(self, profile: BuildingProfile) -> float | None:
        systems = profile.building.systems
        if systems.lighting_w_per_ft2 is None or systems.lighting_hours_per_y is None:
            return None
        return systems.lighting_w_per_ft2 * (profile.area_ft2 or 0.0) * systems.lighting_hours_per_y / 1000.0


MEASURE = Led()
