"""For each rule: the row that is healthy, one that is obviously wrong, and two on either side of the threshold.

The figures follow from the conditions as they are written in domain.md 8.2 and 8.3, with the default thresholds.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.unit.domain.equipment.rows import AHU, PLANT, VAV, Row

OPEN_BOTH = {"heating_valve": 30.0, "cooling_valve": 30.0}


class Case(NamedTuple):
    """`healthy` and what to change in it."""

    healthy: Row
    obvious: Row
    just_clear: Row
    just_fault: Row


def _os(state: int, obvious: Row, just_clear: Row, just_fault: Row) -> Case:
    return Case(AHU[state], obvious, just_clear, just_fault)


def _plant(obvious: Row, just_clear: Row, just_fault: Row) -> Case:
    return Case(PLANT, obvious, just_clear, just_fault)


def _vav(obvious: Row, just_clear: Row, just_fault: Row) -> Case:
    return Case(VAV, obvious, just_clear, just_fault)


def _command(what: str, healthy: Row) -> Case:
    # A switch that was half of the time on (an average) counts as off.
    status, command = f"{what}_status", f"{what}_command"
    return Case(healthy, {status: 0.0}, {status: 0.51, command: 1.0}, {status: 0.5, command: 1.0})


FULL = {"fan": 100.0}
CASES: dict[str, Case] = {
    "FC1": _os(2, {**FULL, "dsp": 0.5}, {"fan": 94.0, "dsp": 1.4}, {"fan": 94.0, "dsp": 1.39}),
    "FC2": _os(2, {"mat": 25.0}, {"mat": 38.0}, {"mat": 37.9}),
    "FC3": _os(2, {"mat": 95.0}, {"mat": 80.0}, {"mat": 80.1}),
    "FC5": _os(1, {"sat": 50.0}, {"sat": 58.7}, {"sat": 58.6}),
    "FC6": _os(1, {"mat": 32.0}, {"mat": 51.1}, {"mat": 50.9}),
    "FC7": _os(1, {"heating_valve": 100.0, "sat": 60.0}, {"heating_valve": 99.0, "sat": 70.0},
               {"heating_valve": 99.0, "sat": 69.9}),
    "FC8": _os(2, {"sat": 75.0}, {"sat": 60.3}, {"sat": 60.4}),
    "FC9": _os(2, {"oat": 70.0}, {"oat": 57.0}, {"oat": 57.1}),
    "FC10": _os(3, {"mat": 74.0}, {"mat": 65.3}, {"mat": 65.4}),
    "FC11": _os(3, {"oat": 30.0}, {"oat": 49.0}, {"oat": 48.9}),
    "FC12": _os(4, {"sat": 95.0}, {"sat": 86.5}, {"sat": 86.6}),
    "FC13": _os(4, {"cooling_valve": 100.0, "sat": 65.0}, {"cooling_valve": 99.0, "sat": 57.0},
                {"cooling_valve": 99.0, "sat": 57.1}),
    "FC14": _os(1, {"cc_leave": 50.0}, {"cc_enter": 60.0, "cc_leave": 55.2}, {"cc_enter": 60.0, "cc_leave": 55.1}),
    "FC15": _os(4, {"hc_leave": 95.0}, {"hc_enter": 60.0, "hc_leave": 64.8}, {"hc_enter": 60.0, "hc_leave": 64.9}),
    "APAR1": _os(1, {"sat": 50.0}, {"sat": 62.1}, {"sat": 61.9}),
    "APAR2": _os(1, {"mat": 32.0}, {"mat": 51.1}, {"mat": 50.9}),
    "APAR3": _os(1, {"heating_valve": 100.0, "sat": 60.0}, {"heating_valve": 98.0, "sat": 68.5},
                 {"heating_valve": 98.0, "sat": 68.3}),
    "APAR4": _os(1, {"heating_valve": 100.0}, {"heating_valve": 97.9}, {"heating_valve": 98.0}),
    "APAR5": _os(2, {"oat": 70.0}, {"oat": 56.5}, {"oat": 56.7}),
    "APAR6": _os(2, {"sat": 85.0}, {"sat": 74.5}, {"sat": 74.7}),
    "APAR7": _os(2, {"sat": 75.0}, {"sat": 58.5}, {"sat": 58.7}),
    "APAR8": _os(3, {"oat": 30.0}, {"oat": 49.5}, {"oat": 49.3}),
    "APAR9": _os(3, {"oat": 85.0}, {"oat": 68.5}, {"oat": 68.7}),
    "APAR10": _os(3, {"mat": 74.0}, {"mat": 63.5}, {"mat": 63.7}),
    "APAR11": _os(3, {"sat": 80.0}, {"sat": 65.5}, {"sat": 65.7}),
    "APAR12": _os(3, {"sat": 90.0}, {"sat": 75.5}, {"sat": 75.7}),
    "APAR13": _os(3, {"cooling_valve": 100.0, "sat": 70.0}, {"cooling_valve": 98.0, "sat": 58.5},
                  {"cooling_valve": 98.0, "sat": 58.7}),
    "APAR14": _os(3, {"cooling_valve": 100.0}, {"cooling_valve": 97.9}, {"cooling_valve": 98.0}),
    "APAR15": _os(4, {"oat": 40.0}, {"oat": 61.5}, {"oat": 61.3}),
    "APAR16": _os(4, {"sat": 95.0}, {"sat": 83.1}, {"sat": 83.3}),
    "APAR17": _os(4, {"sat": 95.0}, {"sat": 76.5}, {"sat": 76.7}),
    "APAR18": _os(4, {"mat": 88.0}, {"mat": 81.4}, {"mat": 81.6}),
    "APAR19": _os(4, {"cooling_valve": 100.0, "sat": 70.0}, {"cooling_valve": 98.0, "sat": 58.5},
                  {"cooling_valve": 98.0, "sat": 58.7}),
    "APAR20": _os(4, {"cooling_valve": 100.0}, {"cooling_valve": 97.9}, {"cooling_valve": 98.0}),
    "APAR21": _os(5, {**OPEN_BOTH, "oa_damper": 60.0}, {**OPEN_BOTH, "oa_damper": 22.0},
                  {**OPEN_BOTH, "oa_damper": 22.1}),
    "APAR22": _os(5, OPEN_BOTH, {"heating_valve": 2.0, "cooling_valve": 2.0},
                  {"heating_valve": 2.1, "cooling_valve": 2.1}),
    "APAR23": _os(5, {"heating_valve": 30.0, "oa_damper": 60.0}, {"heating_valve": 2.0, "oa_damper": 100.0},
                  {"heating_valve": 2.1, "oa_damper": 22.1}),
    "APAR24": _os(5, {"cooling_valve": 30.0, "oa_damper": 60.0}, {"cooling_valve": 2.0, "oa_damper": 98.0},
                  {"cooling_valve": 2.1, "oa_damper": 22.1}),
    "APAR25": _os(2, {"sat": 70.0}, {"sat": 58.5}, {"sat": 58.7}),
    "APAR26": _os(2, {"mat": 25.0}, {"mat": 41.5}, {"mat": 41.3}),
    "APAR27": _os(2, {"mat": 95.0}, {"mat": 76.5}, {"mat": 76.7}),
    "SIMUL": _os(5, OPEN_BOTH, {"heating_valve": 30.0, "cooling_valve": 10.0},
                 {"heating_valve": 30.0, "cooling_valve": 10.1}),
    "SCHED": _os(2, {"occupied": 0.0}, {"occupied": 0.5}, {"occupied": 0.49}),
    "CMD-FAN": _command("fan", AHU[2]),
    "CHW-DT": _plant({"chwr": 45.0}, {"chwr": 48.0}, {"chwr": 47.9}),
    "CHW-SUPPLY": _plant({"chws": 52.0}, {"chws": 47.0}, {"chws": 47.1}),
    "TOWER": _plant({"cws": 90.0}, {"cws": 80.0}, {"cws": 80.1}),
    "HW-DT": _plant({"hwr": 178.0}, {"hwr": 170.0}, {"hwr": 170.1}),
    "HW-SUPPLY": _plant({"hws": 160.0}, {"hws": 177.0}, {"hws": 176.9}),
    "CMD-PUMP": _command("pump", PLANT),
    "CMD-CHILLER": _command("chiller", PLANT),
    "CMD-BOILER": _command("boiler", PLANT),
    "VAV-LOW-FLOW": _vav({"airflow": 50.0}, {"airflow": 350.0}, {"airflow": 349.0}),
    "VAV-DAMPER-LEAK": _vav({"damper": 0.0}, {"damper": 2.0, "airflow": 150.0}, {"damper": 2.0, "airflow": 151.0}),
    "VAV-VALVE-LEAK": _vav({"dat": 80.0}, {"reheat_valve": 2.0, "dat": 61.0}, {"reheat_valve": 2.0, "dat": 61.1}),
    "VAV-ZONE": _vav({"zone": 80.0}, {"zone": 75.0}, {"zone": 75.1}),
    "VAV-SIMUL": _vav({"reheat_valve": 60.0, "airflow": 1200.0}, {"reheat_valve": 11.0, "airflow": 750.0},
                      {"reheat_valve": 11.0, "airflow": 751.0}),
    "VAV-SCHED": _vav({"occupied": 0.0}, {"occupied": 0.5}, {"occupied": 0.49}),
}  # fmt: skip
"""FC4 and APAR28 count changes of state: they have tests of their own."""
