"""Constants of the base that a forecast starts from: the mean of like days at the recent level."""

from __future__ import annotations

from typing import Final

LIKE_DECAY: Final = 0.8
"""A like day weighs this much of the next newer one."""
LEVEL_DAMPING: Final = 0.7
MAX_RATIO: Final = 2.0
"""A level further from one counts as this far."""
SCALE_DAYS: Final = 28
