"""Contract of the customer-experience agent: answers, tickets, service levels, savings reports, messages."""
# ruff: noqa: ARG002 -- what a contract does with its arguments is still to be built

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.customer.inputs import Finding, TemplateValue
from redaptive.agents.customer.results import (
    Delivery,
    GroundedAnswer,
    SatisfactionReport,
    SavingsReport,
    SlaReport,
    Ticket,
)
from redaptive.agents.entities import AlertId, BuildingCode, CustomerCode, PeriodText, ProjectId, TicketId
from redaptive.agents.tool import WayBack, tool
from redaptive.domain.answers import Answer

READ, WRITE, SEND = "customer:read", "customer:write", "customer:send"
UNDO = "customer-experience.create_or_update_ticket"
TAKEN_BACK = WayBack(
    when={"action": "create"},
    args={
        "action": "close",
        "customer_id": "$args.customer_id",
        "ticket_id": "$value.ticket_id",
        "note": "The run that opened it was rolled back.",
    },
)


class CustomerExperienceContract(AgentContract):
    """Six tools; tickets are written, and only `notify` reaches people outside."""

    id: ClassVar[str] = "customer-experience"
    version: ClassVar[str] = "0"
    title: ClassVar[str] = "Customer experience"
    purpose: ClassVar[str] = (
        "Answers customers with figures that can be traced, keeps their tickets and service levels, and reports and "
        "announces what was saved."
    )

    @tool(scope=READ, latency_p50_ms=300, latency_p95_ms=5_000)
    async def answer_question(
        self,
        question: Annotated[str, Field(min_length=1, max_length=4_000)],
        findings: Annotated[list[Finding] | None, Field(description="Tool results that may be quoted.")] = None,
        customer_id: CustomerCode | None = None,
    ) -> Answer[GroundedAnswer]:
        """An answer in words whose figures are all copied from tool results, with citations; else a refusal.

        Use it to word the answer for a customer once the figures are there, or to explain a result.
        Questions: Explain in plain words why my bill went up. Summarise these results for the customer. Answer the
        client's question about their savings.
        """
        raise self.not_built()

    @tool(
        scope=WRITE,
        side_effect="write",
        idempotent=True,
        compensate_with=UNDO,
        compensate_args=(TAKEN_BACK,),
        latency_p50_ms=80,
        latency_p95_ms=800,
        data_class="personal",
    )
    async def create_or_update_ticket(
        self,
        action: Annotated[
            Literal["create", "comment", "assign", "wait", "resolve", "reopen", "close"],
            Field(description="Close also takes back a ticket made by mistake."),
        ],
        customer_id: CustomerCode,
        ticket_id: Annotated[TicketId | None, Field(description="All but create need it.")] = None,
        subject: Annotated[str | None, Field(max_length=500)] = None,
        waste_usd_per_day: Annotated[Decimal | None, Field(ge=0)] = None,
        comfort_or_safety: bool = False,
        building_id: BuildingCode | None = None,
        alert_id: AlertId | None = None,
        assignee: str | None = None,
        note: Annotated[str, Field(max_length=4_000)] = "",
    ) -> Answer[Ticket]:
        """Opens or changes a customer's ticket; priority follows from USD a day and comfort or safety.

        Use it to open a work request or support case, or to comment, assign, resolve and close one.
        Questions: Open a ticket for the stuck damper. Assign ticket 42 to Maria. Close the case, it is fixed. The
        tenant complains that it is too hot, log that.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=60, latency_p95_ms=500)
    async def sla_status(
        self, ticket_id: TicketId | None = None, customer_id: CustomerCode | None = None
    ) -> Answer[SlaReport]:
        """Time to response and resolution of tickets in business hours against the service level, with breaches.

        Use it to see whether promised response times are kept.
        Questions: Are we about to miss an SLA? How long has ticket 42 been open? Did we answer this customer on
        time?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=1_500, latency_p95_ms=10_000, timeout_s=120, long_running=True)
    async def savings_report(
        self,
        customer_id: CustomerCode,
        period: PeriodText,
        project_ids: Annotated[list[ProjectId] | None, Field(description="Default: all projects.")] = None,
        formats: Annotated[
            list[Literal["pdf", "html", "csv"]] | None, Field(description="Documents to make; default: none.")
        ] = None,
    ) -> Answer[SavingsReport]:
        """What a customer saved in a period: avoided kWh, USD and tCO2e, uncertainty, fee, net benefit, projects.

        Use it for the periodic report to a customer or an executive summary of delivered savings.
        Questions: Make the Q3 savings report for Contoso. How much did this customer save last year? What is their
        net benefit after our fee?
        """
        raise self.not_built()

    @tool(
        scope=SEND,
        side_effect="external",
        approval="policy",
        idempotent=True,
        latency_p50_ms=300,
        latency_p95_ms=5_000,
        data_class="personal",
    )
    async def notify(
        self,
        channel: Literal["email", "sms", "webhook", "portal"],
        template: Annotated[str, Field(description="Name of a message template.")],
        recipient: Annotated[str, Field(description="Person, address or role, e.g. on_call_engineer.")],
        values: list[TemplateValue] | None = None,
        building_id: BuildingCode | None = None,
        alert_id: AlertId | None = None,
        ticket_id: TicketId | None = None,
    ) -> Answer[Delivery]:
        """Sends a message by email, SMS, webhook or portal; quiet hours, one message per event, digests.

        Use it to inform a field engineer, facility manager or customer. A message that is out cannot be taken back.
        Questions: Text the on-call engineer about the alert. Email the facility manager the summary. Let the
        customer know that the ticket is closed.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=100, latency_p95_ms=1_000)
    async def satisfaction_insights(
        self, period: PeriodText, customer_id: Annotated[CustomerCode | None, Field(description="Default: all.")] = None
    ) -> Answer[SatisfactionReport]:
        """How content customers are: CSAT, time to first response, reopened tickets, signs that one may leave.

        Use it to find unhappy customers and service problems.
        Questions: Which customers are at risk of leaving? What is our CSAT this quarter? How fast do we first
        respond to tickets?
        """
        raise self.not_built()
