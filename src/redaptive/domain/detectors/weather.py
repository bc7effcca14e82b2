"""Which temperature belongs to an interval, from observations of a station."""

from __future__ import annotations

import numpy as np

from redaptive.domain.detectors.rows import F32, I64


def temperature_at(start_s: I64, observed_s: I64, temperature_c: F32, within_s: int) -> F32:
    """The newest observation at each start, if it is less than `within_s` old, else NaN; `observed_s` ascends.

    >>> known = np.array([0, 3600]), np.array([5.0, 6.0], np.float32)
    >>> temperature_at(np.array([1800, 3600, 9000, -1]), *known, 3600).tolist()
    [5.0, 6.0, nan, nan]
    """
    if not len(observed_s):
        return np.full(len(start_s), np.nan, np.float32)
    at = np.searchsorted(observed_s, start_s, side="right") - 1
    newest = np.maximum(at, 0)
    near = (at >= 0) & (start_s - observed_s[newest] < within_s)
    return np.where(near, temperature_c[newest], np.float32(np.nan))
