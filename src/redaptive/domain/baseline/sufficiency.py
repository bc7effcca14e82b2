"""Whether the data of meters suffice for a baseline: every check as a number beside its limit.

Limits as CalTRACK and opendsm 1.2.7 `sufficiency_criteria.py` have them (energy-science.md 2.4), with the two that
opendsm switched off; clock, unit and level checks are ours. A check that fails either refuses the meter or is a flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from redaptive.domain.baseline.cleaning import Bool, CleanedHours, Left, MeterTraits
from redaptive.domain.baseline.clock_checks import repeated_hours_wrong, shifted_blocks
from redaptive.domain.baseline.days import SiteDays, site_days
from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.level_shifts import level_shifts
from redaptive.domain.baseline.stuck_runs import LIMIT_H, longest_run, longest_runs
from redaptive.domain.baseline.unit_changes import unit_changes
from redaptive.domain.baseline.zero_runs import zeros_at_end
from redaptive.domain.meter_series import Ints

HALF_DAY_H: Final = 12
CHUNK: Final = 64
MIN_MONTHS: Final = 6
SEASONAL: Final = 0.7
"""Correlation with temperature from which on the months of a meter are its seasons, not its units."""


@dataclass(frozen=True)
class Rule:
    """A check: its number must be at least (`least`) or at most (`most`) `limit`; `refuses` or only flags."""

    code: str
    limit: float
    bound: Literal["least", "most"]
    unit: str
    refuses: bool
    text: str


@dataclass(frozen=True)
class Finding:
    """A check that a meter failed, as data."""

    code: str
    value: float
    limit: float
    unit: str
    refuses: bool
    text: str

    def __str__(self) -> str:
        return f"{self.text}: {self.value:.4g} {self.unit} (limit {self.limit:g})".replace("  ", " ")


RULES: Final = (
    Rule("short", 329, "least", "days", True, "period from first to last reading"),
    Rule("long", 366, "most", "days", False, "period is longer than a year"),
    Rule("meter_days", 0.90, "least", "of days", True, "days with half of their readings"),
    Rule("weather_days", 0.90, "least", "of days", True, "days with half of their temperatures"),
    Rule("both_days", 0.90, "least", "of days", True, "days with readings and temperatures"),
    Rule("meter_month", 0.90, "least", "of hours", False, "readings in the poorest month"),
    Rule("weather_month", 0.90, "least", "of hours", True, "temperatures in the poorest month"),
    Rule("weather_gap", 6, "most", "hours", False, "longest run without temperature"),
    Rule("negative", 0.002, "most", "of hours", True, "negative readings of a meter that does not export"),
    Rule("few_negative", 0.0, "most", "of hours", False, "negative readings, left out"),
    Rule("zeros", 0.05, "most", "of hours", False, "zeros that are probably gaps"),
    Rule("idle", 0.20, "most", "of hours", False, "zeros that were kept, because the meter often rests"),
    Rule("spikes", 0.0, "most", "of hours", False, "readings far above the usual maximum, left out"),
    Rule("outliers", 0.01, "most", "of hours", False, "readings outside three interquartile ranges"),
    Rule("constant", 1e-6, "least", "of the mean", True, "spread of the readings; the meter repeats one value"),
    Rule("stuck", LIMIT_H, "most", "hours", False, "longest run of one value other than zero; the meter was stuck"),
    Rule(
        "units",
        8.0,
        "most",
        "times",
        True,
        "step from a month to the next, or in the same weather: unit, multiplier or meter changes",
    ),
    Rule(
        "zero_end",
        239,
        "most",
        "hours",
        True,
        "zeros in the cold to the end of the period: the meter stopped or was exchanged; fit a period that ends before",
    ),
    Rule("older_unit", 0, "most", "hours", False, "readings of another unit or meter, left out"),
    Rule("repeated_hour", 0, "most", "hours", False, "repeated hour of a clock change summed into one"),
    Rule("shifted_clock", 1, "most", "blocks", False, "four-week blocks whose daily shape is shifted"),
    Rule("level_shift", 0.10, "most", "of the mean", False, "lasting step that weather does not explain"),
)
BY_CODE: Final[Mapping[str, Rule]] = {rule.code: rule for rule in RULES}


@dataclass(frozen=True)
class Sufficiency:
    """The numbers of all checks, by code, each (M,); NaN where a check could not be made. `notes` by meter and code."""

    numbers: Mapping[str, F64]
    notes: Mapping[tuple[int, str], str]

    def failed(self, code: str) -> Bool:
        """(M,) meters that fail a check; NaN fails only where the check refuses."""
        return _fails(BY_CODE[code], self.numbers[code])

    @property
    def sufficient(self) -> Bool:
        """(M,) no check refuses the meter."""
        return np.asarray(~np.any([self.failed(rule.code) for rule in RULES if rule.refuses], axis=0))

    def findings(self, meter: int) -> tuple[Finding, ...]:
        """What a meter failed, refusals first."""
        found = [
            self._finding(meter, rule)
            for rule in sorted(RULES, key=lambda r: not r.refuses)
            if _fails(rule, self.numbers[rule.code][meter : meter + 1])[0]
        ]
        return tuple(found)

    def refusal(self, meter: int) -> str:
        """The checks that refuse a meter, each with its number and limit; empty where none does."""
        return "; ".join(str(finding) for finding in self.findings(meter) if finding.refuses)

    def _finding(self, meter: int, rule: Rule) -> Finding:
        note = self.notes.get((meter, rule.code))
        text = f"{rule.text} ({note})" if note else rule.text
        return Finding(rule.code, float(self.numbers[rule.code][meter]), rule.limit, rule.unit, rule.refuses, text)


def _fails(rule: Rule, value: F64) -> Bool:
    with np.errstate(invalid="ignore"):
        wrong = value < rule.limit if rule.bound == "least" else value > rule.limit
    return np.asarray(wrong | (np.isnan(value) & rule.refuses))


def check(energy: F64, cleaned: CleanedHours, hours: SiteHours, traits: MeterTraits) -> Sufficiency:
    """All checks of `energy` (M, n) as read, and of what cleaning left of it."""
    days, parts = site_days(hours), []
    for first in range(0, max(1, len(energy)), CHUNK):
        some = slice(first, first + CHUNK)
        part = CleanedHours(cleaned.energy[some], cleaned.left[some])
        parts.append(_check_chunk(energy[some], part, hours, days, traits.heating[some]))
    return merged(parts)


def _check_chunk(energy: F64, cleaned: CleanedHours, hours: SiteHours, days: SiteDays, heating: Bool) -> Sufficiency:
    known = np.isfinite(cleaned.energy)
    numbers = {
        **_coverage(known, hours, days),
        **_values(cleaned, hours),
        "zero_end": zeros_at_end(energy, hours, heating),
        "stuck": longest_runs(energy),
    }
    daily = days.total(cleaned.energy)
    numbers["units"], notes = _levels(daily, days, heating)
    older = cleaned.left == Left.OTHER_UNIT
    notes |= {
        (int(m), "older_unit"): f"before {_date(hours.day[_last(older[m]) + 1])}"
        for m in np.flatnonzero(older.any(axis=1))
    }
    numbers["repeated_hour"] = repeated_hours_wrong(energy, hours).astype(np.float64)
    blocks, moved = shifted_blocks(cleaned.energy, hours)
    numbers["shifted_clock"] = blocks.astype(np.float64)
    notes |= {(int(m), "shifted_clock"): f"by {moved[m]:+d} h" for m in np.flatnonzero(blocks)}
    shifts = level_shifts(daily, days)
    numbers["level_shift"] = np.where(shifts.found, np.abs(shifts.share), 0.0)
    notes |= {
        (int(m), "level_shift"): f"{shifts.share[m]:+.0%} from {_date(shifts.day[m])}"
        for m in np.flatnonzero(shifts.found)
    }
    return Sufficiency(numbers, notes)


def merged(parts: Iterable[Sufficiency]) -> Sufficiency:
    """The checks of several chunks of meters in order."""
    numbers: dict[str, list[F64]] = {rule.code: [] for rule in RULES}
    notes: dict[tuple[int, str], str] = {}
    first = 0
    for part in parts:
        notes |= {(meter + first, code): note for (meter, code), note in part.notes.items()}
        for code, value in part.numbers.items():
            numbers[code].append(value)
        first += len(part.numbers["short"])
    return Sufficiency({code: np.concatenate(v) if v else np.zeros(0) for code, v in numbers.items()}, notes)


def _coverage(known: Bool, hours: SiteHours, days: SiteDays) -> dict[str, F64]:
    warm = np.isfinite(hours.temperature_c)[None]
    count, warm_count, both = (days.known_hours(v) for v in (known, warm, known & warm))
    meters = len(known)
    return {
        "short": _span_days(known),
        "long": np.full(meters, np.ceil(hours.n / 24.0)),
        "meter_days": _full_days(count, days),
        "weather_days": np.full(meters, float(_full_days(warm_count, days)[0])),
        "both_days": _full_days(both, days),
        "meter_month": _poorest_month(count, days),
        "weather_month": np.full(meters, float(_poorest_month(warm_count, days)[0])),
        "weather_gap": np.full(meters, float(longest_run(~warm[0]))),
    }


def _full_days(count: Ints, days: SiteDays) -> F64:
    """(M,) share of the days with at least half of their hours."""
    return np.asarray((count >= np.minimum(HALF_DAY_H, days.n_hours)).mean(axis=1))


def _poorest_month(count: Ints, days: SiteDays) -> F64:
    """(M,) share of the hours known in the poorest local month."""
    order = np.unique(days.month, return_index=True)[1]
    share: F64 = (np.add.reduceat(count, order, axis=1) / np.add.reduceat(days.n_hours, order)).min(axis=1)
    return share


def _span_days(known: Bool) -> F64:
    """Days from the first to the last known hour, both days counted."""
    n = known.shape[1]
    first, last = known.argmax(axis=1), n - 1 - known[:, ::-1].argmax(axis=1)
    return np.where(known.any(axis=1), np.ceil((last - first + 1) / 24.0), 0.0)


def _values(cleaned: CleanedHours, hours: SiteHours) -> dict[str, F64]:
    value = cleaned.energy
    known = np.isfinite(value)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, value, 0.0).sum(axis=1) / count
    spread = np.sqrt(np.where(known, (value - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
    with np.errstate(invalid="ignore", divide="ignore"):
        constant = np.where(known.any(axis=1), spread / np.abs(mean), 0.0)
        shares = {name: cleaned.count(reason) / hours.n for name, reason in
                  (("negative", Left.NEGATIVE), ("zeros", Left.ZERO), ("spikes", Left.SPIKE))}  # fmt: skip
    shares["older_unit"] = cleaned.count(Left.OTHER_UNIT).astype(np.float64)
    shares["few_negative"] = shares["negative"]
    shares["idle"] = (value == 0).sum(axis=1) / hours.n
    return {**shares, "constant": np.nan_to_num(constant), "outliers": _outliers(value)}


def _outliers(value: F64) -> F64:
    """(M,) share of a sample of the hours outside three interquartile ranges of the quartiles."""
    some = value[:, :: max(1, value.shape[1] // 1500)]
    ranked = np.sort(some, axis=1)  # NaN last
    count = np.isfinite(some).sum(axis=1)
    rows = np.arange(len(some))
    low, high = (ranked[rows, np.maximum((q * count).astype(np.int64) - 1, 0)] for q in (0.25, 0.75))
    wide = 3.0 * (high - low)
    with np.errstate(invalid="ignore"):
        outside = (some < (low - wide)[:, None]) | (some > (high + wide)[:, None])
    return np.asarray(outside.sum(axis=1) / np.maximum(count, 1))


def _levels(daily: F64, days: SiteDays, heating: Bool) -> tuple[F64, dict[tuple[int, str], str]]:
    """(M,) largest step of units, either way, and its date where it is known.

    Of the mean day from a month to the next; heating fuels, and meters whose months follow the temperature as those of
    heating and of chilled water do, have seasons that start and end within weeks. They are judged in the same weather
    (`unit_changes`), as all meters are.
    """
    order = np.unique(days.month, return_index=True)[1]
    month, warm = _month_means(daily, order), _month_means(days.mean_c[None], order)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.abs(month[:, 1:] / month[:, :-1])
        worst = np.max(np.where(np.isfinite(step) & (step > 0), np.maximum(step, 1 / step), 1.0), axis=1, initial=1.0)
    seasonal = heating | (np.abs(_likeness(month, warm)) >= SEASONAL)
    changes = unit_changes(daily, days, heating)
    notes = {(int(m), "units"): f"from {_date(days.day[changes.place[m]])} on" for m in np.flatnonzero(changes.place)}
    return np.maximum(np.where(seasonal, 1.0, worst), changes.times), notes


def _date(day: np.int64) -> str:
    return str(np.datetime64(int(day), "D"))


def _last(where: Bool) -> int:
    """Position of the last true value."""
    return int(where.size - 1 - where[::-1].argmax())


def _month_means(daily: F64, order: Ints) -> F64:
    """(M, months) means of the known days of each month; NaN without any."""
    known = np.isfinite(daily)
    total = np.add.reduceat(np.where(known, daily, 0.0), order, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / np.add.reduceat(known.astype(np.float64), order, axis=1))


def _likeness(month: F64, warm: F64) -> F64:
    """(M,) correlation of the months with their temperatures (months,); 0 with fewer than six months."""
    known = np.isfinite(month) & np.isfinite(warm)
    count = np.maximum(known.sum(axis=1), 1)
    y, t = np.where(known, month, 0.0), np.where(known, warm, 0.0)
    y, t = (np.where(known, v - (v.sum(axis=1) / count)[:, None], 0.0) for v in (y, t))
    spread = np.sqrt((y * y).sum(axis=1) * (t * t).sum(axis=1))
    said = (known.sum(axis=1) >= MIN_MONTHS) & (spread > 0)
    return np.where(said, (y * t).sum(axis=1) / np.where(said, spread, 1.0), 0.0)
