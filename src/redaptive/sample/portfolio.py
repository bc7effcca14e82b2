"""The sample portfolio: records, specifications and plans of a size and a seed, without any reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from redaptive.domain.portfolio.records import Building, Commodity, Customer, EnergyPrice, Meter, Site
from redaptive.errors import InvalidInput
from redaptive.sample.cities import CITIES, PRICE_SOURCE, City
from redaptive.sample.construction import building_record, building_spec, place_of, site_code
from redaptive.sample.customers import CUSTOMERS
from redaptive.sample.faults import Fault
from redaptive.sample.meters import COUNTS, meter_records, meter_specs, submeter_counts
from redaptive.sample.model import Climate
from redaptive.sample.planning import plan_bill_errors, plan_changes, plan_faults
from redaptive.sample.randomness import Purpose, generator
from redaptive.sample.specs import (
    BuildingSpec,
    MeterSpec,
    NonRoutineEvent,
    PlannedBillError,
    Project,
    SampleSize,
)

HORIZON_DAYS = 400
"""Readings exist this long after the history's end, so that live metering can be played on."""
PRICE_GROWTH = 1.03


@dataclass(frozen=True)
class SamplePortfolio:
    """A portfolio with its truth. `meters[i]` and `meter_specs[i]` are the same meter; so with buildings.

    The history is the local days [start, end) of each site; readings exist on [start, horizon).
    """

    size: SampleSize
    seed: int
    start: date
    end: date
    customers: tuple[Customer, ...]
    sites: tuple[Site, ...]
    buildings: tuple[Building, ...]
    meters: tuple[Meter, ...]
    prices: tuple[EnergyPrice, ...]
    faults: tuple[Fault, ...]
    projects: tuple[Project, ...]
    non_routine_events: tuple[NonRoutineEvent, ...]
    bill_errors: tuple[PlannedBillError, ...]
    building_specs: tuple[BuildingSpec, ...] = field(repr=False)
    meter_specs: tuple[MeterSpec, ...] = field(repr=False)
    climate: Climate = field(repr=False, compare=False)

    @property
    def horizon(self) -> date:
        """First day for which no reading can be made."""
        return self.end + timedelta(days=HORIZON_DAYS)

    @property
    def stations(self) -> tuple[str, ...]:
        """Weather stations of the sites, sorted."""
        return tuple(sorted({site.weather_station for site in self.sites if site.weather_station}))


def build_portfolio(
    size: SampleSize | str, *, seed: int = 1, end: date = date(2026, 1, 1), years: int = 2
) -> SamplePortfolio:
    """The portfolio of a size: everything except readings, weather and bills; 100,000 meters take seconds.

    Raises InvalidInput for fewer than one year or an end before 1990.
    """
    if years < 1 or end.year < 1990:
        raise InvalidInput(f"A history of {years} years to {end} cannot be made.", field="years", fix="Give 1 or more.")
    size = SampleSize(size)
    start = end.replace(year=end.year - years, day=min(end.day, 28))
    n_buildings, n_meters = COUNTS[size]
    specs = tuple(building_spec(seed, number) for number in range(n_buildings))
    buildings = tuple(building_record(seed, spec) for spec in specs)
    meters, metered = _meters(size, seed, specs, buildings, n_meters)
    projects, events = plan_changes(seed, specs, start, end)
    return SamplePortfolio(
        size,
        seed,
        start,
        end,
        tuple(Customer(plan.code, plan.name, plan.sector) for plan in CUSTOMERS),
        _sites(n_buildings),
        buildings,
        meters,
        _prices(seed, n_buildings, start, end),
        plan_faults(seed, metered, specs, start, end),
        projects,
        events,
        plan_bill_errors(seed, metered, 12 * years - 1),
        specs,
        metered,
        Climate(seed, start, end + timedelta(days=HORIZON_DAYS)),
    )


def _meters(
    size: SampleSize, seed: int, specs: Sequence[BuildingSpec], buildings: Sequence[Building], total: int
) -> tuple[tuple[Meter, ...], tuple[MeterSpec, ...]]:
    """Records and specifications of all meters."""
    records: list[Meter] = []
    metered: list[MeterSpec] = []
    for spec, building, submeters in zip(specs, buildings, submeter_counts(specs, total), strict=True):
        own = meter_specs(seed, size, spec, len(metered), submeters)
        metered.extend(own)
        records.extend(meter_records(building.code, spec, own))
    return tuple(records), tuple(metered)


def _places(n_buildings: int) -> list[tuple[int, int]]:
    """(customer, city) of each site that has a building, in order."""
    return sorted({place_of(number)[:2] for number in range(n_buildings)})


def _sites(n_buildings: int) -> tuple[Site, ...]:
    """One site for each customer in each of its cities."""
    sites = []
    for customer, number in _places(n_buildings):
        city, plan = CITIES[number], CUSTOMERS[customer]
        sites.append(
            Site(
                site_code(customer, number),
                f"{plan.name.removesuffix(' (fictitious)')} {city.name}",
                plan.code,
                city.timezone,
                "US",
                city.state,
                city.name,
                city.postal_code,
                city.climate_zone,
                city.egrid_subregion,
                city.station,
                city.latitude_deg,
                city.longitude_deg,
            )
        )
    return tuple(sites)


def _prices(seed: int, n_buildings: int, start: date, end: date) -> tuple[EnergyPrice, ...]:
    """A price per site, commodity and calendar year: the city's, within 10 %, growing 3 % a year; the last is open."""
    prices: list[EnergyPrice] = []
    last = end.year if end > date(end.year, 1, 1) else end.year - 1
    for customer, number in _places(n_buildings):
        level = generator(seed, Purpose.BUILDING, (2 << 32) + customer * 100 + number).uniform(0.9, 1.1, 4)
        for year in range(start.year, last + 1):
            grown = [float(x) for x in level * PRICE_GROWTH ** (year - start.year)]
            until = None if year == last else date(year + 1, 1, 1)
            prices.extend(_year_prices(site_code(customer, number), CITIES[number], grown, date(year, 1, 1), until))
    return tuple(prices)


def _year_prices(site: str, city: City, level: list[float], since: date, until: date | None) -> list[EnergyPrice]:
    """Prices of one site and year; `level` multiplies electricity, demand, gas and water of the city."""
    demand = round(city.demand_usd_per_kw_month * level[1], 2)
    rows = (
        (Commodity.ELECTRICITY, city.electricity_usd_per_kwh * level[0], "kWh", demand),
        (Commodity.GAS, city.gas_usd_per_kwh * level[2], "kWh", 0.0),
        (Commodity.WATER, city.water_usd_per_1000_l * level[3], "1000 L", 0.0),
    )
    return [
        EnergyPrice(site, commodity, round(usd, 5), unit, since, charge, until, PRICE_SOURCE)
        for commodity, usd, unit, charge in rows
    ]
