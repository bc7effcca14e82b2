"""Sum check: a parent meter against its submeters, by local day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from redaptive.domain.meter_series import DAY_S, EPOCH, Floats, MeterSeries, utc_offsets_s
from redaptive.domain.quality.vee import Flags, VeeFlag
from redaptive.errors import InvalidInput

NOTICE_PCT: Final = 2.0
FAIL_PCT: Final = 5.0
USUAL_DAYS: Final = 14
"""From so many days on, the usual unmetered share is their median; before that it is taken as zero."""


@dataclass(frozen=True)
class SumDay:
    """One local day on which all meters are complete. `difference_pct` = (parent - children) / parent.

    `grade` looks at the difference minus the usual unmetered share: ok up to 2 %, notice up to 5 %, failed beyond;
    children above the parent by more than 2 % fail in any case.
    """

    day: date
    parent_kwh: float
    children_kwh: float
    difference_pct: float
    grade: str


def sum_check(parent: MeterSeries, children: Floats, timezone: str) -> tuple[list[SumDay], float]:
    """The complete days and the usual unmetered share in percent. `children`: (n_children, n) on the parent's grid."""
    if not children.size:
        raise InvalidInput("The meter has no submeters.", field="meter_id", fix="Name a parent meter.")
    days = _days(parent, timezone)
    together = np.where(np.isnan(parent.energy), np.nan, children.sum(axis=0))
    sums = []
    for day in np.unique(days):
        own = days == day
        one, other = parent.energy[own].sum(), together[own].sum()
        if own.sum() * parent.step_s >= 23 * 3600 and np.isfinite(other) and one > 0:
            sums.append((date.fromordinal(int(day) + EPOCH), one / 1000.0, other / 1000.0))
    shares = np.array([100.0 * (p - c) / p for _, p, c in sums])
    usual = float(np.median(shares)) if shares.size >= USUAL_DAYS else 0.0
    rows = [SumDay(*row, float(share), _grade(share, usual)) for row, share in zip(sums, shares, strict=True)]
    return rows, usual


def with_sum_flags(flags: Flags, parent: MeterSeries, days: list[SumDay], timezone: str) -> Flags:
    """The flags with SUM_CHECK on every interval of a failed day."""
    failed = [d.day.toordinal() - EPOCH for d in days if d.grade == "failed"]
    where = np.isin(_days(parent, timezone), np.array(failed, dtype=np.int64))
    return np.where(where, flags | int(VeeFlag.SUM_CHECK), flags).astype(np.int16)


def _days(series: MeterSeries, timezone: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray((series.starts_s + utc_offsets_s(series.starts_s, timezone)) // DAY_S)


def _grade(share_pct: float, usual_pct: float) -> str:
    off = abs(share_pct - usual_pct)
    if share_pct < -NOTICE_PCT or off > FAIL_PCT:
        return "failed"
    return "notice" if off > NOTICE_PCT else "ok"
