"""Contract of the project-implementation agent: schedule, cost control, changes, permits, commissioning, labour."""
# ruff: noqa: ARG002 -- what a contract does with its arguments is still to be built

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.entities import ChangeOrderId, MeasureId, PeriodText, ProjectId
from redaptive.agents.implementation.inputs import AutomatedStep, Crew, PastPermit, Permit, ProjectTask
from redaptive.agents.implementation.results import (
    ChangeOrderOutcome,
    CommissioningChecklist,
    EarnedValue,
    LaborSaved,
    PermitBoard,
    Schedule,
)
from redaptive.agents.tool import WayBack, tool
from redaptive.domain.answers import Answer

READ, WRITE = "projects:read", "projects:write"
UNDO = "project-implementation.manage_change_order"
TAKEN_BACK = WayBack(
    when={"action": "propose"},
    args={
        "action": "withdraw",
        "project_id": "$args.project_id",
        "change_order_id": "$value.change_order.change_order_id",
        "reason": "The run that proposed it was rolled back.",
    },
)
Usd = Annotated[Decimal, Field(ge=0)]


class ProjectImplementationContract(AgentContract):
    """Six tools; only change orders write, and only within the tenant's approval policy."""

    id: ClassVar[str] = "project-implementation"
    version: ClassVar[str] = "0"
    title: ClassVar[str] = "Project implementation"
    purpose: ClassVar[str] = (
        "Schedules energy projects with crews and permits, watches cost and progress, handles change orders, and "
        "prepares commissioning."
    )

    @tool(scope=READ, latency_p50_ms=1_000, latency_p95_ms=15_000, timeout_s=60, long_running=True)
    async def schedule_projects(
        self,
        tasks: Annotated[list[ProjectTask], Field(min_length=1, max_length=2_000)],
        start: date,
        crews: Annotated[list[Crew] | None, Field(description="Without crews only the order counts.")] = None,
    ) -> Answer[Schedule]:
        """Start and finish of each task, the critical path and float, within crews, permits and blackout days.

        Use it to plan installations over one or many projects.
        Questions: When can the LED rollout be finished with two electrical crews? What is on the critical path?
        Schedule the 30 rooftop replacements around the holidays.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=20, latency_p95_ms=150)
    async def earned_value(
        self,
        budget_at_completion_usd: Usd,
        planned_value_usd: Usd,
        earned_value_usd: Usd,
        actual_cost_usd: Usd,
        project_id: ProjectId | None = None,
    ) -> Answer[EarnedValue]:
        """Cost and schedule performance of a project: CPI, SPI, estimate at completion, variance, TCPI.

        Use it to see whether a project is over budget or late, from planned, earned and actual cost.
        Questions: Is the chiller project over budget? What will it cost in the end? What are CPI and SPI with 35k
        earned and 42k spent?
        """
        raise self.not_built()

    @tool(
        scope=WRITE,
        side_effect="write",
        approval="policy",
        idempotent=True,
        compensate_with=UNDO,
        compensate_args=(TAKEN_BACK,),
        latency_p50_ms=80,
        latency_p95_ms=800,
    )
    async def manage_change_order(
        self,
        action: Annotated[
            Literal["propose", "approve", "reject", "withdraw"], Field(description="Withdraw takes a proposal back.")
        ],
        project_id: ProjectId,
        change_order_id: Annotated[ChangeOrderId | None, Field(description="All but propose need it.")] = None,
        scope_change: str | None = None,
        cost_change_usd: Annotated[Decimal | None, Field(description="Positive costs more.")] = None,
        change_days: Annotated[int | None, Field(description="Positive finishes later.")] = None,
        reason: str | None = None,
    ) -> Answer[ChangeOrderOutcome]:
        """Proposes, approves, rejects or withdraws a change to a project's scope, cost or time, with audit.

        Use it when a project changes; an approved one makes a new version of the baseline.
        Questions: Add 15,000 dollars for the asbestos removal. Approve the change order on project 12. Log a two
        week delay for the switchgear.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=60, latency_p95_ms=500)
    async def track_permits(
        self,
        project_id: ProjectId | None = None,
        permits: Annotated[list[Permit] | None, Field(description="Default: those of the project.")] = None,
        history: Annotated[list[PastPermit] | None, Field(description="Default: the stored ones.")] = None,
    ) -> Answer[PermitBoard]:
        """State of permits and the risk that they come late: days at 80 % confidence from earlier permits.

        Use it to watch building and interconnection permits.
        Questions: Where do our permits stand? Will the electrical permit in San Jose be late? Which projects wait
        for a permit?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=20, latency_p95_ms=150)
    async def commissioning_checklist(
        self, measure: MeasureId, project_id: ProjectId | None = None
    ) -> Answer[CommissioningChecklist]:
        """What to check and test when a measure is put into service: functional tests, trends, acceptance, hand-off.

        Use it before handing a project over.
        Questions: What do we test after installing the VFDs? Give me the commissioning checklist for a chiller.
        Which seasonal tests are deferred?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=40, latency_p95_ms=300)
    async def labor_saved(
        self,
        steps: Annotated[list[AutomatedStep] | None, Field(description="Default: counted from finished runs.")] = None,
        project_id: ProjectId | None = None,
        period: PeriodText | None = None,
    ) -> Answer[LaborSaved]:
        """Hours and weeks of work that automation saved, step by step, with the assumption beside each figure.

        Use it to show what automated steps were worth in labour.
        Questions: How much time did the platform save us on this project? How many weeks of engineering work were
        automated last quarter?
        """
        raise self.not_built()
