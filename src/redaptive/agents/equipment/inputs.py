"""Structured arguments of the equipment tools."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from redaptive.agents.arguments import Argument


class PointSeries(Argument):
    """The trend of one point: value k holds for [start + k * interval_s, ...); None is a missing sample.

    `point` is its role: sat, mat, rat, oat, sat_setpoint (degF); dsp, dsp_setpoint (inH2O); fan, heating_valve,
    cooling_valve, oa_damper, oa_damper_min, oa_min_pct (%); fan_status, fan_command, occupied (0 or 1); for plants
    chws, chwr, cws, cwr, wet_bulb, hws, hwr (degF), flow (gal/min), power (kW), tower_fan (%); for VAV boxes zone,
    zone_setpoint, dat (degF), airflow, airflow_setpoint, airflow_max (ft3/min), damper, reheat_valve (%).
    A single value is a constant. `unit` may be another one of the same quantity, e.g. degC; empty: the one above.
    """

    point: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    unit: str = ""
    start: datetime
    interval_s: Annotated[int, Field(gt=0)] = 300
    values: Annotated[list[float | None], Field(min_length=1)]


class RuleThreshold(Argument):
    """A threshold to use in place of the rule's default, e.g. mat_f 5."""

    name: str
    value: float
