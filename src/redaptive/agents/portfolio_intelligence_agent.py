"""Portfolio intelligence: six tools from meter readings to a priced, budget-constrained list of projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, TypeVar

import polars as pl
from anyio import to_thread
from pydantic import Field

from redaptive.agents.base import AgentBase
from redaptive.agents.portfolio.factors import Factors, PriceOverrides, Used
from redaptive.agents.portfolio.inputs import Filters, MonthlyUse, Portfolio, PortfolioReader
from redaptive.agents.portfolio.normalizing import Normalizer
from redaptive.agents.portfolio.peers import Metric, Peer, Peers
from redaptive.agents.portfolio.periods import Period, parse_period
from redaptive.agents.portfolio.ranking import Constraints, rank
from redaptive.agents.portfolio.results import (
    BenchmarkReport,
    LoadShape,
    OpportunityReport,
    RankedPortfolio,
    WeatherNormalization,
)
from redaptive.agents.portfolio.screening import Screener
from redaptive.agents.portfolio.shapes import meter_shape
from redaptive.agents.portfolio.weather import read_weather
from redaptive.agents.tool import prompt, resource, tool
from redaptive.domain.answers import Answer, DataQuality, Scalar, Source
from redaptive.domain.portfolio.records import Building, Commodity, Meter
from redaptive.domain.portfolio.selection import Objective
from redaptive.domain.portfolio.usage import UsageReport, UsageRow, analyze_usage
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.reference.loader import ReferenceData, load_all

T = TypeVar("T")
READ = "portfolio:read"

PortfolioId = Annotated[str | None, Field(description="Code of a portfolio; default: all buildings of the tenant.")]
BuildingIds = Annotated[list[str] | None, Field(description="Building codes; default: all buildings.")]
PeriodText = Annotated[
    str | None,
    Field(description="2025, 2025-03 or 2025-01..2025-06 (local months); default: the last 12 complete months."),
]
GroupBy = Literal["sector", "building_type", "state", "climate_zone", "customer_code", "site_code", "building_code"]


class PortfolioIntelligenceAgent(AgentBase):
    """The agent; formulas are in `domain/portfolio`, SQL in the stores."""

    id: ClassVar[str] = "portfolio-intelligence"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Portfolio intelligence"
    purpose: ClassVar[str] = (
        "Says where a real-estate portfolio uses energy, how its buildings stand among peers, what to do about it, "
        "what that costs and earns, and which projects to choose for a budget."
    )

    @tool(scope=READ, latency_p50_ms=150, latency_p95_ms=500)
    async def analyze_portfolio_usage(
        self,
        portfolio_id: PortfolioId = None,
        period: PeriodText = None,
        sector: str | None = None,
        building_type: str | None = None,
        state: str | None = None,
        climate_zone: str | None = None,
        group_by: GroupBy = "sector",
        electricity_usd_per_kwh: Annotated[float | None, Field(ge=0)] = None,
        gas_usd_per_therm: Annotated[float | None, Field(ge=0)] = None,
        grid_kg_per_kwh: Annotated[float | None, Field(ge=0)] = None,
    ) -> Answer[UsageReport]:
        """Energy, cost, emissions, floor area, site and source EUI, peak, coverage and trend of each group.

        Buildings without 12 months, coverage or floor area are left out of the EUI and listed with the reason.
        """
        filters = Filters(portfolio_id, sector, building_type, state, climate_zone)
        portfolio, use, chosen = await self._inputs(filters, period)
        given = PriceOverrides(electricity_usd_per_kwh, gas_usd_per_therm, None, grid_kg_per_kwh)
        factors = self._factors(portfolio, chosen, given)
        report = await self._usage(portfolio, use, chosen, factors, group_by)
        inputs = {"period": str(chosen), "group_by": group_by, **filters.described(), **given.described()}
        factors.used.warn(report.warnings)
        method = "sums of monthly roll-ups by building (domain.md 3): EUI = kBtu of 12 months / gross floor area"
        return self._answer(report, "kWh, therms, kBtu, USD, tCO2e", method, inputs, factors.used, report.total, use)

    @tool(scope=READ, latency_p50_ms=200, latency_p95_ms=800)
    async def benchmark_buildings(
        self,
        building_ids: BuildingIds = None,
        metric: Metric = "site_eui",
        peer: Annotated[
            Peer, Field(description="cbecs: national medians; portfolio: one another; ll97: NYC emission limits.")
        ] = "cbecs",
        period: PeriodText = None,
        portfolio_id: PortfolioId = None,
    ) -> Answer[BenchmarkReport]:
        """Each building against its peers, worst first: percentile (an estimate, no ENERGY STAR score) and gaps."""
        filters = Filters(portfolio_id=portfolio_id, building_ids=building_ids)
        portfolio, use, chosen = await self._inputs(filters, period)
        factors = self._factors(portfolio, chosen)
        usage = await self._usage(portfolio, use, chosen, factors, "building_code")
        peers = Peers(portfolio, self._reference, factors, chosen)
        report = await to_thread.run_sync(peers.compare, usage, use.rows, metric, peer)
        inputs = {"period": str(chosen), "metric": metric, "peer": peer, **filters.described()}
        method = "100(1 - Phi(ln(EUI/median)/sigma)) for cbecs; mean rank for portfolio; area x limit for ll97"
        return self._answer(report, "kBtu/ft2.yr (tCO2e/yr)", method, inputs, factors.used, usage.total, use)

    @tool(scope=READ, latency_p50_ms=150, latency_p95_ms=600)
    async def weather_normalize(
        self,
        building_id: str,
        commodity: Literal["electricity", "gas", "steam", "chilled_water"] = "electricity",
        baseline: PeriodText = None,
        reporting: Annotated[str | None, Field(description="A later year to compare, e.g. 2025; may be empty.")] = None,
    ) -> Answer[WeatherNormalization]:
        """Use of a building in a normal year by a change-point model, with balance points and goodness of fit.

        The normal year is the mean of all loaded years of the site's weather station, by calendar day.
        """
        portfolio = await self._source.portfolio(Filters(building_ids=[building_id]))
        period = parse_period(baseline) if baseline else (await self._source.monthly(portfolio)).default_period()
        weather = await read_weather(WeatherStore(self.pools, self.principal.tenant_id), portfolio)
        normalizer = Normalizer(self._source, portfolio, weather, Commodity(commodity))
        value, share = await normalizer.run(period, parse_period(reporting) if reporting else None)
        failed = [c.message for c in (*value.baseline.failed, *(value.reporting.failed if value.reporting else ()))]
        inputs = {"building_id": building_id, "commodity": commodity, "baseline": str(period), "reporting": reporting}
        sources = (Source("weather", value.station, value.normal_year),)
        return Answer(
            value=value,
            unit="kWh",
            method="PRISM/CalTRACK change-point model of daily use on degree days (domain.md 4.3)",
            inputs_used=inputs,
            factor_version=(),
            data_quality=DataQuality(coverage_pct=100.0 * share),
            warnings=tuple(failed),
            provenance=(*sources, await self._source.source(portfolio)),
        )

    @tool(scope=READ, latency_p50_ms=60, latency_p95_ms=300)
    async def load_shape_metrics(self, meter_id: str, period: PeriodText = None) -> Answer[LoadShape]:
        """Base, peak, load factor, high-load hours, night and weekend ratios, ramps and monthly peaks of a meter."""
        meter = (await self._store.meters_by_code([meter_id]))[0]
        building = (await self._source.portfolio(Filters(building_ids=[meter.building_code]))).buildings[0]
        own = await self._portfolio_of(meter, building)
        use = await self._source.monthly(own)
        chosen = parse_period(period) if period else use.default_period()
        timezone = own.site_of(building).timezone
        shape = await to_thread.run_sync(meter_shape, self.readings, meter, timezone, chosen)
        return Answer(
            value=shape,
            unit="kW",
            method="LBNL load-shape metrics (2010): base 2.5th, peak 97.5th percentile of each day, averaged",
            inputs_used={"meter_id": meter_id, "period": str(chosen)},
            factor_version=(),
            data_quality=_quality(use, chosen),
            provenance=(use.source,),
        )

    @tool(scope=READ, latency_p50_ms=2_000, latency_p95_ms=10_000, timeout_s=120, long_running=True)
    async def find_opportunities(
        self,
        building_ids: BuildingIds = None,
        portfolio_id: PortfolioId = None,
        measures: Annotated[list[str] | None, Field(description="Measure ids; default: the whole library.")] = None,
        period: PeriodText = None,
        electricity_usd_per_kwh: Annotated[float | None, Field(ge=0)] = None,
        gas_usd_per_therm: Annotated[float | None, Field(ge=0)] = None,
        demand_usd_per_kw_month: Annotated[float | None, Field(ge=0)] = None,
        grid_kg_per_kwh: Annotated[
            float | None, Field(ge=0, description="kg CO2e per kWh, e.g. outside the US")
        ] = None,
    ) -> Answer[OpportunityReport]:
        """Measures that the readings and equipment data point to, each with savings, cost, payback and evidence.

        Measures act in order, each on what the earlier ones left, so their savings may be added. A measure whose
        inputs are unknown is listed as not screened, with what is missing.
        """
        filters = Filters(portfolio_id=portfolio_id, building_ids=building_ids)
        given = PriceOverrides(electricity_usd_per_kwh, gas_usd_per_therm, demand_usd_per_kw_month, grid_kg_per_kwh)
        report, used, quality, source = await self._screen(filters, period, measures, given)
        inputs = {"period": report.period, **filters.described(), **given.described()}
        return Answer(
            value=report,
            unit="USD/yr, kWh/yr, therms/yr, tCO2e/yr",
            method="measure library in fixed order on remaining end uses (domain.md 4.5), average prices",
            inputs_used=inputs,
            factor_version=tuple(sorted(used.versions)),
            data_quality=quality,
            warnings=tuple(sorted(used.warnings)),
            provenance=(source,),
        )

    @tool(scope=READ, latency_p50_ms=2_500, latency_p95_ms=15_000, timeout_s=180, long_running=True)
    async def rank_and_summarize_portfolio(
        self,
        budget_usd: Annotated[float, Field(ge=0, description="Money to invest.")],
        objective: Annotated[Objective, Field(description="What to maximise.")] = Objective.NPV,
        portfolio_id: PortfolioId = None,
        building_ids: BuildingIds = None,
        period: PeriodText = None,
        min_t_co2e_per_y: Annotated[float | None, Field(ge=0)] = None,
        max_usd_per_building: Annotated[float | None, Field(ge=0)] = None,
        discount_rate: Annotated[float | None, Field(gt=-1, lt=1, description="Per year; default 0.08.")] = None,
        electricity_usd_per_kwh: Annotated[float | None, Field(ge=0)] = None,
        gas_usd_per_therm: Annotated[float | None, Field(ge=0)] = None,
        grid_kg_per_kwh: Annotated[float | None, Field(ge=0)] = None,
    ) -> Answer[RankedPortfolio]:
        """The set of projects that a budget should buy, proven optimal, with a summary for executives and ESG."""
        filters = Filters(portfolio_id=portfolio_id, building_ids=building_ids)
        given = PriceOverrides(electricity_usd_per_kwh, gas_usd_per_therm, None, grid_kg_per_kwh)
        report, used, quality, source = await self._screen(filters, period, None, given)
        limits = Constraints(budget_usd, objective, min_t_co2e_per_y, max_usd_per_building, discount_rate)
        ranked = await to_thread.run_sync(rank, report, limits, self._reference, used)
        inputs = {"period": report.period, **limits.described(), **filters.described(), **given.described()}
        return Answer(
            value=ranked,
            unit="USD",
            method="mixed-integer selection (HiGHS) of opportunities by NPV over service life (domain.md 7.5)",
            inputs_used={**inputs, "discount_rate": ranked.discount_rate, "escalation": ranked.escalation},
            factor_version=tuple(sorted(used.versions)),
            data_quality=quality,
            warnings=tuple(sorted(used.warnings | set(ranked.summary.warnings))),
            provenance=(source,),
        )

    @resource("energy://portfolios", scope=READ, title="Portfolios")
    async def portfolios(self) -> list[dict[str, str | int]]:
        """The portfolios of the tenant: code, name, number of buildings."""
        found = await self._store.portfolios()
        return [{"code": p.code, "name": p.name, "buildings": len(p.building_codes)} for p in found]

    @resource("energy://buildings/{code}", scope=READ, title="A building")
    async def building(self, code: str) -> Building:
        """One building with what is known of its equipment."""
        return (await self._source.portfolio(Filters(building_ids=[code]))).buildings[0]

    @resource("energy://buildings/{code}/meters", scope=READ, title="Meters of a building")
    async def meters(self, code: str) -> list[Meter]:
        """The meters of one building."""
        return await self._store.meters([code])

    @prompt(title="Find the worst buildings and what to do about them")
    async def improve_portfolio(self, budget_usd: str = "500000") -> str:
        """A complete portfolio review within a budget."""
        return (
            "Review our building portfolio. Call analyze_portfolio_usage, then benchmark_buildings, then "
            f"rank_and_summarize_portfolio with a budget of {budget_usd} USD. Report the worst buildings, the chosen "
            "projects with cost, yearly savings, payback and every warning. Copy figures exactly, with their unit."
        )

    @property
    def _reference(self) -> ReferenceData:
        return self.services.reference or load_all()

    @property
    def _store(self) -> PortfolioStore:
        return PortfolioStore(self.pools, self.principal.tenant_id)

    @property
    def _source(self) -> PortfolioReader:
        return PortfolioReader(self._store, self.readings)

    async def _inputs(self, filters: Filters, period: str | None) -> tuple[Portfolio, MonthlyUse, Period]:
        portfolio = await self._source.portfolio(filters)
        chosen = parse_period(period) if period else None
        use = await self._source.monthly(portfolio, chosen)
        return portfolio, use, chosen or use.default_period()

    def _factors(self, portfolio: Portfolio, period: Period, given: PriceOverrides | None = None) -> Factors:
        return Factors(portfolio, self._reference, period.start, given or PriceOverrides())

    async def _usage(
        self, portfolio: Portfolio, use: MonthlyUse, period: Period, factors: Factors, group_by: GroupBy
    ) -> UsageReport:
        def analyze() -> UsageReport:
            return analyze_usage(
                use.rows,
                portfolio.frame(),
                factors.frame(),
                factors.source_factors(),
                start_month=period.start,
                end_month=period.end,
                group_by=group_by,
            )

        return await to_thread.run_sync(analyze)

    async def _screen(
        self, filters: Filters, period: str | None, measures: Sequence[str] | None, given: PriceOverrides
    ) -> tuple[OpportunityReport, Used, DataQuality, Source]:
        portfolio, use, chosen = await self._inputs(filters, period)
        if chosen.months != 12:
            raise InvalidInput("Opportunities need a period of 12 months.", field="period", fix="Name a year.")
        factors = self._factors(portfolio, chosen, given)
        weather = await read_weather(WeatherStore(self.pools, self.principal.tenant_id), portfolio)
        screener = Screener(self._source, self._reference, portfolio, factors, chosen)
        report = await screener.run(use, weather, measures, self.progress)
        return report, factors.used, _quality(use, chosen), use.source

    async def _portfolio_of(self, meter: Meter, building: Building) -> Portfolio:
        portfolio = await self._source.portfolio(Filters(building_ids=[building.code]))
        return replace(portfolio, meters=(meter,))

    def _answer(
        self,
        value: T,
        unit: str,
        method: str,
        inputs: Mapping[str, Scalar],
        used: Used,
        total: UsageRow,
        use: MonthlyUse,
    ) -> Answer[T]:
        """An answer over a use report, with its versions, warnings and data quality."""
        return Answer(
            value=value,
            unit=unit,
            method=method,
            inputs_used=inputs,
            factor_version=tuple(sorted(used.versions)),
            data_quality=DataQuality(total.coverage_pct, total.estimated_pct, total.flagged_pct),
            warnings=tuple(sorted(used.warnings)),
            provenance=(use.source,),
        )


def _quality(use: MonthlyUse, period: Period) -> DataQuality:
    inside = use.rows.filter(pl.col("month").is_between(period.start, period.end, closed="left"))
    sums = inside.select(pl.col("n", "n_expected", "n_flagged", "n_estimated").sum()).row(0, named=True)
    expected = max(1, sums["n_expected"] or 0)
    return DataQuality(
        coverage_pct=100.0 * (sums["n"] or 0) / expected,
        estimated_pct=100.0 * (sums["n_estimated"] or 0) / expected,
        suspect_pct=100.0 * (sums["n_flagged"] or 0) / expected,
    )
