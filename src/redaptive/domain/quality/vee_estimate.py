"""Estimation of what validation rejected: short gaps by a line, longer ones by like days; always marked ESTIMATED."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from redaptive.domain.meter_series import Floats, LocalPlaces, MeterSeries, local_places
from redaptive.domain.quality.flags import SUSPECT, Quality
from redaptive.domain.quality.vee import Flags, VeeFlag, VeeRules, spans

LINEAR_MAX_S: Final = 2 * 3600
LIKE_DAYS: Final = 4
LIKE_RANGE_DAYS: Final = 42
REPLACED: Final = VeeFlag.MISSING | VeeFlag.NEGATIVE | VeeFlag.SPIKE | VeeFlag.ROLLOVER


@dataclass(frozen=True)
class Estimate:
    """Intervals [first, end) that were filled, how, and with which Wh; `energy` is NaN where nothing supports one."""

    first: int
    end: int
    method: str
    energy: Floats


def estimate(
    series: MeterSeries, flags: Flags, rules: VeeRules, timezone: str, holidays: Collection[date] = ()
) -> list[Estimate]:
    """An estimate for each run of rejected intervals, in order.

    A rollover is no guess: the register's size is added. A run of at most two hours with sound neighbours gets a
    straight line between them; other runs get, slot by slot, the mean of the four nearest days of the same kind
    (weekday by weekday, holidays as Sundays) within six weeks on either side.
    """
    rejected = (flags & int(REPLACED)) != 0
    sound = np.where(rejected, np.nan, series.energy)
    places = local_places(series.starts_s, series.step_s, timezone, holidays)
    return [_one(first, end, series, sound, flags, places, rules) for first, end in spans(rejected)]


def cleaned(series: MeterSeries, estimates: list[Estimate]) -> MeterSeries:
    """The series with its estimates in place, each marked; without support an interval becomes missing."""
    energy, quality = series.energy.copy(), series.quality.copy()
    for each in estimates:
        span = slice(each.first, each.end)
        energy[span] = each.energy
        marks = (quality[span] & ~int(SUSPECT)) | int(Quality.ESTIMATED)
        quality[span] = np.where(np.isnan(each.energy), quality[span], marks)
    return MeterSeries(series.start_s, series.step_s, energy, quality)


def linear(sound: Floats, first: int, end: int) -> Floats | None:
    """The straight line from the value before to the value behind the gap; None without both."""
    if first == 0 or end >= sound.size or np.isnan(sound[first - 1]) or np.isnan(sound[end]):
        return None
    share = np.arange(1, end - first + 1) / (end - first + 1)
    return np.asarray(sound[first - 1] + share * (sound[end] - sound[first - 1]))


def like_day_mean(sound: Floats, places: LocalPlaces, first: int, end: int) -> Floats:
    """Mean of the nearest like days at the same local time, NaN where there is none."""
    found = np.full(end - first, np.nan)
    for i in range(first, end):
        near = np.abs(places.day - places.day[i])
        same = (places.slot == places.slot[i]) & (places.kind == places.kind[i]) & ~np.isnan(sound)
        index = np.flatnonzero(same & (near > 0) & (near <= LIKE_RANGE_DAYS))
        chosen = index[np.argsort(near[index], kind="stable")][:LIKE_DAYS]
        if chosen.size:
            found[i - first] = sound[chosen].mean()
    return found


def _one(
    first: int,
    end: int,
    series: MeterSeries,
    sound: Floats,
    flags: Flags,
    places: LocalPlaces,
    rules: VeeRules,
) -> Estimate:
    if rules.register_size is not None and np.all(flags[first:end] & int(VeeFlag.ROLLOVER)):
        return Estimate(first, end, "rollover", series.energy[first:end] + rules.register_size)
    line = linear(sound, first, end) if (end - first) * series.step_s <= LINEAR_MAX_S else None
    if line is not None:
        return Estimate(first, end, "linear", line)
    filled = like_day_mean(sound, places, first, end)
    return Estimate(first, end, "none" if np.isnan(filled).all() else "like_day_mean", filled)
