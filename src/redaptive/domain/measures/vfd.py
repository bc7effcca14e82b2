"""Variable-speed drives on fans and pumps."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def variable_speed_savings_kwh(
    rated_kw: float, duty: Sequence[tuple[float, float]], exponent: float = 2.7, drive_efficiency: float = 0.97
) -> float:
    """kWh a year saved against constant speed; `duty` holds (speed as a fraction of rated, hours a year).

    Power follows speed to the `exponent`; the drive's own loss is counted at every speed.

    >>> round(variable_speed_savings_kwh(30, [(1, 500), (.9, 800), (.8, 1200), (.7, 1500), (.6, 1200), (.5, 800)]), 1)
    94740.8
    """
    shares = [hours * (1.0 - math.pow(speed, exponent) / drive_efficiency) for speed, hours in duty]
    return rated_kw * math.fsum(shares)


@dataclass(frozen=True, kw_only=True)
class VariableSpeedDrive(Measure):
    """Variable speed for constant-speed motors that run long hours."""

    id: ClassVar[str] = "vfd"
    title: ClassVar[str] = "Variable-speed drives on fans and pumps"
    stage: ClassVar[Stage] = Stage.HVAC
    min_hours_per_y: float = 3000.0
    motor_load_fraction: float = 0.75
    motor_efficiency: float = 0.93
    kw_per_hp: float = 0.7457

    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """Saves a share of motor kWh (nameplate times hours), at most what the fan end use has left."""
        inputs = ("annual_kwh", "fan_pump_motor_hp", "motor_constant_speed", "motor_hours_per_y")
        if missing := self.missing(profile, *inputs):
            return self.absent(missing)
        systems = profile.building.systems
        hours, horsepower = systems.motor_hours_per_y or 0.0, systems.fan_pump_motor_hp or 0.0
        if not systems.motor_constant_speed or hours <= self.min_hours_per_y or horsepower <= 0.0:
            return self.not_triggered(f"motors are variable-speed or run at most {self.min_hours_per_y:.0f} h/yr")
        cost, range_ = library.cost(self.id), library.range(self.id)
        motor_kwh = horsepower * self.kw_per_hp * self.motor_load_fraction / self.motor_efficiency * hours
        basis = min(motor_kwh, remaining.kwh_of("fans"))
        return Screening(
            kwh=share_out(basis * range_.fraction.mid, remaining.kwh, ("fans",)),
            therms={},
            capex_usd=cost.capex.scaled(horsepower),
            service_life_y=cost.service_life_y,
            evidence=(
                Evidence("motor_constant_speed", "yes", "yes", ""),
                Evidence("motor_hours_per_y", hours, self.min_hours_per_y, "h/yr"),
            ),
            confidence=Confidence.HIGH,
            method=f"{range_.fraction.mid:.0%} of motor kWh from nameplate and hours",
            versions=(cost.version, range_.version),
            fraction=range_.fraction,
            warnings=unchecked(cost, range_),
        )


MEASURE = VariableSpeedDrive()
