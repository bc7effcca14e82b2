"""The 28 AHU performance assessment rules of NIST (APAR): House et al. 2001, Schein 2006 (NISTIR 7365).

Conditions and default thresholds agree with the Java implementation MOEEBIUS/APAR_Rules_Java (Apache-2.0), which was
read for comparison. `apar_t_f` is the one temperature threshold of all rules. Modes are the operating states.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from redaptive.domain.equipment.rule import Columns, Condition, Rule
from redaptive.domain.equipment.trend import Bools

_HEAT, _FREE, _ECON, _MECH, _OTHER = ({mode} for mode in (1, 2, 3, 4, 5))
_SUPPLY: Final = "apar_t_f fan_rise_f"
_RETURN: Final = "apar_t_f apar_return_rise_f"
_FRACTION: Final = "min_delta_f oa_fraction_pct"


def _fraction(x: Columns, e: Mapping[str, float]) -> Bools:
    return (x.apart >= e["min_delta_f"]) & (np.abs(x.oa_pct - x["oa_min_pct"]) > e["oa_fraction_pct"])


def _too_warm(x: Columns, e: Mapping[str, float]) -> Bools:
    return x["sat"] > x["mat"] + e["fan_rise_f"] + e["apar_t_f"]


def _warmer_than_return(x: Columns, e: Mapping[str, float]) -> Bools:
    return x["sat"] > x["rat"] - e["apar_return_rise_f"] + e["apar_t_f"]


def _open(valve: str) -> Condition:
    return lambda x, e: np.abs(x[valve] - 100.0) <= e["valve_pct"]


def _saturated(valve: str, sign: float) -> Condition:
    full = _open(valve)
    return lambda x, e: full(x, e) & (sign * (x["sat_setpoint"] - x["sat"]) >= e["apar_t_f"])


def _between(x: Columns, e: Mapping[str, float]) -> Bools:
    return (x["oa_damper"] > x["oa_damper_min"] + e["damper_pct"]) & (x["oa_damper"] < 100.0 - e["damper_pct"])


def _rule(number: int, title: str, modes: set[int], points: str, limits: str, condition: Condition) -> Rule:
    every = not modes
    hunting = number == 28
    return Rule(
        id=f"APAR{number}",
        title=title,
        standard="NIST APAR",
        kind="ahu",
        points=tuple(points.split()),
        limits=tuple(limits.split()),
        system="fan" if every and not hunting else "ahu",
        states=frozenset({1} if every and not hunting else modes or {1, 2, 3, 4, 5}),
        condition=condition,
        suppressed=not hunting,
    )


RULES: Final[tuple[Rule, ...]] = (
    _rule(1, "Supply air colder than the heating coil should make it", _HEAT, "sat mat", _SUPPLY,
          lambda x, e: x["sat"] < x["mat"] + e["fan_rise_f"] - e["apar_t_f"]),
    _rule(2, "Outdoor air fraction too low or too high while heating", _HEAT, "mat rat oat oa_min_pct", _FRACTION,
          _fraction),
    _rule(3, "Heating valve fully open and supply air too cold", _HEAT, "heating_valve sat sat_setpoint",
          "valve_pct apar_t_f", _saturated("heating_valve", 1.0)),
    _rule(4, "Heating valve fully open: no capacity is left", _HEAT, "heating_valve", "valve_pct",
          _open("heating_valve")),
    _rule(5, "Outdoor air too warm for cooling with outdoor air", _FREE, "oat sat_setpoint", _SUPPLY,
          lambda x, e: x["oat"] > x["sat_setpoint"] - e["fan_rise_f"] + e["apar_t_f"]),
    _rule(6, "Supply air warmer than return air while cooling with outdoor air", _FREE, "sat rat", _RETURN,
          _warmer_than_return),
    _rule(7, "Supply and mixed air differ though no coil is used", _FREE, "sat mat", _SUPPLY,
          lambda x, e: np.abs(x["sat"] - e["fan_rise_f"] - x["mat"]) > e["apar_t_f"]),
    _rule(8, "Outdoor air cold enough without mechanical cooling", _ECON, "oat sat_setpoint", _SUPPLY,
          lambda x, e: x["oat"] < x["sat_setpoint"] - e["fan_rise_f"] - e["apar_t_f"]),
    _rule(9, "Outdoor air too warm for 100 % outdoor air", _ECON, "oat", "apar_t_f apar_changeover_f",
          lambda x, e: x["oat"] > e["apar_changeover_f"] + e["apar_t_f"]),
    _rule(10, "Mixed and outdoor air differ with 100 % outdoor air", _ECON, "oat mat", "apar_t_f",
          lambda x, e: np.abs(x["oat"] - x["mat"]) > e["apar_t_f"]),
    _rule(11, "Supply air warmer than mixed air with 100 % outdoor air", _ECON, "sat mat", _SUPPLY, _too_warm),
    _rule(12, "Supply air warmer than return air with 100 % outdoor air", _ECON, "sat rat", _RETURN,
          _warmer_than_return),
    _rule(13, "Cooling valve fully open and supply air too warm, 100 % outdoor air", _ECON,
          "cooling_valve sat sat_setpoint", "valve_pct apar_t_f", _saturated("cooling_valve", -1.0)),
    _rule(14, "Cooling valve fully open, 100 % outdoor air: no capacity is left", _ECON, "cooling_valve", "valve_pct",
          _open("cooling_valve")),
    _rule(15, "Outdoor air too cold for least outdoor air", _MECH, "oat", "apar_t_f apar_changeover_f",
          lambda x, e: x["oat"] < e["apar_changeover_f"] - e["apar_t_f"]),
    _rule(16, "Supply air warmer than mixed air with least outdoor air", _MECH, "sat mat", _SUPPLY, _too_warm),
    _rule(17, "Supply air warmer than return air with least outdoor air", _MECH, "sat rat", _RETURN,
          _warmer_than_return),
    _rule(18, "Outdoor air fraction too low or too high while cooling", _MECH, "mat rat oat oa_min_pct", _FRACTION,
          _fraction),
    _rule(19, "Cooling valve fully open and supply air too warm, least outdoor air", _MECH,
          "cooling_valve sat sat_setpoint", "valve_pct apar_t_f", _saturated("cooling_valve", -1.0)),
    _rule(20, "Cooling valve fully open, least outdoor air: no capacity is left", _MECH, "cooling_valve", "valve_pct",
          _open("cooling_valve")),
    _rule(21, "Both coils and the mixing box modulate at once", _OTHER,
          "heating_valve cooling_valve oa_damper oa_damper_min", "valve_pct damper_pct",
          lambda x, e: (x["heating_valve"] > e["valve_pct"]) & (x["cooling_valve"] > e["valve_pct"]) & _between(x, e)),
    _rule(22, "Heating and cooling at once", _OTHER, "heating_valve cooling_valve", "valve_pct",
          lambda x, e: (x["heating_valve"] > e["valve_pct"]) & (x["cooling_valve"] > e["valve_pct"])),
    _rule(23, "Heating with more than the least outdoor air", _OTHER, "heating_valve oa_damper oa_damper_min",
          "valve_pct damper_pct",
          lambda x, e: (x["heating_valve"] > e["valve_pct"])
          & (x["oa_damper"] > x["oa_damper_min"] + e["damper_pct"])),
    _rule(24, "Mechanical cooling while the mixing box modulates", _OTHER, "cooling_valve oa_damper oa_damper_min",
          "valve_pct damper_pct", lambda x, e: (x["cooling_valve"] > e["valve_pct"]) & _between(x, e)),
    _rule(25, "Supply air away from its setpoint", set(), "sat sat_setpoint", "apar_t_f",
          lambda x, e: np.abs(x["sat"] - x["sat_setpoint"]) > e["apar_t_f"]),
    _rule(26, "Mixed air colder than both return and outdoor air", set(), "mat rat oat", "apar_t_f",
          lambda x, e: x["mat"] < x.colder - e["apar_t_f"]),
    _rule(27, "Mixed air warmer than both return and outdoor air", set(), "mat rat oat", "apar_t_f",
          lambda x, e: x["mat"] > x.warmer + e["apar_t_f"]),
    _rule(28, "Mode switches too often", set(), "", "mode_changes_per_h",
          lambda x, e: x.mode_changes > e["mode_changes_per_h"]),
)  # fmt: skip
"""Rules 25 to 27 hold whenever the fan runs; rule 28 counts switches and is not suppressed by them."""
