"""Verifies projects: groups them by their periods and asks a source of readings for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

import polars as pl

from redaptive.cli.baseline_files import Kinds, site_energy
from redaptive.cli.baseline_reading import MeterFiles
from redaptive.cli.place import Place
from redaptive.domain.baseline.hour_matrix import days_period
from redaptive.domain.baseline.non_routine import Adjustment
from redaptive.domain.baseline.projects import SavingsProject
from redaptive.domain.baseline.savings import DAYS_OF_MONTH
from redaptive.domain.baseline.study import SiteEnergy
from redaptive.domain.baseline.verification import Verified, not_yet, verify_measured, verify_period
from redaptive.errors import InvalidInput, NotFound

MAX_COMPARISON: Final = 100
SEED_STEP: Final = 10
THREADS: Final = 2
Done = Callable[[int], None]
Days = tuple[date, date]


class MeterSource(Protocol):
    """Where the energy of meters comes from: files, or the readings store."""

    def until(self) -> date:
        """The local day after the last reading."""

    def others(self, taken: frozenset[str]) -> Sequence[str]:
        """Meters without a project."""

    def energy(self, meters: Sequence[str], days: Days) -> SiteEnergy:
        """The meters over local days [first, end)."""


@dataclass(frozen=True)
class FileSource:
    """Meters of files of readings and weather. `taken`: meters of every project, also of those not reported now."""

    files: MeterFiles
    place: Place
    kinds: Kinds
    taken: frozenset[str] = frozenset()

    def until(self) -> date:
        """The local day after the last reading of any meter."""
        last = max(hint.last + timedelta(seconds=hint.interval_s) for hint in self.files.hints)
        return pl.Series([last]).dt.convert_time_zone(self.place.timezone).dt.date()[0]  # type: ignore[no-any-return]

    def others(self, taken: frozenset[str]) -> Sequence[str]:
        """Meters of the file that no project names."""
        every = taken | self.taken
        return [name for name in self.files.names if name not in every]

    def energy(self, meters: Sequence[str], days: Days) -> SiteEnergy:
        """The meters over local days; raises NotFound for one that the file lacks."""
        known = {hint.code: hint for hint in self.files.hints}
        missing = [meter for meter in meters if meter not in known]
        if missing:
            raise NotFound(f"There is no meter {missing[0]} in the readings.", field="meters")
        mine = MeterFiles(self.files.frame, tuple(known[m] for m in meters), self.files.air, self.files.notes)
        return site_energy(mine, self.place, days_period(*days, self.place.timezone), self.kinds)


def verify_all(
    projects: Sequence[SavingsProject],
    source: MeterSource,
    adjustments: Sequence[Adjustment] = (),
    done: Done = lambda _: None,
    *,
    until: date | None = None,
) -> list[Verified]:
    """Every project, in the order given. Those by option C with the same periods are fitted together.

    `until`: the local day before which reporting ends, by default that after the last reading. Meters without a project
    in the same source are the comparison group, at most 100.
    """
    last = until or source.until()
    taken = frozenset(meter for project in projects for meter in project.meters)
    others = list(source.others(taken))[:MAX_COMPARISON]
    _check_events(adjustments, taken)
    results: dict[str, Verified] = {}
    groups: dict[tuple[Days, Days], list[SavingsProject]] = {}
    for project in projects:
        try:
            reporting = project.reporting_days(last)
        except InvalidInput as refusal:
            results[project.code] = not_yet(project, refusal.message)
            done(1)
            continue
        if project.option == "C":
            groups.setdefault((project.baseline_days, reporting), []).append(project)
        else:
            results[project.code] = verify_measured(project, (reporting[1] - reporting[0]).days / DAYS_OF_MONTH)
            done(1)

    def one(number: int, periods: tuple[Days, Days], members: list[SavingsProject]) -> list[Verified]:
        meters = list(dict.fromkeys(meter for project in members for meter in project.meters))
        sites = [source.energy(meters, days) for days in periods]
        comparison = [source.energy(others, days) for days in periods] if others else []
        found = verify_period(members, sites[0], sites[1], adjustments, comparison, seed=1 + SEED_STEP * number)
        done(len(members))
        return found

    if projects and not groups and all(found.gate == "refused" and not found.months for found in results.values()):
        raise InvalidInput(results[projects[0].code].reason, field="--projects")

    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(one, number, *group) for number, group in enumerate(groups.items())]
        results |= {found.project.code: found for future in waiting for found in future.result()}
    return [results[project.code] for project in projects]


def _check_events(adjustments: Sequence[Adjustment], taken: frozenset[str]) -> None:
    for adjustment in adjustments:
        if adjustment.meter not in taken:
            raise InvalidInput(f"An event names meter {adjustment.meter}, which is in no project.", field="meter")
