"""The spread of a lognormal distribution from its published quartiles."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

from redaptive.errors import InvalidInput

BETTER_QUARTILE_Z: Final = NormalDist().inv_cdf(0.75)
"""0.6745; twice it is the 1.349 of σ = ln(P75/P25)/1.349."""


def sigma_from_quartiles(p25: float, p75: float) -> float:
    """σ of the lognormal with these quartiles.

    >>> round(sigma_from_quartiles(3.8, 17.2), 2)
    1.12
    """
    if not 0 < p25 < p75:
        raise InvalidInput(f"Quartiles {p25} and {p75} are not positive and rising.", field="p25")
    return math.log(p75 / p25) / (2.0 * BETTER_QUARTILE_Z)
