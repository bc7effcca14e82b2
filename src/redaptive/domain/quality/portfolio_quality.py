"""A quality score per meter with reasons, and imputation that is always marked and never settles anything.

The score is the known share of the hours in percent, less what each flag costs; a check that refuses a baseline caps it
at 40. The costs are ours, so the reasons and numbers behind a score are always shown with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.cleaning import WORDS, CleanedHours, Left
from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.sufficiency import Sufficiency
from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput

REFUSED_CAP: Final = 40.0
FLAG_COST: Final[Mapping[str, float]] = {
    "level_shift": 5.0,
    "shifted_clock": 15.0,
    "repeated_hour": 3.0,
    "zeros": 10.0,
    "idle": 0.0,
    "spikes": 5.0,
    "stuck": 15.0,
    "outliers": 3.0,
    "meter_month": 10.0,
    "weather_gap": 0.0,
    "long": 0.0,
}
LINE_H: Final = 2
LIKE_WEEKS: Final = 4


@dataclass(frozen=True)
class MeterQuality:
    """`score` 0 to 100; `known` share of the hours that may be used; `reasons` in words, costliest first."""

    meter: str
    score: float
    known: float
    settles: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Imputed:
    """`energy` (M, n) with gaps filled where like hours support it, `quality` int8 with ESTIMATED on each of those.

    `for_settlement` gives the measured hours alone.
    """

    energy: F64
    quality: npt.NDArray[np.int8]

    def for_settlement(self) -> F64:
        """(M, n) NaN wherever a value was estimated."""
        return np.where(self.quality & int(Quality.ESTIMATED) != 0, np.nan, self.energy)


def quality(names: tuple[str, ...], cleaned: CleanedHours, checks: Sufficiency) -> list[MeterQuality]:
    """The score of every meter, in order; raises InvalidInput when the shapes disagree."""
    if len(names) != len(cleaned.energy):
        raise InvalidInput(f"{len(names)} names for {len(cleaned.energy)} meters.", field="names")
    return [_one(name, cleaned, checks, i) for i, name in enumerate(names)]


def _one(name: str, cleaned: CleanedHours, checks: Sufficiency, i: int) -> MeterQuality:
    known = float(np.isfinite(cleaned.energy[i]).mean()) if cleaned.energy.shape[1] else 0.0
    findings = checks.findings(i)
    refused = any(finding.refuses for finding in findings)
    score = 100.0 * known - sum(FLAG_COST.get(f.code, 0.0) for f in findings if not f.refuses)
    if refused:
        score = min(score, REFUSED_CAP)
    return MeterQuality(name, round(max(0.0, score), 1), known, not refused, _reasons(cleaned, i, findings))


def _reasons(cleaned: CleanedHours, i: int, findings: tuple[object, ...]) -> tuple[str, ...]:
    counts = {reason: int((cleaned.left[i] == reason).sum()) for reason in WORDS}
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return (*(f"{n:,} hours: {WORDS[Left(reason)]}" for reason, n in ordered if n), *(str(f) for f in findings))


def impute(cleaned: CleanedHours, hours: SiteHours) -> Imputed:
    """Gaps up to two hours by a line, others by the mean of the same local hour of the nearest weeks; all marked.

    Hours without four weeks of support on either side stay NaN. For views and forecasts; a baseline or a settlement
    takes `for_settlement`.
    """
    energy = cleaned.energy.copy()
    for meter in range(len(energy)):
        _fill(energy[meter], hours)
    estimated = np.isnan(cleaned.energy) & np.isfinite(energy)
    return Imputed(energy, np.where(estimated, np.int8(Quality.ESTIMATED), np.int8(0)))


def _fill(y: F64, hours: SiteHours) -> None:
    missing = np.isnan(y)
    if missing.all() or not missing.any():
        return
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(np.int8), [0]])))
    sound = y.copy()
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        inner = first > 0 and end < y.size
        if inner and end - first <= LINE_H:
            y[first:end] = np.interp(np.arange(first, end), [first - 1, end], [sound[first - 1], sound[end]])
        else:
            y[first:end] = _like_hours(sound, hours, first, end)


def _like_hours(sound: F64, hours: SiteHours, first: int, end: int) -> F64:
    found = np.full(end - first, np.nan)
    reach = 24 * 7 * (LIKE_WEEKS + 1) + (end - first)
    around = np.arange(max(0, first - reach), min(sound.size, end + reach))
    usable = around[np.isfinite(sound[around])]
    for at in range(first, end):
        same = usable[hours.slot[usable] == hours.slot[at]]
        if same.size:
            nearest = same[np.argsort(np.abs(same - at), kind="stable")[:LIKE_WEEKS]]
            found[at - first] = sound[nearest].mean()
    return found
