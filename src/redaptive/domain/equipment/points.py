"""The points of equipment: role, unit, plausible range; and conversion of what people deliver into that unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.errors import InvalidInput

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """A role that a trend plays. A sample outside [low, high] is a fault of the sensor and never judged by a rule.

    `sensor` is True for what is measured: a measured value that never moves is a fault too.
    """

    name: str
    unit: str
    label: str
    low: float
    high: float
    sensor: bool = True


def _points(unit: str, low: float, high: float, sensor: bool, labels: Mapping[str, str]) -> dict[str, Point]:
    return {name: Point(name, unit, label, low, high, sensor) for name, label in labels.items()}


_AIR = {
    "sat": "supply air", "rat": "return air", "dat": "discharge air of the box", "zone": "zone",
    "cc_leave": "air leaving the cooling coil", "hc_leave": "air leaving the heating coil",
}  # fmt: skip
_OUTDOOR = {
    "oat": "outdoor air", "mat": "mixed air", "cc_enter": "air entering the cooling coil",
    "hc_enter": "air entering the heating coil",
}  # fmt: skip
_WATER = {
    "chws": "chilled water supply", "chwr": "chilled water return", "cws": "condenser water supply (leaving the tower)",
    "cwr": "condenser water return", "hws": "hot water supply", "hwr": "hot water return",
}  # fmt: skip
_SETPOINTS = {
    "sat_setpoint": "supply air setpoint", "zone_setpoint": "zone setpoint", "chws_setpoint": "chilled water setpoint",
    "hws_setpoint": "hot water setpoint",
}  # fmt: skip
_SHARES = {
    "fan": "fan speed", "heating_valve": "heating valve", "cooling_valve": "cooling valve",
    "oa_damper": "outdoor air damper", "oa_damper_min": "least position of the outdoor air damper",
    "oa_min_pct": "least outdoor air fraction", "damper": "box damper", "reheat_valve": "reheat valve",
    "tower_fan": "tower fan speed",
}  # fmt: skip
_SWITCHES = {
    "fan_status": "fan runs", "fan_command": "fan is told to run", "occupied": "occupied", "pump_status": "pump runs",
    "pump_command": "pump is told to run", "chiller_status": "chiller runs",
    "chiller_command": "chiller is told to run", "boiler_status": "boiler runs",
    "boiler_command": "boiler is told to run",
}  # fmt: skip
_FLOWS = {"airflow": "airflow of the box", "supply_airflow": "supply airflow"}
_FLOW_LIMITS = {"airflow_setpoint": "airflow setpoint of the box", "airflow_max": "largest airflow of the box"}

POINTS: Final[Mapping[str, Point]] = MappingProxyType(
    _points("degF", 20.0, 180.0, True, _AIR)
    | _points("degF", -60.0, 140.0, True, _OUTDOOR)
    | _points("degF", -60.0, 120.0, True, {"wet_bulb": "outdoor wet bulb"})
    | _points("degF", 25.0, 260.0, True, _WATER)
    | _points("degF", 30.0, 260.0, False, _SETPOINTS)
    | _points("%", -2.0, 102.0, False, _SHARES)
    | _points("", 0.0, 1.0, False, _SWITCHES)
    | _points("inH2O", -1.0, 20.0, True, {"dsp": "duct static pressure"})
    | _points("inH2O", 0.0, 20.0, False, {"dsp_setpoint": "duct static pressure setpoint"})
    | _points("ft3/min", 0.0, 1e6, True, _FLOWS)
    | _points("ft3/min", 0.0, 1e6, False, _FLOW_LIMITS)
    | _points("gal/min", 0.0, 1e5, True, {"flow": "water flow"})
    | _points("kW", 0.0, 1e5, True, {"power": "electric power", "pump_power": "pump power", "fan_power": "fan power"})
)
"""Every known role. Plausible ranges are design values: wide, so that what falls outside is no measurement."""


def _scale(factor: float) -> Callable[[Floats], Floats]:
    return lambda values: values * factor


def _celsius(values: Floats) -> Floats:
    return values * 1.8 + 32.0


_KELVIN: Final = 273.15
_OTHER: Final[Mapping[str, Mapping[str, Callable[[Floats], Floats]]]] = {
    "degF": {
        "degc": _celsius, "c": _celsius, "°c": _celsius, "celsius": _celsius, "f": _scale(1.0), "°f": _scale(1.0),
        "fahrenheit": _scale(1.0), "k": lambda v: _celsius(v - _KELVIN),
    },
    "%": {"fraction": _scale(100.0), "1": _scale(100.0), "percent": _scale(1.0), "0-100": _scale(1.0)},
    "": {"bool": _scale(1.0), "on/off": _scale(1.0), "0/1": _scale(1.0), "1": _scale(1.0), "%": _scale(0.01)},
    "inH2O": {
        "pa": _scale(1 / 249.08891), "kpa": _scale(1 / 0.24908891), "inwc": _scale(1.0), "inwg": _scale(1.0),
        "iwc": _scale(1.0), "iwg": _scale(1.0), "wc": _scale(1.0), "psi": _scale(27.679905),
    },
    "ft3/min": {
        "cfm": _scale(1.0), "l/s": _scale(2.1188800), "m3/s": _scale(2118.8800), "m3/h": _scale(0.58857778),
    },
    "gal/min": {"gpm": _scale(1.0), "l/s": _scale(15.850323), "m3/h": _scale(4.4028675)},
    "kW": {"w": _scale(1e-3), "mw": _scale(1e3)},
}  # fmt: skip
"""Unit of a point -> other unit -> conversion (NIST SP 811; inH2O at 4 degC)."""


def point(name: str) -> Point:
    """The point with this role.

    :raises InvalidInput: an unknown role, with the nearest known ones.
    """
    if name not in POINTS:
        raise InvalidInput(f"There is no point role {name!r}.", field="point", fix=f"Known: {', '.join(POINTS)}.")
    return POINTS[name]


def has_unit(name: str, unit: str) -> bool:
    """Whether the role can be in this unit, however it is written."""
    own = point(name).unit
    return _unit_key(unit) == own.lower() or _unit_key(unit) in _OTHER[own]


def _unit_key(unit: str) -> str:
    """A unit without case, dots and spaces: "in. w.c." and "inWC" are one, as are "deg C" and "degC"."""
    return unit.lower().replace(" ", "").replace(".", "").replace('"', "")


def converted(values: Floats, name: str, unit: str | None) -> Floats:
    """The values in the unit of the point's role; without a unit they are taken to be in it.

    :raises InvalidInput: a unit that the role cannot have.
    """
    own = point(name).unit
    given = _unit_key(unit or "")
    if not given or given == own.lower():
        return values
    conversion = _OTHER[own].get(given)
    if conversion is None:
        known = ", ".join([own or "0/1", *_OTHER[own]])
        raise InvalidInput(f"{name} cannot be in {unit!r}.", field=f"points.{name}.unit", fix=f"Use one of: {known}.")
    return conversion(values)
