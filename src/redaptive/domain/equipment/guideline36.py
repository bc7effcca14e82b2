"""Fault conditions FC1 to FC15 of ASHRAE Guideline 36 for air handlers with several zones (domain.md 8.2).

Each threshold belongs to the quantity beside it. Air temperatures in degF, pressure in inH2O, positions in %.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.equipment.rule import Condition, Rule
from redaptive.domain.equipment.states import System

_ALL: Final = frozenset({1})
_OS: Final = frozenset({1, 2, 3, 4, 5})


def _rule(
    number: int,
    title: str,
    points: str,
    limits: str,
    condition: Condition,
    states: tuple[int, ...] = (),
    *,
    suppressed: bool = True,
) -> Rule:
    system: System = "ahu" if states else "fan"
    where = frozenset(states) or _ALL
    standard = "ASHRAE Guideline 36"
    named = tuple(points.split()), tuple(limits.split())
    return Rule(f"FC{number}", title, standard, "ahu", *named, system, where, condition, suppressed)


RULES: Final[tuple[Rule, ...]] = (
    _rule(
        1, "Duct static pressure too low with the fan at full speed", "dsp dsp_setpoint fan",
        "dsp_inh2o fan_full_pct fan_pct",
        lambda x, e: (x["dsp"] < x["dsp_setpoint"] - e["dsp_inh2o"]) & (x["fan"] >= e["fan_full_pct"] - e["fan_pct"]),
    ),
    _rule(
        2, "Mixed air colder than both return and outdoor air", "mat rat oat", "mat_f rat_f oat_f",
        lambda x, e: x["mat"] + e["mat_f"] < np.minimum(x["rat"] - e["rat_f"], x["oat"] - e["oat_f"]),
    ),
    _rule(
        3, "Mixed air warmer than both return and outdoor air", "mat rat oat", "mat_f rat_f oat_f",
        lambda x, e: x["mat"] - e["mat_f"] > np.maximum(x["rat"] + e["rat_f"], x["oat"] + e["oat_f"]),
    ),
    _rule(
        4, "Operating state changes too often", "", "mode_changes_per_h",
        lambda x, e: x.mode_changes > e["mode_changes_per_h"], tuple(_OS), suppressed=False,
    ),
    _rule(
        5, "Supply air too cold: the heating coil does not heat", "sat mat", "sat_f mat_f fan_rise_f",
        lambda x, e: x["sat"] + e["sat_f"] <= x["mat"] - e["mat_f"] + e["fan_rise_f"], (1,),
    ),
    _rule(
        6, "Outdoor air fraction far from the least one", "mat rat oat oa_min_pct", "min_delta_f oa_fraction_pct",
        lambda x, e: (x.apart >= e["min_delta_f"]) & (np.abs(x.oa_pct - x["oa_min_pct"]) > e["oa_fraction_pct"]),
        (1, 4),
    ),
    _rule(
        7, "Supply air too cold with the heating valve open", "sat sat_setpoint heating_valve", "sat_f valve_open_pct",
        lambda x, e: (x["sat"] < x["sat_setpoint"] - e["sat_f"]) & (x["heating_valve"] >= e["valve_open_pct"]), (1,),
    ),
    _rule(
        8, "Supply and mixed air differ though no coil is used", "sat mat", "sat_f mat_f fan_rise_f",
        lambda x, e: np.abs(x["sat"] - e["fan_rise_f"] - x["mat"]) > np.hypot(e["sat_f"], e["mat_f"]), (2,),
    ),
    _rule(
        9, "Outdoor air too warm for free cooling", "oat sat_setpoint", "oat_f sat_f fan_rise_f",
        lambda x, e: x["oat"] - e["oat_f"] > x["sat_setpoint"] - e["fan_rise_f"] + e["sat_f"], (2,),
    ),
    _rule(
        10, "Mixed and outdoor air differ with 100 % outdoor air", "mat oat", "mat_f oat_f",
        lambda x, e: np.abs(x["mat"] - x["oat"]) > np.hypot(e["mat_f"], e["oat_f"]), (3,),
    ),
    _rule(
        11, "Outdoor air cold enough without mechanical cooling", "oat sat_setpoint", "oat_f sat_f fan_rise_f",
        lambda x, e: x["oat"] + e["oat_f"] < x["sat_setpoint"] - e["fan_rise_f"] - e["sat_f"], (3,),
    ),
    _rule(
        12, "Supply air warmer than mixed air: cooling does not cool", "sat mat", "sat_f mat_f fan_rise_f",
        lambda x, e: x["sat"] - e["sat_f"] - e["fan_rise_f"] >= x["mat"] + e["mat_f"], (2, 3, 4),
    ),
    _rule(
        13, "Supply air too warm with the cooling valve open", "sat sat_setpoint cooling_valve", "sat_f valve_open_pct",
        lambda x, e: (x["sat"] > x["sat_setpoint"] + e["sat_f"]) & (x["cooling_valve"] >= e["valve_open_pct"]), (3, 4),
    ),
    _rule(
        14, "The closed cooling coil cools: its valve leaks", "cc_enter cc_leave", "coil_f fan_rise_f",
        lambda x, e: x["cc_enter"] - x["cc_leave"] >= np.hypot(e["coil_f"], e["coil_f"]) + e["fan_rise_f"], (1, 2),
    ),
    _rule(
        15, "The closed heating coil heats: its valve leaks", "hc_enter hc_leave", "coil_f fan_rise_f",
        lambda x, e: x["hc_leave"] - x["hc_enter"] >= np.hypot(e["coil_f"], e["coil_f"]) + e["fan_rise_f"], (2, 3, 4),
    ),
)  # fmt: skip
"""Without states a rule holds whenever the fan runs. Conditions: domain.md 8.2, states of FC6, FC7, FC12 to FC15:
Guideline 36."""
