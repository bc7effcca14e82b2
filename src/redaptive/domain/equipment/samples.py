"""Samples of one point as they come, before they are on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.points import Floats

Seconds = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """Samples of one point: seconds since 1970 UTC, ascending or not, and values; NaN is missing."""

    at_s: Seconds
    values: Floats
