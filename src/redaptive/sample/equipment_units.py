"""Simulated air handlers and chillers with known faults: quasi-static physics on a 5-minute grid, seeded.

What judges equipment never imports this module; it makes examples, benchmarks and tests. Units: degF, %, kW.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STEP_S: Final = 300
PER_DAY: Final = 288
FAN_RISE_F, HEAT_F, COOL_F = 2.0, 40.0, 35.0
"""Warming by the fan; what the coils add or take away at full valve."""
LEAST_PCT, LIMIT_F = 20.0, 65.0
"""Least outdoor air, and the outdoor temperature above which the economizer closes."""
MONDAY_S: Final = 1_767_571_200
"""2026-01-05 00:00 UTC."""


class UnitFault(StrEnum):
    """What is wrong with an air handler."""

    NONE = "none"
    DAMPER_OPEN = "damper_stuck_open"
    DAMPER_CLOSED = "damper_stuck_closed"
    HEATING_LEAK = "heating_valve_leaks"
    COOLING_LEAK = "cooling_valve_leaks"
    COOLING_STUCK = "cooling_valve_stuck_closed"
    OAT_BIAS = "outdoor_sensor_bias"
    SAT_BIAS = "supply_sensor_bias"
    MAT_FLAT = "mixed_sensor_flat"
    NIGHT = "runs_at_night"
    SIMULTANEOUS = "heats_and_cools"
    HUNTING = "hunting"
    STATIC_LOW = "duct_pressure_low"


@dataclass(frozen=True)
class SimulatedUnit:
    """Points by role, each of shape (days x 288,), from `start_s` on; the fault is there from row `first_row` on."""

    fault: UnitFault
    start_s: int
    first_row: int
    columns: Mapping[str, Floats]

    @property
    def faulty(self) -> Bools:
        """Rows in which the fault is there."""
        rows = np.arange(self.columns["fan"].size)
        return (rows >= self.first_row) & (self.fault is not UnitFault.NONE)


def simulate_air_handler(
    seed: int, fault: UnitFault = UnitFault.NONE, *, days: int = 14, day_of_year: int = 100, severity: float = 1.0
) -> SimulatedUnit:
    """An air handler over `days` from a Monday on; the fault begins half way. Severity scales it, 1 is plain to see."""
    rng, rows = np.random.default_rng((seed, 0xE9)), days * PER_DAY
    start = rows // 2
    on = np.arange(rows) >= start if fault is not UnitFault.NONE else np.zeros(rows, bool)
    weather = _weather(rng, rows, day_of_year)
    hour, weekday = (np.arange(rows) % PER_DAY) / 12.0, (np.arange(rows) // PER_DAY) % 7
    occupied = (hour >= 6.0) & (hour < 18.0) & (weekday < 5)
    fan_on = occupied | (on & (fault is UnitFault.NIGHT))
    rat = 73.0 + 1.2 * np.sin((hour - 9.0) / 24.0 * 2 * np.pi) + _drift(rng, rows, 0.3)
    plant = _control(weather, rat, on, fault, severity)
    points = _measured(rng, weather, rat, plant, on, fault, severity)
    points |= {"occupied": occupied.astype(float), "fan_status": fan_on.astype(float)}
    points["fan_command"] = points["fan_status"].copy()
    points |= _fan(rng, rows, fan_on, on & (fault is UnitFault.STATIC_LOW))
    for name in ("heating_valve", "cooling_valve"):
        points[name] = np.where(fan_on, points[name], 0.0)
    return SimulatedUnit(fault, MONDAY_S, start, points)


@dataclass(frozen=True)
class _Plant:
    """Commands in %, and true air temperatures before and after the coils."""

    heating: Floats
    cooling: Floats
    damper: Floats
    mixed: Floats
    supply: Floats
    setpoint: Floats


def _weather(rng: np.random.Generator, rows: int, day_of_year: int) -> Floats:
    day = day_of_year + np.arange(rows) / PER_DAY
    season = 55.0 - 25.0 * np.cos((day - 20.0) / 365.0 * 2 * np.pi)
    return season + 9.0 * np.sin((day % 1.0 - 0.4) * 2 * np.pi) + _drift(rng, rows, 5.0)


def _drift(rng: np.random.Generator, rows: int, size: float) -> Floats:
    """A slow random walk about zero with this standard deviation: daily steps, straight between."""
    days = rows // PER_DAY + 2
    steps = rng.normal(0.0, size, days)
    return np.interp(np.arange(rows) / PER_DAY, np.arange(days), steps)


def _control(oat: Floats, rat: Floats, on: Bools, fault: UnitFault, severity: float) -> _Plant:
    """What an air handler does that sequences heating, damper and cooling for its setpoint; faults act on the plant."""
    setpoint = np.interp(oat, [30.0, 50.0], [65.0, 55.0])
    target = setpoint - FAN_RISE_F
    leak = np.where(on, {UnitFault.HEATING_LEAK: 14.0, UnitFault.COOLING_LEAK: -14.0}.get(fault, 0.0) * severity, 0.0)
    stuck = {UnitFault.DAMPER_OPEN: 0.2 + 0.8 * severity, UnitFault.DAMPER_CLOSED: 0.2 - 0.2 * severity}.get(fault)
    economizes = (oat < LIMIT_F) & (oat < rat)
    wanted = np.clip((rat + leak - target) / np.maximum(rat - oat, 0.1), 0.0, 1.0)
    share = np.where(economizes, np.maximum(wanted, LEAST_PCT / 100.0), LEAST_PCT / 100.0)
    flow = share if stuck is None else np.where(on, stuck, share)
    mixed = rat + flow * (oat - rat)
    need = target - (mixed + leak)
    heating, cooling = np.clip(need / HEAT_F, 0.0, 1.0), np.clip(-need / COOL_F, 0.0, 1.0)
    if stuck is not None:  # the controller does not know: it closes or opens as far as it can before it uses a coil
        share = np.where(on & (heating > 0.0), LEAST_PCT / 100.0, share)
        share = np.where(on & (cooling > 0.0) & economizes, 1.0, share)
    heating, cooling = (np.where(command < 0.01, 0.0, command) for command in (heating, cooling))
    cools = np.where(on, 0.0, cooling) if fault is UnitFault.COOLING_STUCK else cooling
    cooling = np.where(on & (cools < cooling), 1.0, cooling)
    if fault is UnitFault.SIMULTANEOUS:
        both = np.where(on, 0.3 * severity, 0.0)
        heating, cooling, cools = heating + both, np.clip(cooling + both * HEAT_F / COOL_F, 0, 1), cools + both
        heats = np.where(on, heating - both + both * COOL_F / HEAT_F, heating)
    else:
        heats = heating
    supply = mixed + leak + heats * HEAT_F - cools * COOL_F + FAN_RISE_F
    return _Plant(100.0 * np.clip(heating, 0, 1), 100.0 * cooling, 100.0 * share, mixed, supply, setpoint)


def _measured(
    rng: np.random.Generator, oat: Floats, rat: Floats, plant: _Plant, on: Bools, fault: UnitFault, severity: float
) -> dict[str, Floats]:
    rows = oat.size
    air = {"oat": oat, "rat": rat, "mat": plant.mixed, "sat": plant.supply}
    points = {name: values + rng.normal(0.0, 0.25, rows) for name, values in air.items()}
    bias = {UnitFault.OAT_BIAS: ("oat", 18.0), UnitFault.SAT_BIAS: ("sat", -9.0)}.get(fault)
    if bias is not None:
        points[bias[0]] = points[bias[0]] + np.where(on, bias[1] * severity, 0.0)
    if fault is UnitFault.MAT_FLAT:
        points["mat"] = np.where(on, points["mat"][int(np.argmax(on))], points["mat"])
    damper = plant.damper.copy()
    if fault is UnitFault.HUNTING:
        swing = np.where(np.arange(rows) % 2 == 0, 100.0, LEAST_PCT)
        damper = np.where(on, swing, damper)
    least = np.full(rows, LEAST_PCT)
    commands = {"heating_valve": plant.heating, "cooling_valve": plant.cooling, "oa_damper": damper}
    return points | commands | {"oa_damper_min": least, "oa_min_pct": least.copy(), "sat_setpoint": plant.setpoint}


def _fan(rng: np.random.Generator, rows: int, fan_on: Bools, low: Bools) -> dict[str, Floats]:
    speed = np.where(low, 100.0, 65.0 + rng.normal(0.0, 2.0, rows))
    pressure = np.where(low, 0.9, 1.5) + rng.normal(0.0, 0.015, rows)
    zero = np.zeros(rows)
    return {
        "fan": np.where(fan_on, speed, zero),
        "dsp": np.where(fan_on, pressure, zero),
        "dsp_setpoint": np.full(rows, 1.5),
    }


@dataclass(frozen=True)
class SimulatedChiller:
    """Daily figures of a chiller: days since the first, kW/ton, load share, wet bulb; true fouling in % at the end."""

    day: Floats
    kw_per_ton: Floats
    load: Floats
    wet_bulb_f: Floats
    fouling_pct: Floats


def simulate_chiller(
    seed: int, *, days: int = 365, fouling_pct: float = 0.0, ramp_days: int = 120, first_day: int = 150
) -> SimulatedChiller:
    """A chiller whose condenser fouls by a ramp up to `fouling_pct` (domain.md 12: 0 to 15 % in 120 days)."""
    rng, day = np.random.default_rng((seed, 0xC1)), np.arange(days, dtype=np.float64)
    season = np.sin((day - 100.0) / 365.0 * 2 * np.pi)
    load = np.clip(0.6 + 0.25 * season + rng.normal(0.0, 0.08, days), 0.15, 1.0)
    wet_bulb = 58.0 + 14.0 * season + rng.normal(0.0, 4.0, days)
    noise = np.empty(days)
    noise[0] = rng.normal(0.0, 0.012)
    for i, shock in enumerate(rng.normal(0.0, 0.008, days - 1), start=1):
        noise[i] = 0.7 * noise[i - 1] + shock
    fouling = fouling_pct * np.clip((day - first_day) / ramp_days, 0.0, 1.0)
    clean = 0.56 + 0.30 * (load - 0.65) ** 2 + 0.0025 * (wet_bulb - 58.0)
    return SimulatedChiller(day, clean * (1.0 + fouling / 100.0) + noise, load, wet_bulb, fouling)
