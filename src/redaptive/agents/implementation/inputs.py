"""Structured arguments of the implementation tools."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from redaptive.agents.arguments import Argument
from redaptive.agents.entities import PermitId, ProjectId, TaskId


class Blackout(Argument):
    """Days on which no work is possible, both included."""

    start: date
    end: date


class ProjectTask(Argument):
    """A task: its working days, what must be finished before it, the crew it needs and its permit's lead time."""

    task_id: TaskId
    project_id: ProjectId | None = None
    name: str = ""
    duration_days: Annotated[int, Field(ge=0)]
    predecessors: tuple[TaskId, ...] = ()
    crew: str | None = None
    crew_size: Annotated[int, Field(ge=0)] = 1
    permit_lead_days: Annotated[int, Field(ge=0)] = 0
    blackouts: tuple[Blackout, ...] = ()


class Crew(Argument):
    """How many people of a trade there are."""

    name: str
    size: Annotated[int, Field(ge=1)]


class Permit(Argument):
    """A permit that was applied for."""

    permit_id: PermitId
    authority: str
    kind: str
    applied_on: date
    needed_on: date | None = None
    issued_on: date | None = None


class PastPermit(Argument):
    """A finished permit: how long it took."""

    authority: str
    kind: str
    waited_days: Annotated[int, Field(ge=0)]


class AutomatedStep(Argument):
    """How often a step was done by the platform; minutes in place of the baseline table where given."""

    step: str
    count: Annotated[int, Field(ge=0)]
    baseline_min: Annotated[float | None, Field(ge=0)] = None
    review_min: Annotated[float | None, Field(ge=0)] = None
