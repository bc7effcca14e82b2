"""Rules beside those of the standards: simultaneous use, schedules, plants, VAV boxes, commands (domain.md 8.3).

Alarms of VAV boxes follow Guideline 36, 5.6.6. All thresholds are reference rows, printed with each result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from redaptive.domain.equipment.rule import Columns, Condition, Kind, Rule
from redaptive.domain.equipment.states import System
from redaptive.domain.equipment.trend import Bools

OWN: Final = "own rule"
G36_ALARM: Final = "ASHRAE Guideline 36 alarm"
_ON: Final = frozenset({1})


def _rule(
    name: str, title: str, kind: Kind, system: System, points: str, limits: str, condition: Condition,
    standard: str = OWN, *, suppressed: bool = True,
) -> Rule:  # fmt: skip
    return Rule(
        name, title, standard, kind, tuple(points.split()), tuple(limits.split()), system, _ON, condition, suppressed
    )


def _disobeys(what: str) -> Condition:
    return lambda x, _: (x[f"{what}_command"] > 0.5) != (x[f"{what}_status"] > 0.5)


def _empty(x: Columns, _: Mapping[str, float]) -> Bools:
    return x["occupied"] < 0.5


AHU: Final[tuple[Rule, ...]] = (
    _rule("SIMUL", "Heating and cooling at once", "ahu", "fan", "heating_valve cooling_valve", "simul_pct",
          lambda x, e: (x["heating_valve"] > e["simul_pct"]) & (x["cooling_valve"] > e["simul_pct"])),
    _rule("SCHED", "Fan runs while nobody is there", "ahu", "fan", "occupied", "", _empty, suppressed=False),
    _rule("CMD-FAN", "Fan does not do what it is told", "ahu", "always", "fan_command fan_status", "",
          _disobeys("fan"), suppressed=False),
)  # fmt: skip
PLANT: Final[tuple[Rule, ...]] = (
    _rule("CHW-DT", "Chilled water comes back too cold", "plant", "chiller", "chws chwr", "chw_delta_f",
          lambda x, e: x["chwr"] - x["chws"] < e["chw_delta_f"]),
    _rule("CHW-SUPPLY", "Chilled water warmer than its setpoint", "plant", "chiller", "chws chws_setpoint",
          "water_supply_f", lambda x, e: x["chws"] > x["chws_setpoint"] + e["water_supply_f"]),
    _rule("TOWER", "Cooling tower approach too large at full fan", "plant", "tower", "cws wet_bulb",
          "tower_approach_f", lambda x, e: x["cws"] - x["wet_bulb"] > e["tower_approach_f"]),
    _rule("HW-DT", "Hot water comes back too hot", "plant", "boiler", "hws hwr", "hw_delta_f",
          lambda x, e: x["hws"] - x["hwr"] < e["hw_delta_f"]),
    _rule("HW-SUPPLY", "Hot water colder than its setpoint", "plant", "boiler", "hws hws_setpoint", "water_supply_f",
          lambda x, e: x["hws"] < x["hws_setpoint"] - e["water_supply_f"]),
    _rule("CMD-PUMP", "Pump does not do what it is told", "plant", "always", "pump_command pump_status", "",
          _disobeys("pump"), suppressed=False),
    _rule("CMD-CHILLER", "Chiller does not do what it is told", "plant", "always", "chiller_command chiller_status",
          "", _disobeys("chiller"), suppressed=False),
    _rule("CMD-BOILER", "Boiler does not do what it is told", "plant", "always", "boiler_command boiler_status", "",
          _disobeys("boiler"), suppressed=False),
)  # fmt: skip
VAV: Final[tuple[Rule, ...]] = (
    _rule("VAV-LOW-FLOW", "Airflow far below its setpoint", "vav", "vav", "airflow airflow_setpoint",
          "vav_low_flow_pct",
          lambda x, e: (x["airflow_setpoint"] > 0.0)
          & (x["airflow"] < x["airflow_setpoint"] * e["vav_low_flow_pct"] / 100.0), G36_ALARM),
    _rule("VAV-DAMPER-LEAK", "Air flows through the closed damper", "vav", "always", "damper airflow airflow_max",
          "valve_pct vav_leak_flow_pct",
          lambda x, e: (x["damper"] <= e["valve_pct"])
          & (x["airflow"] > x["airflow_max"] * e["vav_leak_flow_pct"] / 100.0), G36_ALARM),
    _rule("VAV-VALVE-LEAK", "The closed reheat valve heats", "vav", "vav", "reheat_valve dat sat",
          "valve_pct vav_leak_rise_f",
          lambda x, e: (x["reheat_valve"] <= e["valve_pct"]) & (x["dat"] > x["sat"] + e["vav_leak_rise_f"]),
          G36_ALARM),
    _rule("VAV-ZONE", "Zone away from its setpoint", "vav", "vav", "zone zone_setpoint", "zone_f",
          lambda x, e: np.abs(x["zone"] - x["zone_setpoint"]) > e["zone_f"]),
    _rule("VAV-SIMUL", "The box reheats more than the least airflow", "vav", "vav",
          "reheat_valve airflow airflow_max", "simul_pct vav_reheat_flow_pct",
          lambda x, e: (x["reheat_valve"] > e["simul_pct"])
          & (x["airflow"] > x["airflow_max"] * e["vav_reheat_flow_pct"] / 100.0)),
    _rule("VAV-SCHED", "Air flows while nobody is there", "vav", "vav", "occupied", "", _empty, suppressed=False),
)  # fmt: skip
