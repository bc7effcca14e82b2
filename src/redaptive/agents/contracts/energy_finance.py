"""Contract of the energy-finance agent: bills by tariff, project economics, contracts, and verified savings."""
# ruff: noqa: ARG002 -- what a contract does with its arguments is still to be built

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.entities import BuildingCode, MeterCode, PeriodText, ProjectId, TariffId
from redaptive.agents.finance.inputs import (
    Fraction,
    GroupCap,
    NonRoutineEvent,
    Prerequisite,
    ProjectCandidate,
    Spread,
    Usd,
)
from redaptive.agents.finance.results import (
    CashFlow,
    EaasContract,
    ProjectSelection,
    PvStorageDesign,
    RiskProfile,
    TariffBill,
    TariffComparison,
    VerifiedSavings,
)
from redaptive.agents.tool import tool
from redaptive.domain.answers import Answer

READ = "finance:read"

Life = Annotated[float, Field(ge=1, le=40, description="Years of service.")]
Growth = Annotated[float, Field(gt=-0.5, lt=0.5, description="Per year, e.g. 0.025.")]
Discount = Annotated[float, Field(gt=-1, lt=1, description="Per year, e.g. 0.08.")]
ZERO = Decimal(0)


class EnergyFinanceContract(AgentContract):
    """Eight tools that compute; none of them signs, pays or changes anything."""

    id: ClassVar[str] = "energy-finance"
    version: ClassVar[str] = "0"
    title: ClassVar[str] = "Energy finance"
    purpose: ClassVar[str] = (
        "Computes bills by tariff, the economics and risk of energy projects, energy-as-a-service contracts that suit "
        "both sides, and savings that can be settled on."
    )

    @tool(scope=READ, latency_p50_ms=150, latency_p95_ms=1_500)
    async def calculate_bill(
        self, meter_id: MeterCode, period: PeriodText, tariff_id: TariffId | None = None
    ) -> Answer[TariffBill]:
        """The bill of a meter by a tariff: each month's energy, demand, ratchet, fixed charges and taxes in USD.

        Use it to know what a load costs by the rules of a rate, or to check a bill. Default tariff: the meter's own.
        Questions: What should the March bill have been? Calculate the electric bill of this meter on rate GS-2. How
        much of last year's bill is demand charges?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=600, latency_p95_ms=5_000)
    async def compare_tariffs(
        self, meter_id: MeterCode, on: date | None = None, tariff_ids: list[TariffId] | None = None
    ) -> Answer[TariffComparison]:
        """What a year of a meter's load costs on each rate that it is eligible for, cheapest first, USD a year.

        Use it to find out whether another utility rate would be cheaper.
        Questions: Are we on the best electric rate? Would a time-of-use tariff save money? Which rate plan is
        cheapest for this store?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=20, latency_p95_ms=150)
    async def project_cashflow(
        self,
        capex_usd: Usd,
        savings_usd_per_y: Decimal,
        life_y: Life,
        om_usd_per_y: Decimal = ZERO,
        incentive_usd: Usd = ZERO,
        discount_rate: Discount = 0.08,
        savings_escalation: Growth = 0.025,
        om_escalation: Growth = 0.02,
        tax_rate: Fraction = 0.0,
        energy_kwh_per_y: Annotated[float | None, Field(ge=0, description="For the LCOE.")] = None,
        degradation: Annotated[float, Field(ge=0, lt=1, description="Loss of output per year.")] = 0.0,
    ) -> Answer[CashFlow]:
        """Yearly cash flow of a project with NPV, IRR, MIRR, payback, profitability index and LCOE.

        Use it for the return on investment of one project whose cost and savings are known.
        Questions: What is the ROI of a 200,000 dollar lighting retrofit that saves 45,000 a year? What is the
        payback and the NPV? Does the chiller replacement pay off at 10 % discount?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=50, latency_p95_ms=400)
    async def design_eaas_contract(
        self,
        capex_usd: Usd,
        savings_usd_per_y: Decimal,
        opex_usd_per_y: Decimal = ZERO,
        form: Literal["fixed_fee", "shared_savings", "per_unit"] = "fixed_fee",
        term_y: Annotated[int, Field(ge=1, le=30)] = 10,
        target_irr: Annotated[float, Field(gt=0, lt=1, description="The provider's.")] = 0.12,
        customer_margin: Annotated[Fraction, Field(description="Share of savings that stays with them.")] = 0.1,
        escalator: Growth = 0.02,
        discount_rate: Discount = 0.08,
        savings_kwh_per_y: Annotated[float | None, Field(gt=0, description="For a fee per kWh.")] = None,
    ) -> Answer[EaasContract]:
        """An energy-as-a-service contract: fees by year, both parties' returns, the feasible fee band, buy-out.

        Use it to price a contract without up-front cost so that provider and customer both reach their targets.
        Questions: Structure an EaaS deal for the LED project. What monthly fee gives us 12 % IRR and leaves the
        customer 10 % of savings? What would a shared-savings contract look like?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=6_000)
    async def select_projects(
        self,
        candidates: Annotated[list[ProjectCandidate], Field(min_length=1, description="Projects to choose from.")],
        budget_usd: Usd,
        objective: Literal["npv", "co2", "payback"] = "npv",
        exclusive: Annotated[list[list[ProjectId]] | None, Field(description="At most one of each set.")] = None,
        prerequisites: list[Prerequisite] | None = None,
        group_caps: list[GroupCap] | None = None,
        min_t_co2e_per_y: Annotated[float | None, Field(ge=0)] = None,
        max_crew_hours: Annotated[float | None, Field(ge=0)] = None,
    ) -> Answer[ProjectSelection]:
        """The set of candidate projects that a budget should buy, proven near the optimum, with what limits it.

        Use it to choose among given projects or technology options under budget, crew and carbon limits.
        Questions: Which of these projects should we fund with two million? Pick the best technology option for
        each site. What maximises carbon savings within the budget?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=3_000, latency_p95_ms=20_000, timeout_s=120, long_running=True)
    async def size_pv_storage(
        self,
        meter_id: MeterCode,
        tariff_id: TariffId | None = None,
        roof_area_ft2: Annotated[float | None, Field(ge=0, description="Default: the building's.")] = None,
        pv_usd_per_kwdc: Annotated[Usd | None, Field(description="Default: reference cost.")] = None,
        battery_usd_per_kw: Annotated[Usd | None, Field(description="Default: reference cost.")] = None,
        battery_usd_per_kwh: Annotated[Usd | None, Field(description="Default: reference cost.")] = None,
        discount_rate: Discount = 0.08,
        life_y: Life = 25,
    ) -> Answer[PvStorageDesign]:
        """Sizes of solar PV and battery that cost least over their life, with dispatch, bill savings and payback.

        Use it for on-site solar and storage at one meter, including peak shaving by a battery.
        Questions: How big a solar system and battery should we put on the warehouse? Would storage cut our demand
        charges? Size PV for this roof.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=2_000)
    async def simulate_risk(
        self,
        capex_usd: Usd,
        savings_usd_per_y: Decimal,
        life_y: Life,
        om_usd_per_y: Decimal = ZERO,
        discount_rate: Discount = 0.08,
        savings_spread: Spread | None = None,
        capex_spread: Spread | None = None,
        escalation_mean: Growth = 0.025,
        escalation_deviation: Annotated[float, Field(ge=0, le=0.5)] = 0.05,
        draws: Annotated[int, Field(ge=1_000, le=1_000_000)] = 100_000,
        seed: int = 1,
    ) -> Answer[RiskProfile]:
        """The spread of a project's NPV (P10, P50, P90), the chance of a loss, and which input drives it.

        Use it when savings, prices or cost are uncertain: Monte Carlo over their distributions.
        Questions: How likely is it that the retrofit loses money? What is the P90 NPV? How risky is this
        investment if energy prices fall?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=800, latency_p95_ms=6_000)
    async def verify_savings(
        self,
        building_id: BuildingCode,
        baseline: PeriodText,
        reporting: PeriodText,
        install_start: date,
        install_end: date,
        price_usd_per_kwh: Annotated[Usd | None, Field(description="Default: the site's price.")] = None,
        project_id: ProjectId | None = None,
        non_routine_events: list[NonRoutineEvent] | None = None,
    ) -> Answer[VerifiedSavings]:
        """Avoided kWh of a finished project against its weather-adjusted baseline, with uncertainty and settlement.

        Use it after installation (measurement and verification, IPMVP option C) to see whether savings are real.
        Questions: Did the LED retrofit deliver the savings that were promised? Verify the savings of project 12.
        How much energy did we avoid since the upgrade, and how sure is that?
        """
        raise self.not_built()
