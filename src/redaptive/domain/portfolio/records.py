"""Records of a portfolio as the calculations see them; the database, importers and sample produce them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Commodity(StrEnum):
    """What a meter measures. Stored integer unit: Wh for every energy commodity (fuels at HHV), litres for water."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    STEAM = "steam"
    CHILLED_WATER = "chilled_water"
    HOT_WATER = "hot_water"
    FUEL_OIL = "fuel_oil"
    PROPANE = "propane"
    SOLAR = "solar"
    """On-site generation; positive is energy generated."""
    WATER = "water"


class MeterRole(StrEnum):
    """How a meter counts: only `MAIN` meters add up to a building's use."""

    MAIN = "main"
    SUB = "sub"
    VIRTUAL = "virtual"


@dataclass(frozen=True)
class Customer:
    """An owner of buildings; `code` is unique in a tenant."""

    code: str
    name: str
    sector: str


@dataclass(frozen=True)
class Site:
    """A place with one time zone, one weather station and one set of prices."""

    code: str
    name: str
    customer_code: str
    timezone: str
    country: str = "US"
    state: str | None = None
    city: str | None = None
    postal_code: str | None = None
    climate_zone: str | None = None
    egrid_subregion: str | None = None
    weather_station: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None


@dataclass(frozen=True)
class BuildingSystems:
    """What is known of a building's equipment; None is unknown and never triggers a measure."""

    lighting_w_per_ft2: float | None = None
    lighting_type: str | None = None
    lighting_hours_per_y: float | None = None
    fan_pump_motor_hp: float | None = None
    motor_constant_speed: bool | None = None
    motor_hours_per_y: float | None = None
    hvac_type: str | None = None
    hvac_age_y: float | None = None
    cooling_tons: float | None = None
    chiller_kw_per_ton: float | None = None
    boiler_mbh: float | None = None
    boiler_efficiency: float | None = None
    roof_area_ft2: float | None = None
    existing_pv_kwdc: float | None = None


@dataclass(frozen=True)
class Building:
    """One building; `building_type` is a key of the benchmark table (`office`, `hospital`, ...)."""

    code: str
    name: str
    site_code: str
    building_type: str
    gross_floor_area_ft2: float | None
    year_built: int | None = None
    parking_area_ft2: float = 0.0
    systems: BuildingSystems = BuildingSystems()


@dataclass(frozen=True)
class Meter:
    """One meter. `meter_no` is the integer key of the readings store, given by the database.

    `interval_s` is the cadence of its readings; `multiplier` has been applied to stored values.
    """

    code: str
    building_code: str
    commodity: Commodity
    role: MeterRole = MeterRole.MAIN
    end_use: str | None = None
    parent_code: str | None = None
    interval_s: int = 3600
    multiplier: float = 1.0
    meter_no: int | None = None


@dataclass(frozen=True)
class EnergyPrice:
    """Blended price at a site in USD per kWh (energy) or per 1,000 litres (water), plus the demand charge."""

    site_code: str
    commodity: Commodity
    usd_per_unit: float
    unit: str
    effective_from: date
    demand_usd_per_kw_month: float = 0.0
    effective_to: date | None = None
    source: str = ""
