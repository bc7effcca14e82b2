"""Prices and emission factors of each site, with the versions used and what a reader must be told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from redaptive.agents.portfolio.inputs import Portfolio
from redaptive.domain.constants import KBTU_PER_KWH, KBTU_PER_THERM
from redaptive.domain.portfolio.records import Commodity, Site
from redaptive.errors import NotFound
from redaptive.reference.loader import ReferenceData
from redaptive.reference.records import ReferenceRecord

KWH_PER_THERM: Final = KBTU_PER_THERM / KBTU_PER_KWH
FACTOR_SCHEMA: Final = pl.Schema(
    {
        "site_code": pl.String(),
        "commodity": pl.String(),
        "usd_per_unit": pl.Float64(),
        "kg_co2e_per_unit": pl.Float64(),
    }
)
_DEFAULT_PRICED = (Commodity.ELECTRICITY, Commodity.GAS)


@dataclass
class Used:
    """Versions and warnings gathered while factors are looked up."""

    versions: set[str] = field(default_factory=set)
    warnings: set[str] = field(default_factory=set)

    def note(self, record: ReferenceRecord, at: date) -> None:
        """Remember that a record was used for activity at `at`."""
        self.versions.add(record.version)
        self.warnings.update(record.warnings_at(at))

    def warn(self, warnings: Iterable[str]) -> None:
        """Add warnings of a calculation."""
        self.warnings.update(warnings)


@dataclass(frozen=True)
class Prices:
    """What energy costs at a site and what it emits, per kWh (HHV for gas); None is unknown."""

    electricity_usd_per_kwh: float | None
    gas_usd_per_kwh: float | None
    demand_usd_per_kw_month: float | None
    electricity_kg_per_kwh: float | None
    gas_kg_per_kwh: float | None


@dataclass(frozen=True)
class PriceOverrides:
    """Prices that the caller gives instead of the loaded ones; None keeps those."""

    electricity_usd_per_kwh: float | None = None
    gas_usd_per_therm: float | None = None
    demand_usd_per_kw_month: float | None = None
    grid_kg_per_kwh: float | None = None

    def described(self) -> dict[str, float]:
        """The prices and factors that are given, for `inputs_used`; zero is given too."""
        return {name: value for name, value in vars(self).items() if value is not None}


class Factors:
    """Looks up prices and emission factors as of one day, remembering what was used."""

    def __init__(self, portfolio: Portfolio, reference: ReferenceData, at: date, overrides: PriceOverrides) -> None:
        self._portfolio, self._reference, self._at, self._given = portfolio, reference, at, overrides
        self._sites = {b.code: portfolio.site_of(b) for b in portfolio.buildings}
        self.used = Used()

    def frame(self) -> pl.DataFrame:
        """site_code, commodity, usd_per_unit, kg_co2e_per_unit per kWh (per 1,000 litres of water); null is unknown."""
        wanted = sorted({(self._sites[m.building_code].code, m.commodity) for m in self._portfolio.meters})
        rows = [
            (code, c.value, self.usd(self._portfolio.sites[code], c), self.kg(self._portfolio.sites[code], c))
            for code, c in wanted
        ]
        return pl.DataFrame(rows, schema=FACTOR_SCHEMA, orient="row")

    def prices(self, site: Site) -> Prices:
        """All prices and factors of electricity and gas at a site."""
        own = self._portfolio.price(site.code, Commodity.ELECTRICITY, self._at)
        demand = self._given.demand_usd_per_kw_month
        return Prices(
            self.usd(site, Commodity.ELECTRICITY),
            self.usd(site, Commodity.GAS),
            demand if demand is not None else (own.demand_usd_per_kw_month if own else None),
            self.kg(site, Commodity.ELECTRICITY),
            self.kg(site, Commodity.GAS),
        )

    def usd(self, site: Site, commodity: Commodity) -> float | None:
        """USD per kWh (per 1,000 litres of water): the caller's, the site's own, else the state's average."""
        given = self._override(commodity)
        if given is not None:
            self.used.versions.add("prices given by the caller")
            return given
        own = self._portfolio.price(site.code, commodity, self._at)
        if own is not None:
            self.used.versions.add(f"site prices: {own.source or 'unnamed'}")
            return own.usd_per_unit
        if site.country != "US" or commodity not in _DEFAULT_PRICED:
            return None
        return self._state_average(site, commodity)

    def kg(self, site: Site, commodity: Commodity) -> float | None:
        """kg CO2e per kWh: grid average for electricity, combustion for fuels; None where no factor is loaded."""
        if commodity is Commodity.ELECTRICITY and self._given.grid_kg_per_kwh is not None:
            self.used.versions.add("grid factor given by the caller")
            return self._given.grid_kg_per_kwh
        try:
            if commodity is Commodity.ELECTRICITY:
                if site.country != "US":
                    return None
                grid = self._reference.grid_factor(site.egrid_subregion or "US", self._at)
                self.used.note(grid, self._at)
                return grid.kg_per_kwh
            fuel = self._reference.fuel_factor(commodity.value, self._at)
        except NotFound:
            return 0.0 if commodity is Commodity.WATER else None
        self.used.note(fuel, self._at)
        return fuel.kg_co2e_per_kwh

    def source_factors(self) -> dict[Commodity, float]:
        """Source-to-site ratios of the commodities there are; one without a row is left out."""
        found = {}
        for commodity in sorted({m.commodity for m in self._portfolio.meters} - {Commodity.WATER}):
            try:
                record = self._reference.source_factor(commodity.value, self._at)
            except NotFound:
                continue
            self.used.note(record, self._at)
            found[commodity] = record.factor
        return found

    def _override(self, commodity: Commodity) -> float | None:
        if commodity is Commodity.ELECTRICITY:
            return self._given.electricity_usd_per_kwh
        therm = self._given.gas_usd_per_therm
        return None if commodity is not Commodity.GAS or therm is None else therm / KWH_PER_THERM

    def _state_average(self, site: Site, commodity: Commodity) -> float | None:
        try:
            record = self._reference.price_default(site.state or "US", commodity.value, self._at)
        except NotFound:
            return None
        self.used.note(record, self._at)
        self.used.warnings.add(f"{site.code} has no {commodity} price: the average of {site.state or 'US'} is used")
        return record.usd_per_unit / (KWH_PER_THERM if record.unit == "therm" else 1.0)
