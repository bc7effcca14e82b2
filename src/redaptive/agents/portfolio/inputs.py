"""Reads what the portfolio tools need from the stores of one tenant, already limited to its buildings and meters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

import polars as pl
from anyio import to_thread

from redaptive.agents.portfolio.building_hours import HourlyLoad, building_hours
from redaptive.agents.portfolio.periods import Period, year_before
from redaptive.domain.answers import Source
from redaptive.domain.intervals import local_midnight, next_month
from redaptive.domain.portfolio.records import Building, Commodity, Customer, EnergyPrice, Meter, MeterRole, Site
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.building_store import BuildingFilter
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.readings.store import ReadingsStore

ALL_TIME: Final = (date(1970, 1, 1), date(2200, 1, 1))
CALENDAR_SCHEMA: Final = {"meter_id": pl.Int32(), "timezone": pl.String(), "interval_s": pl.Int32()}
COMPLETE: Final = 0.9
"""A month counts as complete when the portfolio has at least this share of its readings."""


@dataclass(frozen=True)
class Filters:
    """Which buildings; None leaves that side open, several must all hold."""

    portfolio_id: str | None = None
    sector: str | None = None
    building_type: str | None = None
    state: str | None = None
    climate_zone: str | None = None
    building_ids: Sequence[str] | None = None

    def described(self) -> dict[str, str | None]:
        """The conditions that are set, for `inputs_used`."""
        named = {k: v for k, v in vars(self).items() if v}
        return {k: v if isinstance(v, str) else ", ".join(v) for k, v in named.items()}


@dataclass(frozen=True)
class Portfolio:
    """Buildings with their sites, customers, counting meters and prices."""

    buildings: tuple[Building, ...]
    sites: Mapping[str, Site]
    customers: Mapping[str, Customer]
    meters: tuple[Meter, ...]
    prices: tuple[EnergyPrice, ...]

    def site_of(self, building: Building) -> Site:
        """The site on which a building stands."""
        return self.sites[building.site_code]

    def numbers(self, *commodities: Commodity) -> list[int]:
        """Keys of the counting meters, of the given commodities or of all."""
        return [m.meter_no for m in self.meters if m.meter_no and (not commodities or m.commodity in commodities)]

    def calendar(self, numbers: Sequence[int]) -> pl.DataFrame:
        """meter_id, timezone, interval_s of the given meters, as the readings store wants it."""
        wanted, zones = set(numbers), {b.code: self.site_of(b).timezone for b in self.buildings}
        rows = [(m.meter_no, zones[m.building_code], m.interval_s) for m in self.meters if m.meter_no in wanted]
        return pl.DataFrame(rows, schema=CALENDAR_SCHEMA, orient="row")

    def price(self, site_code: str, commodity: Commodity, at: date) -> EnergyPrice | None:
        """The price in effect at a site on a day, None when none is loaded."""
        for price in self._prices_by_site.get((site_code, commodity), ()):
            if price.effective_from <= at and (price.effective_to is None or at < price.effective_to):
                return price
        return None

    @cached_property
    def _prices_by_site(self) -> dict[tuple[str, Commodity], list[EnergyPrice]]:
        found: dict[tuple[str, Commodity], list[EnergyPrice]] = {}
        for price in self.prices:
            found.setdefault((price.site_code, price.commodity), []).append(price)
        return found

    def frame(self) -> pl.DataFrame:
        """One row per building: building_code, gross_floor_area_ft2, site_code and the columns to group by."""
        rows = [
            {
                "building_code": b.code,
                "gross_floor_area_ft2": b.gross_floor_area_ft2,
                "site_code": b.site_code,
                "building_type": b.building_type,
                "state": self.site_of(b).state,
                "climate_zone": self.site_of(b).climate_zone,
                "customer_code": self.site_of(b).customer_code,
                "sector": self.customers[self.site_of(b).customer_code].sector,
            }
            for b in self.buildings
        ]
        schema = dict.fromkeys(rows[0], pl.String()) | {"gross_floor_area_ft2": pl.Float64()}
        return pl.DataFrame(rows, schema=schema)


@dataclass(frozen=True)
class MonthlyUse:
    """Monthly rows by building and commodity, and where they were read."""

    rows: pl.DataFrame
    source: Source

    def default_period(self) -> Period:
        """The 12 months that end with the last complete one; raises InvalidInput without any."""
        sums = self.rows.group_by("month").agg(pl.col("n", "n_expected").sum())
        complete = sums.filter(pl.col("n") >= COMPLETE * pl.col("n_expected"))["month"].max()
        if not isinstance(complete, date):
            raise InvalidInput(
                "No month has 90 % of its readings.", field="readings", fix="Import readings, or name a period."
            )
        return year_before(next_month(complete, 1))


class PortfolioReader:
    """Reads for one tenant; the meters it passes on come from row-level security, never from the caller."""

    def __init__(self, store: PortfolioStore, readings: ReadingsStore) -> None:
        self._store = store
        self._readings = readings

    async def portfolio(self, filters: Filters) -> Portfolio:
        """The buildings that the filters leave; raises NotFound when there is none."""
        customers = {c.code: c for c in await self._store.customers()}
        sites = {s.code: s for s in await self._store.sites()}
        buildings = [b for b in await self._buildings(filters) if _in_sector(b, filters.sector, sites, customers)]
        if not buildings:
            raise _nothing_found(filters, sites)
        codes = {b.code for b in buildings}
        meters = tuple(m for m in await self._counting_meters() if m.building_code in codes)
        return Portfolio(tuple(buildings), sites, customers, meters, tuple(await self._store.prices()))

    async def monthly(self, portfolio: Portfolio, period: Period | None = None) -> MonthlyUse:
        """Monthly use by building and commodity of the period and the year before it (of all time without one)."""
        if not portfolio.meters:
            raise InvalidInput("The buildings have no main meter.", field="meters", fix="Import readings or meters.")
        start, end = (next_month(period.start, -24), period.end) if period else ALL_TIME
        numbers = portfolio.numbers()
        calendar = portfolio.calendar(numbers)
        rows = await to_thread.run_sync(self._readings.monthly, numbers, start, end, calendar)
        if rows.is_empty():
            raise InvalidInput(
                "The buildings' main meters have no reading in the period.",
                field="readings",
                fix="Import readings with `redaptive import readings`, or choose another period.",
            )
        return MonthlyUse(_by_building(rows, portfolio.meters), await self.source(portfolio))

    async def source(self, portfolio: Portfolio) -> Source:
        """Where the readings of a portfolio come from: its counting meters and the version of the table."""
        version = (await to_thread.run_sync(self._readings.statistics)).version
        return Source("readings", f"{len(portfolio.meters)} main meters", f"table version {version}")

    async def hourly_loads(
        self, portfolio: Portfolio, period: Period, *commodities: Commodity
    ) -> dict[Commodity, HourlyLoad]:
        """Hourly energy of each building by commodity, inside the local months; a commodity without meters is absent.

        An hour in which any of the building's meters lacks a reading is absent: a gap is never a lower load.
        """
        numbers = portfolio.numbers(*commodities)
        calendar = portfolio.calendar(numbers)
        spans = _spans(period, calendar["timezone"].unique().to_list())
        if spans.is_empty():
            return {}
        start, end = spans["start"].min(), spans["end"].max()
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        rows = await to_thread.run_sync(self._readings.hour_sums, numbers, start, end)
        keys = _keys(portfolio.meters).join(calendar, on="meter_id").join(spans, on="timezone")
        loads = await to_thread.run_sync(building_hours, rows, keys)
        return {Commodity(name): load for name, load in loads.items()}

    async def _counting_meters(self) -> list[Meter]:
        """The tenant's meters that add up; submeters, most of all meters, are not even read."""
        mains = await self._store.meters(role=MeterRole.MAIN)
        solar = await self._store.meters(commodity=Commodity.SOLAR)
        return list({m.code: m for m in (*mains, *solar) if counts(m)}.values())

    async def _buildings(self, filters: Filters) -> list[Building]:
        return await self._store.buildings(
            BuildingFilter(
                building_types=_one(filters.building_type),
                states=_one(filters.state),
                climate_zones=_one(filters.climate_zone),
                portfolio_code=filters.portfolio_id,
                building_codes=filters.building_ids,
            )
        )


