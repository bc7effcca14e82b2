"""What the market tools answer with: prices in USD, emissions in kg or t of CO2 equivalent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from redaptive.agents.entities import BuildingCode, MeasureId, MeterCode, TariffId


@dataclass(frozen=True)
class TariffRate:
    """One priced item of a tariff: energy or demand by period and tier, fixed charge, minimum."""

    charge: Literal["energy", "demand", "flat_demand", "fixed", "minimum", "reactive", "rider"]
    period_name: str | None
    tier_up_to: float | None
    rate_usd_per_unit: Decimal
    unit: str


@dataclass(frozen=True)
class Tariff:
    """A utility rate in force over [effective_from, effective_to), with its source."""

    tariff_id: TariffId
    utility: str
    name: str
    rate_code: str
    customer_class: str
    effective_from: date
    effective_to: date | None
    demand_min_kw: float | None
    demand_max_kw: float | None
    rates: tuple[TariffRate, ...]
    ratchet_pct: float | None
    source: str
    version: str


@dataclass(frozen=True)
class TariffList:
    """Tariffs that match, by utility and name."""

    on: date
    tariffs: tuple[Tariff, ...]


@dataclass(frozen=True)
class PricePoint:
    """The price of the interval that begins at `start`."""

    start: datetime
    price_usd_per_mwh: Decimal


@dataclass(frozen=True)
class PriceSeries:
    """Wholesale prices at a node or zone."""

    iso: str
    location: str
    market: Literal["day_ahead", "real_time"]
    interval_s: int
    points: tuple[PricePoint, ...]
    mean_usd_per_mwh: Decimal
    min_usd_per_mwh: Decimal
    max_usd_per_mwh: Decimal


@dataclass(frozen=True)
class IntensityPoint:
    """The intensity of the interval that begins at `start`."""

    start: datetime
    intensity_kg_co2e_per_kwh: float


@dataclass(frozen=True)
class CarbonIntensity:
    """Carbon intensity of grid power: average for accounts, marginal for decisions; never mixed."""

    location: str
    subregion: str
    basis: Literal["average", "marginal"]
    mean_kg_co2e_per_kwh: float
    data_year: int
    points: tuple[IntensityPoint, ...]


@dataclass(frozen=True)
class EmissionLine:
    """Emissions of one activity, with the version of the factor that was used."""

    scope: Literal["1", "2", "3"]
    category: str
    source: str
    building_code: BuildingCode | None
    start: date
    end: date
    quantity: float
    unit: str
    emissions_t_co2e: float
    market_t_co2e: float | None
    factor_version: str


@dataclass(frozen=True)
class StandardResult:
    """A building against its performance standard, e.g. LL97, in one compliance period."""

    standard: str
    building_code: BuildingCode
    period_name: str
    emissions_t_co2e: float
    limit_t_co2e: float
    over_t_co2e: float
    penalty_usd_per_y: Decimal


@dataclass(frozen=True)
class EsgKpi:
    """One figure of an ESG report: code of the standard, value, boundary, coverage and share of estimates."""

    code: str
    name: str
    value: float
    unit: str
    boundary: str
    coverage_pct: float
    estimated_pct: float
    restated: bool


@dataclass(frozen=True)
class EmissionsInventory:
    """A greenhouse gas inventory: scope 2 by location and by market, lines, compliance, KPIs."""

    period: str
    scope_1_t_co2e: float
    scope_2_location_t_co2e: float
    scope_2_market_t_co2e: float
    scope_3_category_3_t_co2e: float
    total_location_t_co2e: float
    total_market_t_co2e: float
    residual_mix: str
    lines: tuple[EmissionLine, ...]
    compliance: tuple[StandardResult, ...]
    kpis: tuple[EsgKpi, ...]


@dataclass(frozen=True)
class Incentive:
    """A rebate, credit or grant for a measure; `amount_usd` is for the given size, None when it depends on more."""

    program: str
    sponsor: str
    measure: MeasureId
    kind: Literal["rebate", "tax_credit", "deduction", "grant", "loan"]
    amount_usd: Decimal | None
    basis: str
    starts_on: date
    expires_on: date | None
    source: str


@dataclass(frozen=True)
class IncentiveList:
    """Incentives open on a day, largest first, and what they add up to where they may be combined."""

    on: date
    incentives: tuple[Incentive, ...]
    combined_usd: Decimal | None


@dataclass(frozen=True)
class MeterCommitment:
    """One meter's part in a demand-response event."""

    meter_code: MeterCode
    baseline_kwh: float
    adjustment_factor: float
    committed_kw: float


@dataclass(frozen=True)
class DrEventPlan:
    """What to commit in a demand-response event, what it pays, and what falling short costs."""

    program: str
    event_start: datetime
    event_end: datetime
    baseline_method: str
    baseline_kwh: float
    committed_kw: float
    payment_usd: Decimal
    penalty_usd: Decimal
    meters: tuple[MeterCommitment, ...]


@dataclass(frozen=True)
class ProcurementRisk:
    """Cost of buying at the index against a fixed offer; CVaR95 is the mean of the worst 5 % of outcomes."""

    load_mwh: float
    index_p5_usd: Decimal
    index_p50_usd: Decimal
    index_p95_usd: Decimal
    index_cvar95_usd: Decimal
    fixed_cost_usd: Decimal
    break_even_usd_per_mwh: Decimal
    fixed_is_cheaper_probability: float
    draws: int
    seed: int
