"""Contract of the market-intelligence agent: tariffs, prices, carbon, incentives, demand response, procurement."""
# ruff: noqa: ARG002 -- what a contract does with its arguments is still to be built

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.entities import BuildingCode, MeasureId, MeterCode, PeriodText, PortfolioId, SiteCode
from redaptive.agents.market.inputs import Activity, EnergyInstrument, MonthLoad, PriceModel
from redaptive.agents.market.results import (
    CarbonIntensity,
    DrEventPlan,
    EmissionsInventory,
    IncentiveList,
    PriceSeries,
    ProcurementRisk,
    TariffList,
)
from redaptive.agents.tool import tool
from redaptive.domain.answers import Answer

READ = "market:read"

Location = Annotated[str, Field(description="eGRID subregion, ZIP code or US state.")]
State = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="US state, two letters.")]
Iso = Literal["CAISO", "ERCOT", "ISONE", "MISO", "NYISO", "PJM", "SPP"]


class MarketIntelligenceContract(AgentContract):
    """Seven tools that read markets and rules; none of them trades or commits."""

    id: ClassVar[str] = "market-intelligence"
    version: ClassVar[str] = "0"
    title: ClassVar[str] = "Market intelligence"
    purpose: ClassVar[str] = (
        "Knows tariffs, wholesale prices, carbon intensity, incentives, demand-response programs and performance "
        "standards, and turns them into inventories, commitments and procurement risk."
    )

    @tool(scope=READ, latency_p50_ms=60, latency_p95_ms=600, data_class="public")
    async def get_tariffs(
        self,
        utility: str | None = None,
        postal_code: Annotated[str | None, Field(pattern=r"^\d{5}$")] = None,
        customer_class: Literal["residential", "commercial", "industrial"] | None = None,
        site_id: SiteCode | None = None,
        on: Annotated[date | None, Field(description="Day on which they hold; default: today.")] = None,
    ) -> Answer[TariffList]:
        """Utility rates in force on a day, by utility, ZIP code, class or site, with their prices and source.

        Use it to look up electric and gas tariffs, or to get the tariff ids that the finance tools take.
        Questions: Which electric rates does PG&E offer for large commercial customers? What tariffs are available
        at ZIP 60601? What is the demand charge of rate B-19?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=5_000, data_class="public")
    async def get_prices(
        self,
        iso: Iso,
        location: Annotated[str, Field(description="Node, hub or zone.")],
        start: datetime,
        end: datetime,
        market: Literal["day_ahead", "real_time"] = "day_ahead",
    ) -> Answer[PriceSeries]:
        """Wholesale electricity prices (LMP) at a node or zone of an ISO, USD per MWh.

        Use it for day-ahead or real-time market prices.
        Questions: What were day-ahead prices in ERCOT Houston yesterday? Show real-time LMPs at the NYC zone. When
        is power cheapest tomorrow?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=60, latency_p95_ms=1_000, data_class="public")
    async def carbon_intensity(
        self,
        location: Location,
        start: datetime | None = None,
        end: datetime | None = None,
        basis: Literal["average", "marginal"] = "average",
    ) -> Answer[CarbonIntensity]:
        """Carbon intensity of grid electricity, kg CO2e per kWh: annual average, or hourly marginal where loaded.

        Use average for accounting, marginal for deciding when to use power.
        Questions: How dirty is the grid in Chicago? What is the emission factor for New England? When is the
        greenest hour to charge?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=600, latency_p95_ms=6_000)
    async def emissions_inventory(
        self,
        period: PeriodText,
        portfolio_id: PortfolioId | None = None,
        building_ids: Annotated[list[BuildingCode] | None, Field(description="Default: all buildings.")] = None,
        activities: Annotated[
            list[Activity] | None, Field(description="In place of the stored bills and readings.")
        ] = None,
        instruments: Annotated[list[EnergyInstrument] | None, Field(description="RECs, PPAs, supplier rates.")] = None,
    ) -> Answer[EmissionsInventory]:
        """Greenhouse gas inventory: scope 1, scope 2 by location and market, scope 3 category 3, compliance, KPIs.

        Use it for carbon footprints, ESG and CDP figures, and for building performance standards such as LL97.
        Questions: What was our carbon footprint last year? Scope 2 emissions of the New York portfolio, market
        based? Will we pay LL97 penalties in 2030? Give me the GRI 305 figures.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=60, latency_p95_ms=600, data_class="public")
    async def find_incentives(
        self,
        measure: MeasureId,
        state: State | None = None,
        utility: str | None = None,
        site_id: SiteCode | None = None,
        size: Annotated[float | None, Field(gt=0, description="In `size_unit`.")] = None,
        size_unit: Literal["kW", "kWdc", "kWh", "ton", "hp", "fixture", "ft2"] | None = None,
        on: Annotated[date | None, Field(description="Day of application; default: today.")] = None,
    ) -> Answer[IncentiveList]:
        """Rebates, tax credits and grants for a measure, with USD and the day on which each expires.

        Use it to lower the cost of a project.
        Questions: Are there rebates for LED lighting in Illinois? Which tax credits apply to rooftop solar? What
        incentives does ConEd pay for VFDs before they run out?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=4_000)
    async def dr_event_optimize(
        self,
        meter_ids: Annotated[list[MeterCode], Field(min_length=1)],
        event_start: datetime,
        event_end: datetime,
        program: Literal["caiso_10_of_10", "nyiso_5_of_10", "pjm_4_of_5"],
        price_usd_per_kwh: Annotated[Decimal, Field(ge=0, description="What the program pays.")],
        penalty_usd_per_kwh: Annotated[Decimal, Field(ge=0, description="For what is missing.")] = Decimal(0),
    ) -> Answer[DrEventPlan]:
        """How much load to commit to a demand-response event: baseline kWh, kW, payment and penalty. Design only.

        Use it when a utility or ISO calls an event; it commits nothing.
        Questions: How much can we shed on tomorrow's DR event? What would the 4 pm event pay us? What is our
        baseline for demand response?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=500, latency_p95_ms=4_000)
    async def procurement_risk(
        self,
        load: Annotated[list[MonthLoad], Field(min_length=1, description="Load forecast by month.")],
        fixed_usd_per_mwh: Annotated[Decimal, Field(gt=0, description="The fixed offer.")],
        index: PriceModel,
        draws: Annotated[int, Field(ge=1_000, le=1_000_000)] = 100_000,
        seed: int = 1,
    ) -> Answer[ProcurementRisk]:
        """Cost of power at the index (P5, P50, P95, CVaR) against a fixed offer, and the break-even price.

        Use it to decide between a fixed-price supply contract and index pricing.
        Questions: Should we lock in 52 dollars per MWh or float? How risky is index pricing next year? What is the
        break-even fixed price?
        """
        raise self.not_built()
