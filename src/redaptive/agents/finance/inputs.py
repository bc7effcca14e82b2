"""Structured arguments of the finance tools. Rates and shares are fractions (0.08), money is in USD."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from redaptive.agents.arguments import Argument
from redaptive.agents.entities import BuildingCode, MeasureId, ProjectId

Usd = Annotated[Decimal, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class ProjectCandidate(Argument):
    """A project to choose or leave. `group` is a site or sector that a cap counts."""

    project_id: ProjectId
    npv_usd: Decimal
    capex_usd: Usd
    savings_usd_per_y: Decimal = Decimal(0)
    avoided_t_co2e_per_y: float = 0.0
    crew_hours: Annotated[float, Field(ge=0)] = 0.0
    building_id: BuildingCode | None = None
    measure: MeasureId | None = None
    group: str = ""


class GroupCap(Argument):
    """Most capex in one group."""

    group: str
    capex_usd: Usd


class Prerequisite(Argument):
    """`project_id` only together with `needs_project_id`."""

    project_id: ProjectId
    needs_project_id: ProjectId


class Spread(Argument):
    """Relative spread of an input: its P10 and P90 as factors of the expected value."""

    p10: Annotated[float, Field(gt=0)] = 1.0
    p90: Annotated[float, Field(gt=0)] = 1.0


class NonRoutineEvent(Argument):
    """A change that is not the project's: from `start`, positive kWh a day is use that would not be there."""

    start: date
    end: date | None = None
    reason: str
    added_kwh_per_day: float
