"""Site and source energy use intensity of a building over 12 months (domain.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redaptive.domain.constants import KBTU_PER_KWH
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

MONTHS: Final = 12
MIN_COVERAGE_PCT: Final = 95.0


@dataclass(frozen=True)
class Eui:
    """kBtu/ft²·yr at the building (site) and at the power plant or well (source)."""

    site_kbtu_per_ft2: float
    source_kbtu_per_ft2: float


def eui_refusal(gross_floor_area_ft2: float | None, months: int, coverage_pct: float) -> str | None:
    """Why a building has no EUI, naming the missing input; None where it has one."""
    if gross_floor_area_ft2 is None or not gross_floor_area_ft2 > 0:
        return "gross_floor_area_ft2 is missing"
    if months < MONTHS:
        return f"{months} of {MONTHS} consecutive months have readings"
    if coverage_pct < MIN_COVERAGE_PCT:
        return f"readings cover {coverage_pct:.1f} % of the year; {MIN_COVERAGE_PCT:.0f} % are needed"
    return None


def eui(
    energy_kwh: Mapping[Commodity, float],
    gross_floor_area_ft2: float | None,
    source_factors: Mapping[Commodity, float],
    *,
    months: int,
    coverage_pct: float,
) -> Eui:
    """Site and source EUI from the energy of 12 consecutive months.

    `energy_kwh` is thermal kWh (HHV) for fuels; electricity is net import from the grid, solar is generation, so
    their sum is what the building consumed. The floor area excludes parking, as Portfolio Manager's does. Water is
    ignored. Raises InvalidInput naming the missing input (area, months, coverage, source factor).
    """
    why = eui_refusal(gross_floor_area_ft2, months, coverage_pct)
    if why is not None or gross_floor_area_ft2 is None:
        raise InvalidInput(f"No EUI: {why}.", field=(why or "").split(" ")[0], fix="Load the missing input.")
    site_kwh = sum(value for commodity, value in energy_kwh.items() if commodity is not Commodity.WATER)
    factor = KBTU_PER_KWH / gross_floor_area_ft2
    return Eui(site_kwh * factor, source_kwh(energy_kwh, source_factors) * factor)


def source_kwh(energy_kwh: Mapping[Commodity, float], source_factors: Mapping[Commodity, float]) -> float:
    """Source energy: each commodity times its factor; net export of solar is not credited at the grid's factor."""
    used = {c: v for c, v in energy_kwh.items() if c is not Commodity.WATER}
    grid, solar = used.get(Commodity.ELECTRICITY, 0.0), used.get(Commodity.SOLAR, 0.0)
    if grid < 0:  # exported more than imported: what was consumed came from the roof
        used |= {Commodity.ELECTRICITY: 0.0, Commodity.SOLAR: solar + grid}
    missing = sorted(c for c in used if c not in source_factors)
    if missing:
        raise InvalidInput(f"No source factor for {', '.join(missing)}.", field="source_factors", fix="Add its row.")
    return sum(value * source_factors[commodity] for commodity, value in used.items())
