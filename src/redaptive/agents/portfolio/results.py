"""What the portfolio tools answer with, beyond the records of the domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from redaptive.agents.portfolio.profiles import Skipped
from redaptive.domain.portfolio.change_point import ChangePointFit
from redaptive.domain.portfolio.opportunities import Opportunity
from redaptive.domain.portfolio.selection import Selection
from redaptive.domain.portfolio.summary import PortfolioSummary
from redaptive.domain.portfolio.usage import Exclusion
from redaptive.domain.portfolio.weather_normalization import FailedCheck


@dataclass(frozen=True)
class BenchmarkRow:
    """One building against its peers; gaps are per year and positive above the mark; None where not applicable."""

    building_code: str
    building_name: str
    building_type: str
    value: float
    unit: str
    percentile: float | None
    peer_median: float | None
    peer_p75: float | None
    ratio_to_median: float | None
    gap_to_median_kbtu: float | None
    gap_to_p75_kbtu: float | None
    gap_to_median_usd: float | None
    gap_to_p75_usd: float | None
    limit: float | None = None
    penalty_usd_per_y: float | None = None


@dataclass(frozen=True)
class BenchmarkReport:
    """Buildings by standing, worst first, and those left out with the reason. Percentiles are estimates."""

    metric: str
    peer: str
    label: str
    estimate: bool
    rows: tuple[BenchmarkRow, ...]
    excluded: tuple[Exclusion, ...]


@dataclass(frozen=True)
class NormalizedYear:
    """One fitted period: its model, its actual use and the use of a normal year in kWh; `failed` explains None."""

    period: str
    actual_kwh: float | None
    normal_year_kwh: float | None
    fit: ChangePointFit | None
    failed: tuple[FailedCheck, ...]


@dataclass(frozen=True)
class WeatherNormalization:
    """Baseline and reporting period of a building in the same normal year."""

    building_code: str
    commodity: str
    station: str
    normal_year: str
    baseline: NormalizedYear
    reporting: NormalizedYear | None
    change_pct: float | None


@dataclass(frozen=True)
class MonthlyPeak:
    """The largest interval of a local month."""

    month: date
    peak_kw: float
    peak_ts: datetime


@dataclass(frozen=True)
class LoadShape:
    """Load-shape metrics of one meter (LBNL definitions); None where nothing supports a metric."""

    meter_code: str
    interval_s: int
    base_kw: float
    peak_kw: float
    max_kw: float
    mean_kw: float
    base_peak_ratio: float | None
    load_factor: float | None
    high_load_h_per_day: float
    rise_hour: float | None
    fall_hour: float | None
    night_day_ratio: float | None
    weekend_weekday_ratio: float | None
    max_ramp_kw: float | None
    n_days: int
    monthly_peaks: tuple[MonthlyPeak, ...]


@dataclass(frozen=True)
class NotScreened:
    """A measure that could not be judged in some buildings for want of an input."""

    measure: str
    missing: tuple[str, ...]
    buildings: tuple[str, ...]


@dataclass(frozen=True)
class OpportunityReport:
    """Opportunities, largest saving first; buildings and measures that could not be screened, with what is missing."""

    period: str
    buildings_screened: int
    opportunities: tuple[Opportunity, ...]
    skipped: tuple[Skipped, ...]
    not_screened: tuple[NotScreened, ...]
    total_savings_usd_per_y: float
    total_capex_usd: float


@dataclass(frozen=True)
class RankedPortfolio:
    """The best set of projects for a budget, the projects themselves and a one-page summary."""

    selection: Selection
    projects: tuple[Opportunity, ...]
    summary: PortfolioSummary
    considered: int
    discount_rate: float
    escalation: float
