"""Projects of the database verified over the readings store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from anyio import to_thread

from redaptive.app import App
from redaptive.cli.mv_job import Days, Done, verify_all
from redaptive.domain.baseline.hour_matrix import days_period
from redaptive.domain.baseline.non_routine import Adjustment
from redaptive.domain.baseline.projects import MAX_REPORTING_DAYS, SavingsProject
from redaptive.domain.baseline.study import SiteEnergy
from redaptive.domain.baseline.verification import Verified
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter, MonitoringStore
from redaptive.infrastructure.database.stores.savings_project_store import SavingsProjectStore
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.store_energy import Climate, StoreMeters, by_climate, weather_span

MOST_METERS = 20_000


@dataclass(frozen=True)
class StoreSource:
    """The meters of one climate as a source of energy."""

    meters: StoreMeters
    taken: frozenset[str]
    last: date

    def until(self) -> date:
        """The local day of the last reading."""
        return self.last

    def others(self, taken: frozenset[str]) -> Sequence[str]:
        """Meters of the climate that no project of the tenant names."""
        return [m.meter.code for m in self.meters.meters if m.meter.code not in taken | self.taken]

    def energy(self, meters: Sequence[str], days: Days) -> SiteEnergy:
        """The meters over local days; raises NotFound for one of another climate."""
        known = {m.meter.code for m in self.meters.meters}
        for meter in meters:
            if meter not in known:
                raise NotFound(f"Meter {meter} is not at the site of its project.", field="meters")
        return self.meters.energy(meters, *days)


async def verify_stored(
    app: App, codes: Sequence[str] | None, adjustments: Sequence[Adjustment], done: Done
) -> list[Verified]:
    """The named projects (all without names) of the local tenant; raises NotFound and InvalidInput."""
    tenant = await app.tenant_id()
    store = SavingsProjectStore(app.pools, tenant)
    every = await store.all()
    projects = await store.some(codes) if codes else every
    if not projects:
        raise NotFound("There is no project.", field="--project", fix="Run `redaptive mv projects import FILE`.")
    meters = await MonitoringStore(app.pools, tenant).meters_of(None, limit=MOST_METERS)
    groups, _ = by_climate(meters)
    taken = frozenset(meter for project in every for meter in project.meters)
    results: dict[str, Verified] = {}
    for climate, members in _by_climate(projects, groups).items():
        source = await _source(app, climate, groups[climate], members, taken)
        mine = frozenset(meter for project in members for meter in project.meters)
        events = [a for a in adjustments if a.meter in mine]
        found = await to_thread.run_sync(verify_all, members, source, events, done)
        results |= {result.project.code: result for result in found}
    return [results[project.code] for project in projects]


def _by_climate(
    projects: Sequence[SavingsProject], groups: dict[Climate, list[MonitoredMeter]]
) -> dict[Climate, list[SavingsProject]]:
    """Projects by the climate of their first meter; raises InvalidInput where that is unknown."""
    where = {meter.meter.code: climate for climate, members in groups.items() for meter in members}
    out: dict[Climate, list[SavingsProject]] = {}
    for project in projects:
        climate = where.get(project.meters[0]) if project.meters else next(iter(groups), None)
        if climate is None:
            raise InvalidInput(
                f"The meter of project {project.code} has no weather station.", field="weather",
                fix="Name the station of its site and import its weather.",
            )  # fmt: skip
        out.setdefault(climate, []).append(project)
    return out


async def _source(
    app: App,
    climate: Climate,
    meters: Sequence[MonitoredMeter],
    projects: Sequence[SavingsProject],
    taken: frozenset[str],
) -> StoreSource:
    last = await to_thread.run_sync(_last_day, app.readings, [m for m in meters if m.meter.code in taken] or meters)
    first = min(project.baseline_days[0] for project in projects)
    span = days_period(first, max(last, first + timedelta(days=MAX_REPORTING_DAYS)), climate.timezone)
    air = await app.weather(await app.tenant_id()).hourly(climate.station, *weather_span(span))
    return StoreSource(StoreMeters(app.readings, climate, tuple(meters), air), taken, last)


def _last_day(readings: ReadingsStore, meters: Sequence[MonitoredMeter]) -> date:
    found = readings.latest([meter.number for meter in meters])
    if found.is_empty():
        raise InvalidInput("The meters have no reading.", field="readings", fix="Import readings first.")
    newest = found["ts"].max()
    return (newest if isinstance(newest, datetime) else datetime.now(UTC)).date()
