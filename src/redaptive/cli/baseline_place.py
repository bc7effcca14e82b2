"""What readings and weather of files say of their place: the clock of the weather, the holidays that are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from redaptive.cli.baseline_files import Kinds, site_energy
from redaptive.cli.baseline_reading import MeterFiles
from redaptive.cli.place import Place
from redaptive.domain.baseline.clock_checks import warmest_hour
from redaptive.domain.baseline.days import site_days
from redaptive.domain.baseline.heating import burns_in_cold
from redaptive.domain.baseline.hour_matrix import Period
from redaptive.domain.baseline.kept_holidays import not_kept
from redaptive.domain.baseline.study import SiteEnergy

USUALLY_WARMEST: Final = (11.5, 18.5)
"""Local hours between which the mean day is warmest in any climate, summer time and short records included."""


def clock_note(site: SiteEnergy) -> list[str]:
    """A warning where days are warmest at an hour at which they are not: the weather's clock is probably another."""
    warmest = warmest_hour(site.hours)
    if warmest is None or USUALLY_WARMEST[0] <= warmest <= USUALLY_WARMEST[1]:
        return []
    return [f"The weather is warmest at {warmest:.0f}:00 local time, which is unusual: are its times in another zone? "
            "Try --weather-timezone UTC, or the site's --timezone."]  # fmt: skip


def with_kept_holidays(files: MeterFiles, place: Place, span: Period) -> tuple[MeterFiles, Place]:
    """The place without the holidays that most meters of the file work on in the fit period; and what was found."""
    site = site_energy(files, replace(place, country=None), span, Kinds())
    files = files.noting(*clock_note(site))
    if files.billed >= set(files.names):
        return files, place  # days of bills know no holidays
    if place.country is None:
        return files.noting("No public holidays are kept: give --timezone or --country if the meters have any."), place
    named, days = place.named(range(span.first.year, span.end.year + 1)), site_days(site.hours)
    plain = site.energy[~burns_in_cold(site.energy, site.hours)]  # cold weather would speak for those that heat
    worked = not_kept(days.total(plain), days, named)
    kept = sorted({name for day, name in named.items() if span.first <= day < span.end} - worked)
    notes = [f"Public holidays of {place.calendar} count as Sundays: {', '.join(kept)}."] if kept else []
    if worked:
        who = "The meter works" if len(files.names) == 1 else "Most meters work"
        notes.append(f"{who} on {', '.join(sorted(worked))}: these days count like others.")
    return files.noting(*notes), replace(place, worked=worked)
