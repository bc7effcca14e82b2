"""Buildings of the sample: their specification, public record and equipment, drawn from the seed."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from redaptive.domain.portfolio.records import Building, BuildingSystems
from redaptive.sample.building_types import KBTU_PER_KWH, TYPES, BuildingType, target_kbtu_per_ft2
from redaptive.sample.cities import CITIES
from redaptive.sample.customers import CUSTOMERS
from redaptive.sample.profiles import VARIANTS_H
from redaptive.sample.randomness import Purpose, generator
from redaptive.sample.specs import BuildingSpec

AREA_SIGMA = 0.45
EUI_SIGMA = 0.35
LITRES_PER_GALLON = 3.785411784
_MAIN_WEIGHTS = {1: (1.0,), 2: (0.65, 0.35), 3: (0.5, 0.3, 0.2)}
_T = TypeVar("_T")


def place_of(number: int) -> tuple[int, int, int]:
    """(customer, city, running number within the customer) of a building."""
    customer, order = number % len(CUSTOMERS), number // len(CUSTOMERS)
    return customer, (customer * 3 + order) % len(CITIES), order


def site_code(customer: int, city: int) -> str:
    """Code of the site of a customer in a city."""
    return f"{CUSTOMERS[customer].code}-{CITIES[city].key}"


def _main_count(area_ft2: float, draw: float) -> int:
    """Electric mains: one in small buildings, up to three in large ones."""
    if area_ft2 < 60_000:
        return 1
    return (2 if draw < 0.6 else 1) if area_ft2 < 250_000 else (3 if draw < 0.5 else 2)


def _solar_kwdc(rng: np.random.Generator, roof_ft2: float, kwh_per_y: float) -> float:
    """Size of an existing array: none in five of six buildings, else 10-30 % of the use, at most 60 % of the roof."""
    has, part = rng.random() < 1 / 6, rng.uniform(0.1, 0.3)
    return round(min(part * kwh_per_y / 1400, roof_ft2 * 0.6 * 0.012), 1) if has else 0.0


def building_spec(seed: int, number: int) -> BuildingSpec:
    """Specification of building `number`; depends on the seed and the number alone."""
    rng = generator(seed, Purpose.BUILDING, number)
    customer, city, order = place_of(number)
    types = CUSTOMERS[customer].types
    # The second term keeps a type from always falling into the same cities.
    kind = TYPES[types[(order + order // len(CITIES)) % len(types)]]
    area = float(np.round(kind.median_area_ft2 * np.exp(rng.normal(0, AREA_SIGMA)), -1))
    factor = float(np.exp(rng.normal(0, EUI_SIGMA))) * area / KBTU_PER_KWH
    electricity, hot_water, heating = (kbtu * factor for kbtu in target_kbtu_per_ft2(kind, CITIES[city]))
    return BuildingSpec(
        number,
        kind.key,
        city,
        int(rng.integers(len(VARIANTS_H))),
        area,
        electricity,
        hot_water,
        heating,
        kind.water_gal_per_ft2 * LITRES_PER_GALLON * area * float(np.exp(rng.normal(0, 0.25))),
        0.04 if rng.random() < 0.15 else 0.0,
        float(rng.choice((12.0, 14.0, 16.0))),
        float(rng.choice((13.0, 15.5))),
        _MAIN_WEIGHTS[_main_count(area, rng.random())],
        _solar_kwdc(rng, area / kind.floors, electricity),
    )


def building_record(seed: int, spec: BuildingSpec) -> Building:
    """Public record of a building."""
    rng = generator(seed, Purpose.BUILDING, (1 << 32) + spec.number)
    customer, city, order = place_of(spec.number)
    year = int(rng.integers(1962, 2019))
    name = f"{CUSTOMERS[customer].name.removesuffix(' (fictitious)')} {CITIES[city].name} {order + 1}"
    parking = round(spec.area_ft2 * 0.3, -2) if rng.random() < 0.1 else 0.0
    return Building(
        f"{CUSTOMERS[customer].code}-{CITIES[city].key}-{order + 1:03d}",
        name,
        site_code(customer, city),
        spec.type_key,
        spec.area_ft2,
        year,
        parking,
        _systems(rng, spec, TYPES[spec.type_key], year),
    )


def _known(rng: np.random.Generator, value: _T) -> _T | None:
    """The value, or None in one case of six: not everything is known of every building."""
    return None if rng.random() < 1 / 6 else value


def _systems(rng: np.random.Generator, spec: BuildingSpec, kind: BuildingType, year: int) -> BuildingSystems:
    """Plausible equipment: older buildings tend to fluorescent light, constant-speed motors and old plant."""
    led = rng.random() < (0.55 if year > 1995 else 0.3)
    watts = round(rng.uniform(0.4, 0.75) if led else rng.uniform(0.85, 1.7), 2)
    tons = round(spec.area_ft2 / rng.uniform(350, 550), 1)
    open_h = (kind.closes - kind.opens) * (250 + 52 * (kind.saturday + kind.sunday))
    has_chiller = tons > 150
    mbh = round(spec.area_ft2 * rng.uniform(0.018, 0.035), 1)
    return BuildingSystems(
        lighting_w_per_ft2=_known(rng, watts),
        lighting_type=_known(rng, "led" if led else "fluorescent"),
        lighting_hours_per_y=_known(rng, float(round(open_h))),
        fan_pump_motor_hp=_known(rng, round(spec.area_ft2 / rng.uniform(900, 1600), 1)),
        motor_constant_speed=_known(rng, bool(rng.random() < 0.5)),
        motor_hours_per_y=_known(rng, round(rng.uniform(2600, 8000), 0)),
        hvac_type=_known(rng, "chiller" if has_chiller else "rooftop_unit"),
        hvac_age_y=_known(rng, float(min(2025 - year, int(rng.integers(2, 28))))),
        cooling_tons=_known(rng, tons),
        chiller_kw_per_ton=_known(rng, round(rng.uniform(0.55, 1.05), 2)) if has_chiller else None,
        boiler_mbh=_known(rng, mbh),
        boiler_efficiency=_known(rng, round(rng.uniform(0.72, 0.93), 2)),
        roof_area_ft2=_known(rng, round(spec.area_ft2 / kind.floors, 0)),
        existing_pv_kwdc=spec.pv_kwdc or None,
    )  # fmt: skip
