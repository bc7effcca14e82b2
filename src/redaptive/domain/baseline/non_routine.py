"""Non-routine events in a reporting period: candidates found in the residuals, and adjustments that a person entered.

Code never removes anything unasked (energy-science.md 2.6): `candidates` only proposes. A lasting change of the whole
period is the project's effect and no event: residuals are compared with the period's own median.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.hours import F64
from redaptive.domain.meter_series import Ints
from redaptive.domain.quality.vee import spans
from redaptive.errors import InvalidInput

MIN_DAYS: Final = 7
MIN_SHARE: Final = 0.10
MIN_SPREADS: Final = 4.0
Treatment = Literal["exclude", "indicator", "engineering"]


@dataclass(frozen=True)
class EventCandidate:
    """Local days [first, end) since 1970 on which a meter lies `share` of the baseline off its own usual residual."""

    meter: int
    first: int
    end: int
    share: float
    energy: float


@dataclass(frozen=True)
class Adjustment:
    """An event that a person confirmed, local days [first, end).

    `exclude` leaves the days out; `indicator` puts them at the residual level of the other days; `engineering` adds
    `energy` to the savings (positive: the event added use), with its source.
    """

    meter: str
    first: int
    end: int
    cause: str
    confirmed_by: str
    treatment: Treatment = "exclude"
    energy: float = 0.0
    source: str = ""

    def checked(self) -> Adjustment:
        """Itself; raises InvalidInput where the days, the cause, the person or the source are missing."""
        if self.end <= self.first:
            raise InvalidInput(f"The event of meter {self.meter} ends before it begins.", field="end")
        for name in ("cause", "confirmed_by"):
            if not getattr(self, name).strip():
                raise InvalidInput(f"The event of meter {self.meter} names no {name}.", field=name)
        if self.treatment == "engineering" and not self.source.strip():
            raise InvalidInput(
                f"The engineering figure of meter {self.meter} names no source.",
                field="source",
                fix="Say where it is from.",
            )
        return self


def candidates(actual: F64, predicted: F64, days: SiteDays) -> list[EventCandidate]:
    """Spans of at least a week on which the weekly median residual leaves the meter's usual range."""
    found = []
    for meter in range(len(actual)):
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(predicted[meter] > 0, (actual[meter] - predicted[meter]) / predicted[meter], np.nan)
        off = _off(share)
        for first, end in spans(np.abs(off) > 0):
            if end - first >= MIN_DAYS:
                part = slice(first, end)
                energy = float(np.nansum((off * predicted[meter])[part]))
                found.append(
                    EventCandidate(
                        meter, int(days.day[first]), int(days.day[end - 1]) + 1, float(np.nanmean(off[part])), energy
                    )
                )
    return found


def _off(share: F64) -> F64:
    """Deviation of the running weekly median from the median of the period where it is large, else 0."""
    known = np.isfinite(share)
    if known.sum() < 4 * MIN_DAYS:
        return np.zeros(share.size)
    usual = float(np.median(share[known]))
    filled = np.where(known, share, usual)
    padded = np.pad(filled, MIN_DAYS // 2, mode="edge")
    weekly = np.median(np.lib.stride_tricks.sliding_window_view(padded, MIN_DAYS), axis=1)
    spread = 1.4826 * float(np.median(np.abs(weekly - usual)))
    limit = max(MIN_SHARE, MIN_SPREADS * spread)
    return np.where(np.abs(weekly - usual) > limit, weekly - usual, 0.0)


def replaced(adjustments: Sequence[Adjustment], meter: str, day: Ints) -> npt.NDArray[np.bool_]:
    """Which of the local days `day` (n,) of a meter events leave out or put at the level of the others.

    Engineering figures leave the days as they are.
    """
    inside = np.zeros(day.size, np.bool_)
    for a in adjustments:
        if a.meter == meter and a.treatment != "engineering":
            inside |= (day >= a.first) & (day < a.end)
    return inside


def apply(adjustments: Sequence[Adjustment], meter: str, difference: F64, days: SiteDays) -> tuple[F64, float]:
    """Savings of each day (D,) after the adjustments of a meter, and the energy that engineering figures add.

    `difference` (D,): baseline less actual, NaN where unknown. Excluded days become NaN.
    """
    out, added = difference.copy(), 0.0
    mine = [a.checked() for a in adjustments if a.meter == meter]
    inside = [(days.day >= a.first) & (days.day < a.end) for a in mine]
    ordinary = ~np.any(inside, axis=0) if inside else np.ones(days.n, np.bool_)
    for adjustment, within in zip(mine, inside, strict=True):
        if adjustment.treatment == "exclude":
            out[within] = np.nan
        elif adjustment.treatment == "indicator":
            known = within & np.isfinite(out)
            if known.any() and (ordinary & np.isfinite(out)).any():
                out[known] += np.nanmean(difference[ordinary]) - np.nanmean(difference[known])
        else:
            added += adjustment.energy
    return out, added
