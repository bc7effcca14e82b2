"""How long equipment of a kind serves: what a reference row says, before any sum is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log


@dataclass(frozen=True)
class ServiceLife:
    """Median life in years at the usual duty, and the Weibull shape; shape 3 is wear-out."""

    median_y: float
    shape: float

    @property
    def scale_y(self) -> float:
        """eta, the age that 37 % reach.

        >>> round(ServiceLife(15.0, 3.0).scale_y, 3)
        16.949
        """
        return float(self.median_y / log(2.0) ** (1.0 / self.shape))
