"""Building profiles for screening: annual use, load shape and weather response from the readings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from anyio import to_thread

from redaptive.agents.portfolio.building_hours import HOUR_S, HourlyLoad
from redaptive.agents.portfolio.factors import KWH_PER_THERM, Factors, Prices
from redaptive.agents.portfolio.inputs import MonthlyUse, Portfolio, PortfolioReader
from redaptive.agents.portfolio.periods import Period
from redaptive.agents.portfolio.weather import DailyUse, WeatherYears, daily_use
from redaptive.domain.measures.base import BuildingProfile
from redaptive.domain.portfolio.change_point import ChangePointFit
from redaptive.domain.portfolio.load_shape import grid_shapes
from redaptive.domain.portfolio.records import Building, Commodity
from redaptive.domain.portfolio.weather_normalization import normalize_daily
from redaptive.errors import NotFound
from redaptive.reference.loader import ReferenceData

MIN_COVERAGE: Final = 0.9
NEAR_PEAK: Final = 0.9
Progress = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True)
class Skipped:
    """A building that cannot be screened, and what is missing."""

    building_code: str
    missing: str


@dataclass
class Profiles:
    """Profiles by building and the buildings left out."""

    ready: list[BuildingProfile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class Profiler:
    """Builds the profiles of a portfolio over one 12-month period."""

    def __init__(
        self, reader: PortfolioReader, reference: ReferenceData, portfolio: Portfolio, factors: Factors, period: Period
    ) -> None:
        self._reader, self._reference, self._portfolio = reader, reference, portfolio
        self._factors, self._period = factors, period

    async def build(self, use: MonthlyUse, weather: WeatherYears, progress: Progress) -> Profiles:
        """The profile of each building; reports progress in four steps."""
        await progress(1, 4, "load shapes")
        loads = await self._reader.hourly_loads(self._portfolio, self._period, Commodity.ELECTRICITY, Commodity.GAS)
        shapes = await to_thread.run_sync(_shapes, loads.get(Commodity.ELECTRICITY))
        await progress(2, 4, "weather response of electricity")
        electric = await to_thread.run_sync(self._slopes, loads.get(Commodity.ELECTRICITY), weather)
        await progress(3, 4, "weather response of gas")
        gas = await to_thread.run_sync(self._slopes, loads.get(Commodity.GAS), weather)
        annual = _annual(use.rows, self._period)
        result = Profiles()
        for building in self._portfolio.buildings:
            found = _Findings(annual.get(building.code, {}), shapes.get(building.code, {}))
            found.electric, found.gas = electric.get(building.code), gas.get(building.code)
            self._add(result, building, found, weather)
        await progress(4, 4, "profiles")
        return result

    def _add(self, result: Profiles, building: Building, found: _Findings, weather: WeatherYears) -> None:
        prices = self._factors.prices(self._portfolio.site_of(building))
        if missing := _missing(prices, found.annual):
            result.skipped.append(Skipped(building.code, missing))
            return
        try:
            kind = self._reference.building_type(building.building_type).key
            result.ready.append(self._profile(replace(building, building_type=kind), found, prices, weather))
        except NotFound as error:  # a building type without end-use shares
            result.skipped.append(Skipped(building.code, error.message))

    def _profile(self, building: Building, found: _Findings, prices: Prices, weather: WeatherYears) -> BuildingProfile:
        site, at = self._portfolio.site_of(building), self._period.start
        shares = self._reference.end_use_shares(building.building_type, at)
        self._factors.used.note(shares, at)
        degrees = weather.degrees(site.weather_station, site.timezone, self._period)
        shape, annual = found.shape, found.annual
        return BuildingProfile(
            building=building,
            annual_kwh=annual.get("kwh"),
            annual_therms=annual.get("therms"),
            price_usd_per_kwh=prices.electricity_usd_per_kwh or 0.0,
            price_usd_per_therm=(prices.gas_usd_per_kwh or 0.0) * KWH_PER_THERM,
            factor_kg_per_kwh=prices.electricity_kg_per_kwh or 0.0,
            factor_kg_per_therm=(prices.gas_kg_per_kwh or 0.0) * KWH_PER_THERM,
            electricity_shares=shares.electricity,
            gas_shares=shares.gas,
            demand_usd_per_kw_month=prices.demand_usd_per_kw_month,
            peak_kw=annual.get("peak_kw"),
            night_day_ratio=shape.get("night_day_ratio"),
            weekend_weekday_ratio=shape.get("weekend_weekday_ratio"),
            base_peak_ratio=shape.get("base_peak_ratio"),
            load_factor=shape.get("load_factor"),
            high_load_h_per_d=shape.get("high_load_h_per_day"),
            peak_hours_per_y=shape.get("peak_hours_per_y"),
            heating_therms_per_hdd=found.gas.heating_per_day_f / KWH_PER_THERM if found.gas else None,
            heating_kwh_per_hdd=found.electric.heating_per_day_f if found.electric else None,
            cooling_kwh_per_cdd=found.electric.cooling_per_day_f if found.electric else None,
            hdd=degrees.heating if degrees else None,
            cdd=degrees.cooling if degrees else None,
            pv_yield_kwh_per_kwdc_y=self._pv_yield(site.state, at),
        )

    def _pv_yield(self, state: str | None, at: date) -> float | None:
        try:
            figure = self._reference.pv_yield(state, at) if state else None
        except NotFound:
            return None
        if figure is None:
            return None
        self._factors.used.note(figure, at)
        return figure.value

    def _slopes(self, load: HourlyLoad | None, weather: WeatherYears) -> dict[str, ChangePointFit]:
        """The fitted model of each building whose days suffice."""
        daily = daily_use(load) if load else {}
        fits: dict[str, ChangePointFit] = {}
        for (station, zone), codes in _by_station(self._portfolio, daily).items():
            series, normal = weather.series(station, zone, self._period), weather.normal(station, zone)
            if series is None or normal is None:
                continue
            matrix = np.stack([daily[code].on(series.first_day, series.temperature_f.size) for code in codes])
            for code, outcome in zip(codes, normalize_daily(matrix, series, normal), strict=True):
                if outcome.fit is not None and not outcome.failed:
                    fits[code] = outcome.fit
        return fits


@dataclass
class _Findings:
    annual: Mapping[str, float]
    shape: Mapping[str, float]
    electric: ChangePointFit | None = None
    gas: ChangePointFit | None = None


def _missing(prices: Prices, annual: Mapping[str, float]) -> str | None:
    if "kwh" not in annual:
        return "12 months of electricity readings with 90 % coverage"
    if prices.electricity_usd_per_kwh is None:
        return "a price of electricity"
    if prices.electricity_kg_per_kwh is None:
        return "an emission factor of electricity"
    if "therms" in annual and prices.gas_usd_per_kwh is None:
        return "a price of gas"
    return None


def _annual(rows: pl.DataFrame, period: Period) -> dict[str, dict[str, float]]:
    """kwh, therms and peak_kw of each building with 12 months and enough coverage; what is missing is absent."""
    inside = rows.filter(pl.col("month").is_between(period.start, period.end, closed="left"))
    sums = inside.group_by("building_code", "commodity").agg(
        kwh=pl.col("energy").sum() / 1000.0,
        peak_kw=pl.col("peak_w").max() / 1000.0,
        months=pl.len(),
        coverage=pl.col("n").sum() / pl.col("n_expected").sum(),
    )
    found: dict[str, dict[str, float]] = {}
    for row in sums.filter((pl.col("months") >= period.months) & (pl.col("coverage") >= MIN_COVERAGE)).to_dicts():
        figures = found.setdefault(row["building_code"], {})
        if row["commodity"] == Commodity.ELECTRICITY:
            figures |= {"kwh": row["kwh"], "peak_kw": row["peak_kw"]}
        elif row["commodity"] == Commodity.GAS:
            figures["therms"] = row["kwh"] / KWH_PER_THERM
    return found


def _shapes(load: HourlyLoad | None) -> dict[str, dict[str, float]]:
    """Load-shape metrics by building from its hourly load; what nothing supports is absent, and measures say so."""
    found: dict[str, dict[str, float]] = {}
    if load is None:
        return found
    for zone, rows in load.by_zone().items():
        wh = load.wh[rows]
        near_peak = np.sum(wh > NEAR_PEAK * np.nanmax(wh, axis=1, keepdims=True), axis=1)
        for row in grid_shapes(wh / 1000.0, load.times_us, zone, HOUR_S).iter_rows(named=True):
            metrics = {**row, "peak_hours_per_y": float(near_peak[row["row"]])}
            found[load.codes[rows[row["row"]]]] = {k: v for k, v in metrics.items() if v is not None and np.isfinite(v)}
    return found


def _by_station(portfolio: Portfolio, daily: Mapping[str, DailyUse]) -> dict[tuple[str, str], list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for building in portfolio.buildings:
        site = portfolio.site_of(building)
        if site.weather_station and building.code in daily:
            groups.setdefault((site.weather_station, site.timezone), []).append(building.code)
    return groups
