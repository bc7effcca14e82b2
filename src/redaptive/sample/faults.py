"""Faults of the sample: what is wrong, on which meter, when and how badly; and their effect on a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from redaptive.sample.metering import Counts
from redaptive.sample.model import HOURS_PER_YEAR, TERMS, BuildingModel
from redaptive.sample.randomness import Purpose, integers16
from redaptive.sample.specs import MeterKind, MeterSpec


class FaultType(StrEnum):
    """The thirteen kinds of fault."""

    OFF_HOURS = "off_hours_running"
    OVERRIDE = "schedule_override"
    DAMPER = "stuck_damper"
    SIMULTANEOUS = "simultaneous_heat_cool"
    FOULING = "chiller_fouling"
    REFRIGERANT = "refrigerant_loss"
    PV_STRING = "pv_string_loss"
    DRIFT = "sensor_drift"
    FLATLINE = "sensor_flatline"
    SPIKE = "sensor_spike"
    DROPOUT = "meter_dropout"
    MULTIPLIER = "wrong_multiplier"
    CLOCK = "clock_shift"


PHYSICAL = frozenset(
    {
        FaultType.OFF_HOURS,
        FaultType.OVERRIDE,
        FaultType.DAMPER,
        FaultType.SIMULTANEOUS,
        FaultType.FOULING,
        FaultType.REFRIGERANT,
        FaultType.PV_STRING,
    }
)
"""Faults that use (or lose) real energy, which the parent meter sees too; the others are errors of the meter itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in local days [start, end).

    `severity` is the relative effect (0.3 = 30 % of the meter's usual level), hours for a
    clock shift and the factor for a multiplier. `subthreshold` ones are too small to be found.
    """

    code: str
    meter: int
    type: FaultType
    start: date
    end: date
    severity: float
    subthreshold: bool

    @property
    def physical(self) -> bool:
        """Whether real energy is used or lost."""
        return self.type in PHYSICAL


@dataclass(frozen=True)
class Window:
    """A window of UTC hours and, inside it, the hours in which a fault is active."""

    first_hour: int
    last_hour: int
    fault_first: int
    fault_last: int

    @property
    def hours(self) -> npt.NDArray[np.int64]:
        """UTC hours of the window."""
        return np.arange(self.first_hour, self.last_hour)

    @property
    def active(self) -> npt.NDArray[np.bool_]:
        """Hours in which the fault is active."""
        return (self.hours >= self.fault_first) & (self.hours < self.fault_last)

    @property
    def elapsed_days(self) -> npt.NDArray[np.float64]:
        """Days since the fault began, negative before."""
        return (self.hours - self.fault_first) / 24.0


def usual_wh(model: BuildingModel, spec: MeterSpec) -> float:
    """Mean Wh per interval that the meter is designed to read."""
    if spec.kind is MeterKind.SUB:
        year = sum(model.annual[t.name] for t in TERMS if t.component == spec.use)
        year *= spec.share * model.spec.main_weights[spec.main_slot]
    else:
        year = model.spec.electricity_kwh_per_y * 1000 * model.spec.main_weights[spec.main_slot]
    return year / HOURS_PER_YEAR / spec.quarters


def physical_extra(fault: Fault, model: BuildingModel, spec: MeterSpec, clean: Counts, window: Window) -> Counts:
    """Wh per interval that the fault adds to what the meter would have read; shape of `clean`."""
    q = spec.quarters
    active = np.repeat(window.active, q)
    air_c = np.repeat(model.temperature_c(window.first_hour, window.last_hour), q)
    days = np.repeat(window.elapsed_days, q)
    level = np.maximum(clean, 0)
    if fault.type in (FaultType.OFF_HOURS, FaultType.OVERRIDE):
        open_now = model.profile("hvac", window.first_hour, window.last_hour, q) > 0.6
        closed = ~open_now
        if fault.type is FaultType.OVERRIDE:
            closed &= np.repeat(model.slots(window.first_hour, window.last_hour) % 72 >= 24, q)
        effect = usual_wh(model, spec) * fault.severity * closed
    elif fault.type is FaultType.DAMPER:
        effect = level * fault.severity * ((air_c > 24) | (air_c < 5))
    elif fault.type is FaultType.SIMULTANEOUS:
        effect = level * fault.severity * ((air_c > 5) & (air_c < 20))
    elif fault.type is FaultType.FOULING:
        effect = level * fault.severity * np.clip(days / 120, 0, 1) * (air_c > 12)
    elif fault.type is FaultType.REFRIGERANT:
        effect = level * fault.severity * np.clip(days / 60, 0, 1)
    else:
        effect = -level * fault.severity
    return np.rint(np.where(active, effect, 0.0)).astype(np.int64)


def metered(fault: Fault, seed: int, spec: MeterSpec, true: Counts, at_start: int, window: Window) -> Counts:
    """What a faulty meter reports for `true`; `at_start` is the true value when the fault began.

    A clock shift is not handled here: it needs the values before the window.
    """
    q = spec.quarters
    active = np.repeat(window.active, q)
    if fault.type is FaultType.DRIFT:
        wrong = np.rint(true * (1 + fault.severity * np.clip(np.repeat(window.elapsed_days, q) / 60, 0, 1)))
    elif fault.type is FaultType.FLATLINE:
        wrong = np.full_like(true, at_start)
    elif fault.type is FaultType.SPIKE:
        drawn = integers16(seed, Purpose.SPIKE, spec.number, window.first_hour * q, len(true))
        wrong = np.where(drawn < 65536 // (24 * q), np.rint(true * fault.severity), true)
    elif fault.type is FaultType.MULTIPLIER:
        wrong = true * int(fault.severity)
    else:
        wrong = true
    return np.where(active, wrong, true).astype(np.int64)
