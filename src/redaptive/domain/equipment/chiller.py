"""Figures of a chiller from one set of measurements (domain.md 8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redaptive.errors import InvalidInput

GPM_F_PER_TON: Final = 24.0
"""500 Btu/h per gal/min and degF, by 12,000 Btu/h a ton: water."""
KW_PER_TON: Final = 3.517
"""kW of heat in a ton of cooling."""


@dataclass(frozen=True)
class DesignCurve:
    """Share of full-load power at part load x (0-1): c0 + c1 x + c2 x2, as EIR-FPLR of DOE-2."""

    c0: float
    c1: float
    c2: float

    def power_share(self, load: float) -> float:
        """Power at this load over power at full load."""
        return self.c0 + self.c1 * load + self.c2 * load * load


@dataclass(frozen=True)
class ChillerFigures:
    """Tons of cooling, specific power, COP, load against design (%), deviation from design (%, + is worse)."""

    tons: float
    kw_per_ton: float
    cop: float
    load_pct: float | None
    design_kw_per_ton: float | None
    deviation_pct: float | None


def cooling_tons(flow_gpm: float, delta_f: float) -> float:
    """Tons of cooling of a flow of water that warms by `delta_f`.

    >>> round(cooling_tons(1000.0, 10.0), 2)
    416.67
    """
    return flow_gpm * delta_f / GPM_F_PER_TON


def iplv(a: float, b: float, c: float, d: float) -> float:
    """Integrated part load value in kW/ton of the kW/ton at 100, 75, 50 and 25 % load (AHRI 550/590).

    >>> round(iplv(0.65, 0.60, 0.55, 0.58), 4)
    0.5746
    """
    return 1.0 / (0.01 / a + 0.42 / b + 0.45 / c + 0.12 / d)


def chiller_figures(
    power_kw: float,
    flow_gpm: float,
    chws_f: float,
    chwr_f: float,
    *,
    design_kw_per_ton: float | None = None,
    design_tons: float | None = None,
    curve: DesignCurve | None = None,
) -> ChillerFigures:
    """The figures; with design tons and a curve the deviation is at equal load, else against full load.

    :raises InvalidInput: the return is not warmer than the supply, so that there is no cooling.
    """
    if chwr_f <= chws_f:
        raise InvalidInput(
            f"Chilled water returns at {chwr_f:g} degF, not warmer than it leaves at {chws_f:g} degF.",
            field="chwr_f",
            fix="Check whether the two sensors are exchanged, or whether the chiller runs.",
        )
    tons = cooling_tons(flow_gpm, chwr_f - chws_f)
    specific = power_kw / tons
    load = tons / design_tons if design_tons else None
    expected = design_kw_per_ton
    if expected is not None and load is not None and curve is not None:
        expected *= curve.power_share(load) / load
    deviation = None if expected is None else 100.0 * (specific / expected - 1.0)
    load_pct = None if load is None else 100.0 * load
    return ChillerFigures(tons, specific, KW_PER_TON / specific, load_pct, expected, deviation)
