"""What the equipment was doing: operating states of air handlers, running or not for everything else.

States of ASHRAE Guideline 36 and modes of NIST APAR (NISTIR 7365) are the same five: 1 heating, 2 free cooling with
a modulating outdoor air damper, 3 mechanical cooling with 100 % outdoor air, 4 mechanical cooling with least outdoor
air, 5 anything else. 0 is: not running, or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.limits import Limits
from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.trend import Bools, Trend, counted_in, recent

States = npt.NDArray[np.int8]
System = Literal["ahu", "fan", "chiller", "boiler", "tower", "vav", "always"]

OFF: Final = 0
HEATING, FREE_COOLING, ECONOMIZER, MECHANICAL, OTHER = 1, 2, 3, 4, 5
RUNNING: Final = 1
NAMES: Final[Mapping[int, str]] = {
    HEATING: "heating",
    FREE_COOLING: "free cooling",
    ECONOMIZER: "mechanical cooling with 100 % outdoor air",
    MECHANICAL: "mechanical cooling with least outdoor air",
    OTHER: "other",
}
NEEDED: Final[Mapping[System, tuple[tuple[str, ...], ...]]] = {
    "ahu": (("fan_status", "fan"), ("heating_valve",), ("cooling_valve",), ("oa_damper",), ("oa_damper_min",)),
    "fan": (("fan_status", "fan"),),
    "chiller": (("chiller_status", "power", "flow"),),
    "boiler": (("boiler_status", "flow"),),
    "tower": (("tower_fan",),),
    "vav": (("fan_status", "airflow_setpoint", "airflow"),),
    "always": (),
}
"""What each system needs to tell its state: one point of each group, the first that there is."""
STATE_LIMITS: Final[Mapping[System, tuple[str, ...]]] = {
    "ahu": ("fan_on_pct", "valve_pct", "damper_pct"),
    "fan": ("fan_on_pct",),
    "chiller": ("plant_on_kw", "plant_on_gpm"),
    "boiler": ("plant_on_gpm",),
    "tower": ("tower_full_pct",),
    "vav": ("vav_on_cfm",),
    "always": (),
}
"""Thresholds that decide the state of each system."""


def missing_for(system: System, trend: Trend) -> tuple[str, ...]:
    """Points without which the state cannot be told, `a or b` where one of several is enough."""
    return tuple(" or ".join(group) for group in NEEDED[system] if not any(name in trend.columns for name in group))


def states(system: System, trend: Trend, e: Limits) -> States:
    """The state of each row, int8 of the trend's shape; the points of `missing_for` must be there."""
    if system == "ahu":
        return ahu_states(trend, e)
    running = {"fan": _fan, "chiller": _chiller, "boiler": _boiler, "tower": _tower, "vav": _vav}.get(system)
    found = np.ones(trend.shape, bool) if running is None else running(trend, e)
    return found.astype(np.int8)


def ahu_states(trend: Trend, e: Limits) -> States:
    """Operating states 1 to 5 of an air handler, 0 where the fan is off or a sample is missing (domain.md 8.2)."""
    x = trend.columns
    heating, cooling, damper = x["heating_valve"], x["cooling_valve"], x["oa_damper"]
    known = np.isfinite(heating) & np.isfinite(cooling) & np.isfinite(damper) & np.isfinite(x["oa_damper_min"])
    heats, cools = heating > e["valve_pct"], cooling > e["valve_pct"]
    least, full = damper <= x["oa_damper_min"] + e["damper_pct"], damper >= 100.0 - e["damper_pct"]
    state = np.full(trend.shape, OTHER, np.int8)
    state[~heats & ~cools & ~least & ~full] = FREE_COOLING
    state[heats & ~cools & least] = HEATING
    state[~heats & cools & least] = MECHANICAL
    state[~heats & cools & full] = ECONOMIZER
    state[~(known & _fan(trend, e))] = OFF
    return state


def changes(state: States) -> Bools:
    """Rows whose state differs from that of the row before; never the first row."""
    changed = np.zeros(state.shape, bool)
    np.not_equal(state[..., 1:], state[..., :-1], out=changed[..., 1:])
    return changed


def settled(state: States, trend: Trend, e: Limits) -> Bools:
    """Rows at which the last change of state is longer ago than `suppress_min`."""
    return ~recent(changes(state), trend.rows_in(e["suppress_min"]))


def changes_per_hour(state: States, trend: Trend) -> Floats:
    """Changes of state within the last 60 minutes at each row."""
    return counted_in(changes(state), trend.rows_in(60.0))


def _fan(trend: Trend, e: Limits) -> Bools:
    if "fan_status" in trend.columns:
        return trend.columns["fan_status"] > 0.5
    return trend.columns["fan"] > e["fan_on_pct"]


def _chiller(trend: Trend, e: Limits) -> Bools:
    if "chiller_status" in trend.columns:
        return trend.columns["chiller_status"] > 0.5
    if "power" in trend.columns:
        return trend.columns["power"] > e["plant_on_kw"]
    return trend.columns["flow"] > e["plant_on_gpm"]


def _boiler(trend: Trend, e: Limits) -> Bools:
    if "boiler_status" in trend.columns:
        return trend.columns["boiler_status"] > 0.5
    return trend.columns["flow"] > e["plant_on_gpm"]


def _tower(trend: Trend, e: Limits) -> Bools:
    return trend.columns["tower_fan"] >= e["tower_full_pct"]


def _vav(trend: Trend, e: Limits) -> Bools:
    if "fan_status" in trend.columns:
        return trend.columns["fan_status"] > 0.5
    flow = "airflow_setpoint" if "airflow_setpoint" in trend.columns else "airflow"
    return trend.columns[flow] > e["vav_on_cfm"]
