"""Working days that read like a Sunday of the meter so far: a holiday or another closure, no anomaly.

Idea: since midnight, how far the readings lay from their own hours of the week and how far from a Sunday's. Where the
Sunday fits better, the distance is taken down by the share that it explains. Failure mode: a fault from midnight on
that makes a working day read like a Sunday is taken for a closure; the first hours at work still look strange.
Source: ours; constants chosen on development meters (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors.together.first_days import DAY_H, Floats
from redaptive.domain.detectors.together.usual import SLOTS

SUNDAY: Final = SLOTS - DAY_H
"""Hour of the week at which Sunday begins."""
CLIP_Z: Final = 5.0
KEPT: Final = 0.15
"""What is left of the distance of a day that a Sunday explains wholly."""


class Closure:
    """State of `meters` meters: their distances since midnight from the hours of the week and from a Sunday."""

    def __init__(self, meters: int) -> None:
        self._day = -1
        self._far = np.zeros((2, meters))

    def left(self, day: int, slot: int, z: Floats, closed_z: Floats) -> Floats:
        """Distances `z` without what a Sunday explains; `closed_z`: distances from its hour, NaN unknown."""
        if day != self._day:
            self._day = day
            self._far[:] = 0.0
        closed = np.where(np.isfinite(closed_z), closed_z, z)
        self._far += np.nan_to_num(np.minimum(np.abs(np.stack([z, closed])), CLIP_Z))
        if slot >= SUNDAY:
            return z
        like = np.clip((self._far[0] - self._far[1]) / np.maximum(self._far[0], 1e-9), 0.0, 1.0)
        left: Floats = z * (1.0 - (1.0 - KEPT) * like)
        return left