def counts(meter: Meter) -> bool:
    """Whether a meter adds to its building's use: mains, and on-site generation wherever it hangs."""
    return meter.role is MeterRole.MAIN or meter.commodity is Commodity.SOLAR


def _nothing_found(filters: Filters, sites: Mapping[str, Site]) -> NotFound:
    """Says apart that a tenant has nothing yet and that nothing is left of what it has."""
    if not sites:
        return NotFound(
            "This tenant has no building yet.",
            field="tenant",
            fix="Import buildings, or name the tenant that has them: --tenant (the sample's is `demo`).",
        )
    asked = ", ".join(f"{name} {value}" for name, value in filters.described().items())
    states = ", ".join(sorted({site.state for site in sites.values() if site.state}))
    return NotFound(
        f"No building matches{f' {asked}' if asked else ''}.",
        field="filters",
        fix=f"Widen the filters or import buildings. States on record: {states}.",
    )


def _spans(period: Period, timezones: Sequence[str]) -> pl.DataFrame:
    """The period in UTC for each time zone."""
    rows = [(zone, local_midnight(period.start, zone), local_midnight(period.end, zone)) for zone in timezones]
    moment = pl.Datetime("us", "UTC")
    return pl.DataFrame(rows, schema={"timezone": pl.String(), "start": moment, "end": moment}, orient="row")


def _one(value: str | None) -> list[str] | None:
    return None if value is None else [value]


def _in_sector(
    building: Building, sector: str | None, sites: Mapping[str, Site], customers: Mapping[str, Customer]
) -> bool:
    return sector is None or customers[sites[building.site_code].customer_code].sector == sector


def _keys(meters: Sequence[Meter]) -> pl.DataFrame:
    rows = [(m.meter_no, m.building_code, m.commodity.value) for m in meters]
    schema = {"meter_id": pl.Int32, "building_code": pl.String, "commodity": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _by_building(rows: pl.DataFrame, meters: Sequence[Meter]) -> pl.DataFrame:
    """Sums over the meters of a building and commodity; a meter without any row in a month counts as missing then."""
    keys = _keys(meters)
    fleet = keys.group_by("building_code", "commodity").agg(n_meters=pl.len())
    sums = (
        rows.join(keys, on="meter_id")
        .group_by("building_code", "commodity", "month")
        .agg(
            pl.col("n", "n_expected", "n_flagged", "n_estimated").sum(),
            energy=pl.col("value_sum").sum(),
            peak_w=pl.col("peak_w").sum(),
            present=pl.len(),
        )
    )
    expected = pl.col("n_expected") * pl.col("n_meters") / pl.col("present")
    return (
        sums.join(fleet, on=["building_code", "commodity"])
        .with_columns(n_expected=expected.round().cast(pl.Int64))
        .drop("present", "n_meters")
    )
