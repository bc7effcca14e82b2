"""The rules once more, row by row in plain Python, written from domain.md 8.2 and 8.3 and from NISTIR 7365.

Nothing of the product is used. A value of None is unknown: a rule that needs it is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt

Row = Mapping[str, float]
Test = Callable[[Row, Row], bool]


def operating_state(r: Row, e: Row) -> int:
    if r["fan"] <= e["fan_on_pct"]:
        return 0
    heat, cool = r["heating_valve"] > e["valve_pct"], r["cooling_valve"] > e["valve_pct"]
    least = r["oa_damper"] <= r["oa_damper_min"] + e["damper_pct"]
    full = r["oa_damper"] >= 100 - e["damper_pct"]
    if heat and not cool and least:
        return 1
    if not heat and not cool and not least and not full:
        return 2
    if cool and not heat:
        # Where the least position is fully open both are true: fully open goes first.
        return 3 if full else 4 if least else 5
    return 5


def oa_fraction_off(r: Row, e: Row) -> bool:
    if abs(r["rat"] - r["oat"]) < e["min_delta_f"]:
        return False
    share = 100 * (r["mat"] - r["rat"]) / (r["oat"] - r["rat"])
    return abs(share - r["oa_min_pct"]) > e["oa_fraction_pct"]


def full(valve: str) -> Test:
    return lambda r, e: abs(r[valve] / 100 - 1) <= e["valve_pct"] / 100 + 1e-12


def modulates(r: Row, e: Row) -> bool:
    return r["oa_damper_min"] + e["damper_pct"] < r["oa_damper"] < 100 - e["damper_pct"]


def root(a: float, b: float) -> float:
    return sqrt(a * a + b * b)


G36: dict[str, tuple[tuple[int, ...], Test]] = {
    "FC1": ((), lambda r, e: r["dsp"] < r["dsp_setpoint"] - e["dsp_inh2o"] and r["fan"] >= 99 - e["fan_pct"]),
    "FC2": ((), lambda r, e: r["mat"] + e["mat_f"] < min(r["rat"] - e["rat_f"], r["oat"] - e["oat_f"])),
    "FC3": ((), lambda r, e: r["mat"] - e["mat_f"] > max(r["rat"] + e["rat_f"], r["oat"] + e["oat_f"])),
    "FC5": ((1,), lambda r, e: r["sat"] + e["sat_f"] <= r["mat"] - e["mat_f"] + e["fan_rise_f"]),
    "FC6": ((1, 4), oa_fraction_off),
    "FC7": ((1,), lambda r, e: r["sat"] < r["sat_setpoint"] - e["sat_f"] and r["heating_valve"] >= 99),
    "FC8": ((2,), lambda r, e: abs(r["sat"] - e["fan_rise_f"] - r["mat"]) > root(e["sat_f"], e["mat_f"])),
    "FC9": ((2,), lambda r, e: r["oat"] - e["oat_f"] > r["sat_setpoint"] - e["fan_rise_f"] + e["sat_f"]),
    "FC10": ((3,), lambda r, e: abs(r["mat"] - r["oat"]) > root(e["mat_f"], e["oat_f"])),
    "FC11": ((3,), lambda r, e: r["oat"] + e["oat_f"] < r["sat_setpoint"] - e["fan_rise_f"] - e["sat_f"]),
    "FC12": ((2, 3, 4), lambda r, e: r["sat"] - e["sat_f"] - e["fan_rise_f"] >= r["mat"] + e["mat_f"]),
    "FC13": ((3, 4), lambda r, e: r["sat"] > r["sat_setpoint"] + e["sat_f"] and r["cooling_valve"] >= 99),
    "FC14": ((1, 2), lambda r, e: r["cc_enter"] - r["cc_leave"] >= root(e["coil_f"], e["coil_f"]) + e["fan_rise_f"]),
    "FC15": ((2, 3, 4), lambda r, e: r["hc_leave"] - r["hc_enter"] >= root(e["coil_f"], e["coil_f"]) + e["fan_rise_f"]),
}
APAR: dict[str, tuple[tuple[int, ...], Test]] = {
    "APAR1": ((1,), lambda r, e: r["sat"] < r["mat"] + e["fan_rise_f"] - e["apar_t_f"]),
    "APAR2": ((1,), oa_fraction_off),
    "APAR3": ((1,), lambda r, e: full("heating_valve")(r, e) and r["sat_setpoint"] - r["sat"] >= e["apar_t_f"]),
    "APAR4": ((1,), full("heating_valve")),
    "APAR5": ((2,), lambda r, e: r["oat"] > r["sat_setpoint"] - e["fan_rise_f"] + e["apar_t_f"]),
    "APAR6": ((2,), lambda r, e: r["sat"] > r["rat"] - e["apar_return_rise_f"] + e["apar_t_f"]),
    "APAR7": ((2,), lambda r, e: abs(r["sat"] - e["fan_rise_f"] - r["mat"]) > e["apar_t_f"]),
    "APAR8": ((3,), lambda r, e: r["oat"] < r["sat_setpoint"] - e["fan_rise_f"] - e["apar_t_f"]),
    "APAR9": ((3,), lambda r, e: r["oat"] > e["apar_changeover_f"] + e["apar_t_f"]),
    "APAR10": ((3,), lambda r, e: abs(r["oat"] - r["mat"]) > e["apar_t_f"]),
    "APAR11": ((3,), lambda r, e: r["sat"] > r["mat"] + e["fan_rise_f"] + e["apar_t_f"]),
    "APAR12": ((3,), lambda r, e: r["sat"] > r["rat"] - e["apar_return_rise_f"] + e["apar_t_f"]),
    "APAR13": ((3,), lambda r, e: full("cooling_valve")(r, e) and r["sat"] - r["sat_setpoint"] >= e["apar_t_f"]),
    "APAR14": ((3,), full("cooling_valve")),
    "APAR15": ((4,), lambda r, e: r["oat"] < e["apar_changeover_f"] - e["apar_t_f"]),
    "APAR16": ((4,), lambda r, e: r["sat"] > r["mat"] + e["fan_rise_f"] + e["apar_t_f"]),
    "APAR17": ((4,), lambda r, e: r["sat"] > r["rat"] - e["apar_return_rise_f"] + e["apar_t_f"]),
    "APAR18": ((4,), oa_fraction_off),
    "APAR19": ((4,), lambda r, e: full("cooling_valve")(r, e) and r["sat"] - r["sat_setpoint"] >= e["apar_t_f"]),
    "APAR20": ((4,), full("cooling_valve")),
    "APAR21": ((5,), lambda r, e: r["heating_valve"] > e["valve_pct"] and r["cooling_valve"] > e["valve_pct"]
               and modulates(r, e)),
    "APAR22": ((5,), lambda r, e: r["heating_valve"] > e["valve_pct"] and r["cooling_valve"] > e["valve_pct"]),
    "APAR23": ((5,), lambda r, e: r["heating_valve"] > e["valve_pct"]
               and r["oa_damper"] > r["oa_damper_min"] + e["damper_pct"]),
    "APAR24": ((5,), lambda r, e: r["cooling_valve"] > e["valve_pct"] and modulates(r, e)),
    "APAR25": ((), lambda r, e: abs(r["sat"] - r["sat_setpoint"]) > e["apar_t_f"]),
    "APAR26": ((), lambda r, e: r["mat"] < min(r["rat"], r["oat"]) - e["apar_t_f"]),
    "APAR27": ((), lambda r, e: r["mat"] > max(r["rat"], r["oat"]) + e["apar_t_f"]),
    "SIMUL": ((), lambda r, e: r["heating_valve"] > 10 and r["cooling_valve"] > 10),
    "SCHED": ((), lambda r, e: r["occupied"] < 0.5),
}  # fmt: skip
ALL = {**G36, **APAR}
"""Id -> (states, none for whenever the fan runs; condition)."""
