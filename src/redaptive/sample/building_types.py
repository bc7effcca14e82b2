"""Building types of the sample: size, energy intensity, end uses and opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log

from redaptive.sample.cities import CITIES, City

KBTU_PER_KWH = 3.412142
CHICAGO_DAYS, HOUSTON_DAYS = (6190.0, 930.0), (1340.0, 3160.0)


@dataclass(frozen=True)
class DoeReference:
    """Electricity (kWh/ft2) and site energy (kBtu/ft2) per year of a DOE reference model in two climates.

    Source: NREL/REopt.jl load profiles (Apache-2.0), annual energy over floor area.
    """

    chicago_kwh: float
    chicago_site: float
    houston_kwh: float
    houston_site: float

    def electricity_kwh_per_ft2(self, city: City) -> float:
        """Electricity in `city`: the line in cooling degree days through Chicago and Houston."""
        slope = (self.houston_kwh - self.chicago_kwh) / (HOUSTON_DAYS[1] - CHICAGO_DAYS[1])
        return self.chicago_kwh + slope * (city.cdd65_f - CHICAGO_DAYS[1])

    def heat_kbtu_per_ft2(self, city: City) -> tuple[float, float]:
        """(hot water, space heating) in `city`: the line in heating degree days through the same two."""
        chicago = self.chicago_site - self.chicago_kwh * KBTU_PER_KWH
        houston = self.houston_site - self.houston_kwh * KBTU_PER_KWH
        slope = (chicago - houston) / (CHICAGO_DAYS[0] - HOUSTON_DAYS[0])
        hot_water = max(0.2 * houston, houston - slope * HOUSTON_DAYS[0])
        return hot_water, slope * city.hdd65_f

    def site_kbtu_per_ft2(self, city: City) -> float:
        """Site energy in `city`: electricity, hot water and space heating."""
        return self.electricity_kwh_per_ft2(city) * KBTU_PER_KWH + sum(self.heat_kbtu_per_ft2(city))


SMALL_OFFICE = DoeReference(15.7, 73, 17.9, 67)
MEDIUM_OFFICE = DoeReference(18.1, 67, 18.1, 63)
LARGE_OFFICE = DoeReference(12.8, 60, 15.1, 56)
RETAIL = DoeReference(20.6, 129, 23.6, 92)
OUTPATIENT = DoeReference(38.8, 219, 42.9, 216)
HOSPITAL = DoeReference(35.5, 175, 39.9, 175)
LARGE_HOTEL = DoeReference(19.7, 166, 25.0, 134)
WAREHOUSE = DoeReference(4.7, 59, 4.3, 24)
SUPERMARKET = DoeReference(45.0, 236, 49.5, 191)
# No reference model exists for these two; the figures are design values between their neighbours.
COLD_STORE = DoeReference(20.0, 84, 22.5, 84)
FACTORY = DoeReference(9.0, 55, 9.6, 40)


@dataclass(frozen=True)
class BuildingType:
    """One type. `end_uses` are relative weights of electricity at 1,500 F cooling degree days.

    `base` is night over day use when closed; `saturday` and `sunday` scale the open hours.
    `median_site_eui` in kBtu/ft2 per year is the ENERGY STAR Portfolio Manager median.
    """

    key: str
    reference: DoeReference
    median_area_ft2: float
    median_site_eui: float
    opens: float
    closes: float
    saturday: float
    sunday: float
    base: float
    end_uses: tuple[tuple[str, float], ...]
    water_gal_per_ft2: float
    meter_weight: float
    floors: int
    season: tuple[float, float] = (0.0, 0.0)


_USES = ("lighting", "plug", "fans", "cooling", "refrigeration", "process")


def _type(key: str, reference: DoeReference, row: str, uses: str, season: tuple[float, float] = (0, 0)) -> BuildingType:
    """A type from its columns: see the comment above the table."""
    area, eui, opens, closes, saturday, sunday, base, water, meters, floors = (float(x) for x in row.split())
    weights = tuple(zip(_USES, (float(x) for x in uses.split()), strict=True))
    return BuildingType(
        key, reference, area, eui, opens, closes, saturday, sunday, base, weights, water, meters, int(floors), season
    )


# Columns: ft2, kBtu/ft2, opens, closes, Saturday, Sunday, base, gal/ft2, relative number of meters, floors;
# then weights of lighting, plug, fans, cooling, refrigeration, process; then season (summer, November-December).
_TYPES = (
    _type("office", LARGE_OFFICE, "180_000 52.9 6 18 0.25 0.10 0.30 13 1.2 8", "22 38 15 18 0 7"),
    _type("financial_office", MEDIUM_OFFICE, "53_628 52.9 6 19 0.2 0.1 0.38 13 1.0 4", "20 45 14 16 0 5"),
    _type("bank_branch", SMALL_OFFICE, "5_500 88.3 7.5 18 0.6 0.05 0.30 15 0.55 1", "26 36 15 20 0 3"),
    _type("retail", RETAIL, "90_000 51.4 8 21.5 1.0 0.9 0.25 8 0.9 1", "40 14 20 20 2 4", (0, 0.08)),
    _type("supermarket", SUPERMARKET, "45_000 196.0 5 23 1.0 1.0 0.60 25 1.1 1", "18 9 10 10 48 5"),
    _type(
        "distribution_warehouse", WAREHOUSE, "250_000 22.7 6 18 0.5 0.15 0.25 4 0.8 1", "42 14 16 12 0 16", (0, 0.06)
    ),
    _type("refrigerated_warehouse", COLD_STORE, "120_000 84.1 5 21 0.8 0.6 0.60 8 1.0 1", "12 6 6 4 68 4"),
    _type("hospital", HOSPITAL, "241_351 234.3 6 20 0.92 0.90 0.76 50 2.2 6", "16 26 28 14 2 14"),
    _type("outpatient", OUTPATIENT, "40_946 62.0 7 19 0.35 0.1 0.40 20 0.9 2", "20 30 20 22 0 8"),
    _type("medical_office", MEDIUM_OFFICE, "60_000 51.2 7 18 0.2 0.1 0.35 16 0.9 3", "24 34 18 18 0 6"),
    _type("hotel", LARGE_HOTEL, "122_120 63.0 5 23.5 1.0 1.0 0.52 60 1.1 8", "24 26 16 22 4 8", (0.05, 0)),
    _type("other", FACTORY, "160_000 40.1 5 23 0.5 0.2 0.35 10 1.2 1", "15 8 14 9 0 54"),
)
TYPES: dict[str, BuildingType] = {kind.key: kind for kind in _TYPES}


@lru_cache(maxsize=64)
def _geometric_mean_eui(key: str) -> float:
    """Geometric mean of the reference's site energy over the twelve cities (kBtu/ft2)."""
    reference = TYPES[key].reference
    return exp(sum(log(reference.site_kbtu_per_ft2(city)) for city in CITIES) / len(CITIES))


def target_kbtu_per_ft2(kind: BuildingType, city: City) -> tuple[float, float, float]:
    """(electricity, hot water, space heating) in kBtu/ft2 per year of the typical building of a type in a city.

    The climate pattern is the DOE reference's; the level is scaled so that the
    geometric mean over the cities is the published national median.
    """
    scale = kind.median_site_eui / _geometric_mean_eui(kind.key)
    hot_water, heating = kind.reference.heat_kbtu_per_ft2(city)
    electricity = kind.reference.electricity_kwh_per_ft2(city) * KBTU_PER_KWH
    return electricity * scale, hot_water * scale, heating * scale


def electricity_shares(kind: BuildingType, city: City) -> dict[str, float]:
    """Share of electricity by end use in a city; cooling grows with cooling degree days, heating with heating ones."""
    weights = dict(kind.end_uses)
    weights["cooling"] *= min(max(city.cdd65_f / 1500, 0.15), 3.0)
    weights["heating"] = 4.0 * city.hdd65_f / 4000
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}
