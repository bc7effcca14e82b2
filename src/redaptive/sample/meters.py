"""Meters of the sample: how many each building gets, what they measure and how often."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from redaptive.domain.portfolio.records import Commodity, Meter, MeterRole
from redaptive.sample.building_types import TYPES
from redaptive.sample.metering import METERED_SHARE
from redaptive.sample.randomness import Purpose, generator
from redaptive.sample.specs import BuildingSpec, MeterKind, MeterSpec, SampleSize

COUNTS = {SampleSize.DEMO: (24, 200), SampleSize.F500: (480, 12_000), SampleSize.SCALE: (4_000, 100_000)}
"""Buildings and meters of each size."""
_MINIMUM_SUBMETERS = 2
_CODES = {
    "lighting": "LTG",
    "plug": "PLG",
    "tenant": "TEN",
    "hvac": "HVAC",
    "refrigeration": "REF",
    "process": "PRC",
    "ev": "EV",
}
_COMMODITY = {MeterKind.GAS: Commodity.GAS, MeterKind.WATER: Commodity.WATER, MeterKind.SOLAR: Commodity.SOLAR}


def _fixed_count(spec: BuildingSpec) -> int:
    """Meters that a building has in any case: electric mains, gas, water, solar."""
    return len(spec.main_weights) + 2 + (spec.pv_kwdc > 0)


def submeter_counts(specs: Sequence[BuildingSpec], total: int) -> list[int]:
    """Submeters per building so that all meters are exactly `total`: by largest remainder of size and type."""
    free = total - sum(_fixed_count(s) + _MINIMUM_SUBMETERS for s in specs)
    sizes = [TYPES[s.type_key].meter_weight * (s.area_ft2 / TYPES[s.type_key].median_area_ft2) ** 0.4 for s in specs]
    quota = np.array(sizes) * free / sum(sizes)
    counts = np.floor(quota).astype(int)
    order = np.argsort(-(quota - counts), kind="stable")
    counts[order[: free - int(counts.sum())]] += 1
    return [int(count) + _MINIMUM_SUBMETERS for count in counts]


def _submeter_uses(spec: BuildingSpec, count: int) -> list[str]:
    """End uses of `count` submeters: each present use once, largest first, then again in the same order."""
    weights = dict(TYPES[spec.type_key].end_uses)
    weights["hvac"] = weights.pop("fans") + weights.pop("cooling")
    present = sorted((name for name, weight in weights.items() if weight >= 2), key=lambda n: -weights[n])
    order = [*present[:2], *(["ev"] if spec.ev_share else []), *present[2:]]
    return [order[n % len(order)] for n in range(count)]


def meter_specs(seed: int, size: SampleSize, spec: BuildingSpec, first: int, submeters: int) -> list[MeterSpec]:
    """Specifications of a building's meters, numbered from `first`: mains, gas, water, solar, submeters.

    Cadence: every meter of `f500` and `scale` reports each 15 minutes (12,000 meters give
    48,000 readings an hour); in `demo` the electric mains do and the others report hourly.
    """
    rng = generator(seed, Purpose.METER, spec.number)
    other = 1 if size is SampleSize.DEMO else 4
    slots_of_mains = range(len(spec.main_weights))
    mains = [(MeterKind.MAIN, "electricity", n, 1.0, rng.uniform(0.03, 0.04), 4) for n in slots_of_mains]
    rows = [*mains, (MeterKind.GAS, "gas", 0, 1.0, 0.05, other), (MeterKind.WATER, "water", 0, 1.0, 0.05, other)]
    if spec.pv_kwdc > 0:
        rows.append((MeterKind.SOLAR, "solar", 0, 1.0, 0.0, other))
    uses = _submeter_uses(spec, submeters)
    slots = [int(rng.choice(len(spec.main_weights), p=spec.main_weights)) for _ in uses]
    parts = rng.uniform(0.3, 1.0, len(uses))
    for use, slot, part in zip(uses, slots, parts, strict=True):
        together = sum(p for u, s, p in zip(uses, slots, parts, strict=True) if (u, s) == (use, slot))
        share = METERED_SHARE * float(part / max(together, 0.75))
        rows.append((MeterKind.SUB, use, slot, share, rng.uniform(0.03, 0.055), other))
    return [
        MeterSpec(first + n, spec.number, kind, use, slot, share, float(sd), quarters)
        for n, (kind, use, slot, share, sd, quarters) in enumerate(rows)
    ]


def meter_records(building_code: str, building: BuildingSpec, specs: Sequence[MeterSpec]) -> list[Meter]:
    """Public records of one building's meters, in the order of `specs`."""
    records, seen = [], dict.fromkeys(_CODES, 0)
    offices = building.type_key in ("office", "financial_office", "medical_office")
    for spec in specs:
        if spec.kind is MeterKind.SUB:
            use = "tenant" if offices and spec.use == "plug" and seen["plug"] > seen["tenant"] else spec.use
            seen[use] += 1
            code, parent = f"{_CODES[use]}{seen[use]:02d}", f"{building_code}-E{spec.main_slot + 1}"
        else:
            letter = {"main": "E", "gas": "G", "water": "W", "solar": "PV"}[spec.kind]
            use, code, parent = None, f"{letter}{spec.main_slot + 1}", None
        records.append(
            Meter(
                f"{building_code}-{code}",
                building_code,
                _COMMODITY.get(spec.kind, Commodity.ELECTRICITY),
                MeterRole.SUB if parent else MeterRole.MAIN,
                use,
                parent,
                3600 // spec.quarters,
            )
        )
    return records
