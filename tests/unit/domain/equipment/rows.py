"""Rows of points that are healthy in each state, and trends made of rows; no code of the product makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from redaptive.domain.equipment.trend import Trend
from redaptive.reference.equipment import rule_limits
from redaptive.reference.loader import load_all

Row = Mapping[str, float]
LIMITS = rule_limits(load_all())
ALWAYS = {"fan": 60.0, "fan_status": 1.0, "fan_command": 1.0, "occupied": 1.0, "oa_damper_min": 20.0,
          "oa_min_pct": 20.0, "dsp": 1.5, "dsp_setpoint": 1.5}  # fmt: skip


def _air_handler(hv: float, cv: float, damper: float, oat: float, rat: float, mat: float, sat: float) -> Row:
    coils = {"hc_enter": mat, "hc_leave": sat if hv else mat, "cc_enter": mat, "cc_leave": sat if cv else mat}
    air = {"oat": oat, "rat": rat, "mat": mat, "sat": sat, "sat_setpoint": sat}
    return {**ALWAYS, **air, **coils, "heating_valve": hv, "cooling_valve": cv, "oa_damper": damper}


AHU: Mapping[int, Row] = {
    1: _air_handler(40.0, 0.0, 20.0, 30.0, 72.0, 63.6, 72.0),
    2: _air_handler(0.0, 0.0, 60.0, 45.0, 73.0, 53.0, 55.0),
    3: _air_handler(0.0, 30.0, 100.0, 60.0, 74.0, 60.0, 55.0),
    4: _air_handler(0.0, 60.0, 20.0, 88.0, 75.0, 77.6, 55.0),
    5: _air_handler(0.0, 0.0, 20.0, 62.0, 72.0, 70.0, 72.0),
}
"""By operating state."""
PLANT: Row = {
    "chws": 44.0, "chwr": 54.0, "cws": 78.0, "cwr": 88.0, "wet_bulb": 72.0, "chws_setpoint": 44.0, "hws": 180.0,
    "hwr": 150.0, "hws_setpoint": 180.0, "flow": 1000.0, "power": 250.0, "chiller_status": 1.0, "chiller_command": 1.0,
    "pump_status": 1.0, "pump_command": 1.0, "boiler_status": 1.0, "boiler_command": 1.0, "tower_fan": 100.0,
}  # fmt: skip
VAV: Row = {
    "zone": 72.0, "zone_setpoint": 72.0, "airflow": 500.0, "airflow_setpoint": 500.0, "airflow_max": 1500.0,
    "damper": 40.0, "reheat_valve": 0.0, "dat": 57.0, "sat": 56.0, "occupied": 1.0, "fan_status": 1.0,
}  # fmt: skip


def constant(row: Row, rows: int = 24, step_s: int = 300) -> Trend:
    """The same row again and again: two hours of 5 minutes."""
    return Trend("U", 0, step_s, {name: np.full(rows, value) for name, value in row.items()})


def trend(rows: Sequence[Row], step_s: int = 300) -> Trend:
    """One row after the other."""
    return Trend("U", 0, step_s, {name: np.array([row[name] for row in rows]) for name in rows[0]})
