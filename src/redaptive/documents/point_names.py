"""Which point of equipment a header or a tag names: the usual words, abbreviations and units of automation systems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from redaptive.domain.equipment.points import POINTS, has_unit

_CAMEL: Final = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_BRACKETED: Final = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*$")
_PATH: Final = re.compile(r"^(?P<unit>.*\S)\s*[./:|\\]+\s*(?P<point>[^./:|\\]+)$")
_UNIT_NAME: Final = re.compile(
    r"^(?P<unit>(?:ahu|rtu|mau|doas|fcu|vav|chiller|ch|boiler|plant)"
    r"[-_ ]?\d+(?:[-_.]\d+)*[a-z]?)[-_ ]+(?P<point>.+)$",
    re.IGNORECASE,
)
PHRASES: Final[Mapping[str, str]] = {
    "set point": "setpoint", "air flow": "airflow", "chilled water": "cooling", "hot water": "heating",
    "dry bulb temp": "temp", "dry bulb": "temp", "supply air fan": "supply fan", "min position": "min",
    "leaving cooling": "cooling supply", "cooling leaving": "cooling supply", "entering cooling": "cooling return",
    "cooling entering": "cooling return", "heating leaving": "heating supply", "heating entering": "heating return",
    "leaving heating": "heating supply", "entering heating": "heating return",
}  # fmt: skip
SHORTER: Final[Mapping[str, str]] = {
    "temperature": "temp", "tmp": "temp", "t": "temp", "discharge": "supply", "outside": "outdoor",
    "ambient": "outdoor", "oa": "outdoor air", "sa": "supply air", "da": "supply air", "ma": "mixed air",
    "ra": "return air", "sat": "supply air temp", "dat": "supply air temp", "mat": "mixed air temp",
    "rat": "return air temp", "oat": "outdoor air temp", "sf": "supply fan", "satsp": "supply air temp setpoint",
    "datsp": "supply air temp setpoint", "oad": "outdoor air damper", "sp": "setpoint", "stpt": "setpoint",
    "spt": "setpoint", "clg": "cooling", "cool": "cooling", "cc": "cooling", "ccv": "cooling valve",
    "chwv": "cooling valve", "htg": "heating", "heat": "heating", "hc": "heating", "hcv": "heating valve",
    "hwv": "heating valve", "preheat": "heating", "prht": "heating", "chw": "cooling", "hw": "heating",
    "hhw": "heating", "chws": "cooling supply", "chwst": "cooling supply temp", "chwr": "cooling return",
    "chwrt": "cooling return temp", "hws": "heating supply", "hwst": "heating supply temp", "hwr": "heating return",
    "hwrt": "heating return temp", "cws": "condenser water supply", "cwst": "condenser water supply temp",
    "cwr": "condenser water return", "cwrt": "condenser water return temp", "cw": "condenser water", "sts": "status",
    "stat": "status", "cmd": "command", "spd": "speed", "dmpr": "damper", "dpr": "damper", "vlv": "valve",
    "minimum": "min", "maximum": "max", "econ": "economizer", "mixing": "mixed air", "space": "zone", "room": "zone",
    "occ": "occupancy", "wb": "wet bulb", "wbt": "wet bulb temp", "vfd": "speed", "vsd": "speed", "dsp": "duct static",
}  # fmt: skip
EMPTY: Final = frozenset(
    {
        "position", "pos", "coil", "sensor", "pct", "percent", "signal", "output", "value", "control", "feedback",
        "actual", "measured", "current", "effective", "average", "avg", "mode", "ahu", "rtu", "vav", "box",
    }
)  # fmt: skip
"""Words that say nothing of which point it is; a command of a valve, a damper or a speed is its position."""
USUAL_NAMES: Final[Mapping[str, str]] = {
    "supply air temp": "sat", "supply temp": "sat", "mixed air temp": "mat", "mixed temp": "mat",
    "return air temp": "rat", "return temp": "rat", "outdoor air temp": "oat", "outdoor temp": "oat",
    "supply air temp setpoint": "sat_setpoint", "supply temp setpoint": "sat_setpoint",
    "supply air setpoint": "sat_setpoint", "cooling valve": "cooling_valve", "heating valve": "heating_valve",
    "outdoor air damper": "oa_damper", "outdoor damper": "oa_damper", "economizer damper": "oa_damper",
    "economizer": "oa_damper", "mixed air damper": "oa_damper", "min outdoor air damper": "oa_damper_min",
    "outdoor air damper min": "oa_damper_min", "economizer min": "oa_damper_min", "min damper": "oa_damper_min",
    "min outdoor air damper setpoint": "oa_damper_min", "outdoor air damper min setpoint": "oa_damper_min",
    "min outdoor air": "oa_min_pct", "outdoor air min": "oa_min_pct",
    "min outdoor air fraction": "oa_min_pct", "supply fan speed": "fan",
    "fan speed": "fan", "supply fan": "fan", "supply fan status": "fan_status", "supply fan command": "fan_command",
    "duct static pressure": "dsp", "duct static": "dsp", "static pressure": "dsp", "supply static pressure": "dsp",
    "supply air static pressure": "dsp", "supply duct static pressure": "dsp",
    "supply air duct static pressure": "dsp", "duct pressure": "dsp", "duct static pressure setpoint": "dsp_setpoint",
    "duct static setpoint": "dsp_setpoint", "static pressure setpoint": "dsp_setpoint",
    "supply air duct static pressure setpoint": "dsp_setpoint", "supply air static pressure setpoint": "dsp_setpoint",
    "zone temp": "zone", "zone air temp": "zone", "zone temp setpoint": "zone_setpoint",
    "zone air temp setpoint": "zone_setpoint", "occupancy": "occupied", "occupancy status": "occupied",
    "occupied status": "occupied", "occupancy command": "occupied", "supply airflow": "supply_airflow",
    "airflow": "airflow", "airflow setpoint": "airflow_setpoint", "flow setpoint": "airflow_setpoint",
    "max airflow": "airflow_max",
    "airflow max": "airflow_max", "damper": "damper", "zone damper": "damper", "reheat valve": "reheat_valve",
    "cooling supply air temp": "cc_leave", "supply cooling air temp": "cc_leave",
    "cooling return air temp": "cc_enter", "heating supply air temp": "hc_leave", "heating return air temp": "hc_enter",
    "cooling supply temp": "chws", "cooling supply": "chws", "cooling supply water temp": "chws",
    "cooling return temp": "chwr", "cooling return": "chwr", "cooling return water temp": "chwr",
    "cooling supply temp setpoint": "chws_setpoint", "cooling supply setpoint": "chws_setpoint",
    "heating supply temp": "hws", "heating supply": "hws", "heating return temp": "hwr", "heating return": "hwr",
    "heating supply temp setpoint": "hws_setpoint", "condenser water supply temp": "cws",
    "condenser water supply": "cws", "condenser water entering temp": "cws", "entering condenser water temp": "cws",
    "tower leaving water temp": "cws", "condenser water return temp": "cwr", "condenser water return": "cwr",
    "condenser water leaving temp": "cwr", "leaving condenser water temp": "cwr", "wet bulb temp": "wet_bulb",
    "outdoor wet bulb temp": "wet_bulb", "outdoor air wet bulb temp": "wet_bulb", "outdoor wet bulb": "wet_bulb",
    "cooling tower fan speed": "tower_fan", "tower fan speed": "tower_fan", "cooling flow": "flow",
    "heating flow": "flow", "water flow": "flow", "chiller power": "power", "chiller kw": "power",
    "chiller electric power": "power", "fan power": "fan_power", "supply fan power": "fan_power",
    "chiller enable": "chiller_command", "boiler enable": "boiler_command", "pump enable": "pump_command",
    "cooling pump status": "pump_status", "cooling pump command": "pump_command",
}  # fmt: skip
"""What people call the points of air handlers, boxes and plants; anything else needs a mapping."""
OF_BOXES: Final[Mapping[str, str]] = {
    "sat": "dat",
    "supply_airflow": "airflow",
    "heating_valve": "reheat_valve",
    "flow": "airflow",
}
"""What a name of an air handler means on a VAV box."""


@dataclass(frozen=True)
class NamedPoint:
    """What a name says: the role, its unit if it has one, and the equipment that stands before it ("" if none)."""

    role: str
    unit: str | None = None
    equipment: str = ""


def named_point(name: str) -> NamedPoint | None:
    """The point of an air handler or a plant that a header or tag names, in any case; None for what is no known name.

    >>> named_point("AHU-3: Mixed Air Temperature (degC)")
    NamedPoint(role='mat', unit='degC', equipment='AHU-3')
    >>> named_point("SA_TEMP_F"), named_point("Rainfall")
    (NamedPoint(role='sat', unit='f', equipment=''), None)
    """
    bare, unit = _unit_apart(name)
    for equipment, point in _readings(bare):
        for words, suffix in _without_suffix(point):
            role = _role(words)
            if role is not None and (suffix is None or has_unit(role, suffix)):
                return NamedPoint(role, unit or suffix, equipment)
    return None


def on_kind(point: NamedPoint, kind: str) -> NamedPoint:
    """What the name of the point means on equipment of this kind."""
    return replace(point, role=OF_BOXES.get(point.role, point.role)) if kind == "vav" else point


def _unit_apart(name: str) -> tuple[str, str | None]:
    found = _BRACKETED.match(name.strip())
    return (found["name"], found["unit"].strip() or None) if found and found["name"] else (name, None)


def _readings(name: str) -> list[tuple[str, str]]:
    """(equipment, point) as the name may be read, the whole name first."""
    parts = [found for pattern in (_PATH, _UNIT_NAME) if (found := pattern.match(name.strip()))]
    return [("", name), *((found["unit"].strip(), found["point"]) for found in parts)]


def _without_suffix(name: str) -> list[tuple[list[str], str | None]]:
    """Words of the name as they are, and with the last one taken as its unit."""
    words = re.sub(r"[^a-z0-9%]+", " ", _CAMEL.sub(" ", name).lower().replace("°", " deg")).split()
    found: list[tuple[list[str], str | None]] = [(words, None)]
    if len(words) > 1:
        found.append((words[:-1], words[-1]))
    if len(words) > 2 and words[-2] == "deg":
        found.append((words[:-2], words[-1]))
    return found


def _role(words: list[str]) -> str | None:
    own = "_".join(words)
    if own in POINTS:
        return own
    for kept in (_shorter(words), _shorter([w for w in words if w not in ("cmd", "command")])):
        if (role := USUAL_NAMES.get(kept, kept.replace(" ", "_"))) in POINTS:
            return role
    return None


def _shorter(words: list[str]) -> str:
    text = " ".join(SHORTER.get(word, word) for word in words if word not in EMPTY)
    for phrase, short in PHRASES.items():
        text = f" {text} ".replace(f" {phrase} ", f" {short} ").strip()
    return text
