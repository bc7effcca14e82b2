"""Batches of readings for tests of the kernel."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.rows import Rows

FIRST = date(2026, 1, 1)
ZONES = ("America/New_York", "Asia/Kathmandu", "UTC")


def calendar(*sites: SiteHours, days: int = 731) -> LocalCalendar:
    """A calendar of `sites`, or of one open round the clock in New York."""
    return LocalCalendar.build(list(sites) or [SiteHours("America/New_York")], FIRST, days)


def rows(
    index: npt.ArrayLike,
    start_s: npt.ArrayLike,
    value: npt.ArrayLike,
    *,
    flags: npt.ArrayLike = 0,
    received_s: npt.ArrayLike | None = None,
    temperature_c: npt.ArrayLike = np.nan,
    entry: npt.ArrayLike | None = None,
) -> Rows:
    """Rows of those columns; received when the interval began unless told."""
    n = max(len(np.atleast_1d(np.asarray(column))) for column in (index, start_s, value))
    fill = lambda column, kind: np.broadcast_to(np.asarray(column, kind), n).copy()  # noqa: E731
    return Rows(
        index=fill(index, np.int32),
        start_s=fill(start_s, np.int64),
        value=fill(value, np.int64),
        flags=fill(flags, np.uint8),
        received_s=fill(start_s if received_s is None else received_s, np.int64),
        temperature_c=fill(temperature_c, np.float32),
        entry=None if entry is None else fill(entry, np.int32),
    )
