"""Which public holidays the meters of a site keep: calendars have more of them than offices and campuses do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import numpy as np

from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hours import EPOCH, F64

NEIGHBOURS: Final = (-14, -7, 7, 14)
LEAST_DROP: Final = 0.10
LEAST_METERS: Final = 3
HALF: Final = 0.5
FEW_BELOW: Final = 0.25
"""How near to a weekday each of fewer meters must be. Single electricity meters of the archive, fitted to 2016, predict
2017 no worse by it: four of twenty better, one worse by .0008."""


def not_kept(daily: F64, days: SiteDays, holidays: Mapping[date, str]) -> frozenset[str]:
    """Names of holidays on which most meters work as on the same weekday of the weeks around.

    `daily` (M, D) energy of days of meters whose use weather does not decide; `holidays` name the dates, days of `days`
    must have been made without them. A meter has a say where its Sundays use a tenth less than those weekdays, and
    more than these differ: it keeps a holiday that is nearer to the Sundays. Fewer than three must all be clearly like
    a weekday. Names without a say, or only on weekends, count as kept.
    """
    place = {int(day): i for i, day in enumerate(days.day)}
    says: dict[str, list[F64]] = {}
    for day, name in holidays.items():
        at = place.get(day.toordinal() - EPOCH)
        if at is not None and day.weekday() < 5:
            says.setdefault(name, []).append(_towards_sunday(daily, at, days, _ordinals(holidays)))
    return frozenset(name for name, found in says.items() if _worked(found))


def _worked(found: list[F64]) -> bool:
    votes = np.concatenate(found)
    votes = votes[np.isfinite(votes)]
    if votes.size < LEAST_METERS:
        return votes.size > 0 and float(votes.max()) < FEW_BELOW
    return float(np.median(votes)) < HALF


def _towards_sunday(daily: F64, at: int, days: SiteDays, closed: frozenset[int]) -> F64:
    """(M,) 0 where the day is like its weekday in the weeks around, 1 where it is like their Sundays; NaN no say."""
    weekday = (int(days.day[at]) + 3) % 7
    plain = [i for i in (at + k for k in NEIGHBOURS) if 0 <= i < days.n and int(days.day[i]) not in closed]
    sundays = [i for i in (at + 6 - weekday + k for k in (-14, -7, 0, 7)) if 0 <= i < days.n]
    work, rest, spread = _median(daily, plain), _median(daily, sundays), _spread(daily[:, plain])
    with np.errstate(invalid="ignore", divide="ignore"):
        clear = (work - rest > LEAST_DROP * np.abs(work)) & (work - rest > spread)
        return np.where(clear, (work - daily[:, at]) / (work - rest), np.nan)


def _spread(some: F64) -> F64:
    """(M,) largest less smallest of the known values; infinite with fewer than two."""
    known = np.isfinite(some)
    high = np.where(known, some, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(known, some, np.inf).min(axis=1, initial=np.inf)
    return np.asarray(np.where(known.sum(axis=1) > 1, high - low, np.inf))


def _median(daily: F64, where: list[int]) -> F64:
    """(M,) medians of the known of some days; NaN without any."""
    if not where:
        return np.full(len(daily), np.nan)
    ranked, rows = np.sort(daily[:, where], axis=1), np.arange(len(daily))  # NaN last
    count = np.isfinite(ranked).sum(axis=1)
    last = np.maximum(count - 1, 0)
    return np.asarray((ranked[rows, last // 2] + ranked[rows, np.minimum(count // 2, last)]) / 2)


def _ordinals(days: Iterable[date]) -> frozenset[int]:
    return frozenset(day.toordinal() - EPOCH for day in days)
