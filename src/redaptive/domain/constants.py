"""Factors between units of energy, mass, area and volume; their sources are those of `units`."""

from __future__ import annotations

from typing import Final

KBTU_PER_KWH: Final = 3.412142
WH_PER_KBTU: Final = 1000.0 / KBTU_PER_KWH
KBTU_PER_THERM: Final = 100.0
KBTU_PER_CCF_GAS: Final = 102.6
"""EPA default HHV 0.001026 mmBtu/scf (40 CFR 98 Table C-1); a bill's printed heat content goes before it."""
KBTU_PER_MLB_STEAM: Final = 1194.0
KBTU_PER_TON_HOUR: Final = 12.0
KBTU_PER_GAL_OIL_2: Final = 138.0
KBTU_PER_GAL_PROPANE: Final = 91.0
KG_PER_LB: Final = 0.45359237
M2_PER_FT2: Final = 0.09290304
LITRES_PER_US_GALLON: Final = 3.785411784
LITRES_PER_CUBIC_FOOT: Final = 28.316846592
WH_PER_MJ: Final = 1000.0 / 3.6
