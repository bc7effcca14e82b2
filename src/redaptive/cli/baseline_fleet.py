"""`redaptive baseline fleet`: baselines of every meter in the readings store."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.baseline_files import write_page
from redaptive.cli.output import out, print_table, progress_bars, say
from redaptive.cli.session import with_app
from redaptive.domain.baseline.hour_matrix import Period, period
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.monitoring_store import MonitoringStore
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.fleet_job import Done, FleetOutcome, FleetWork, fit_fleet, pieces, summary_of
from redaptive.streams.baselines.store_energy import by_climate, weather_span
from redaptive.web.blocks import Column, Table
from redaptive.web.reports.fleet_baselines import FleetReport, fleet_page

MOST_METERS: Final = 200_000
Runner = Callable[[ReadingsStore, FleetWork, Path, Done], FleetOutcome]
"""Does the work of one time zone: this process, or a cluster."""


@dataclass(frozen=True)
class _Told:
    outcome: FleetOutcome
    span: Period
    without: list[str]
    folder: Path
    tenant: str


def fleet(
    train: Annotated[str, typer.Option(help="Fit period: 2018, 2018-03 or 2018-01-01..2018-12-31, site-local days.")],
    building: Annotated[list[str] | None, typer.Option(help="Building codes; default: all.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder; default: under REDAPTIVE_HOME.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Fit the hourly baseline of every meter in the store, with checks, holidays and robust passes.

    Stopped, it goes on where it was: pieces of 512 meters that are done are kept. Meters of a site without a weather
    station are named and left out.

    \b
      redaptive baseline fleet --train 2025
    """
    fit_and_show(train, building, folder, nullcontext(fit_fleet), as_json=as_json)


def fit_and_show(
    train: str,
    building: list[str] | None,
    folder: Path | None,
    runner: AbstractContextManager[Runner],
    *,
    as_json: bool,
) -> None:
    """The job by a runner, with a progress bar, and what it found."""
    with runner as fit, progress_bars() as bars:
        task = bars.add_task("fit", total=None)

        def total(meters: int) -> None:
            bars.update(task, total=meters)

        told = with_app(
            lambda app: _run(app, train, building, folder, (total, lambda n: bars.advance(task, n)), fit), quiet=True
        )
    text = summary_of(told.outcome, told.span)
    (told.folder / "summary.json").write_text(text, encoding="utf-8")
    figures, now = told.outcome.figures, datetime.now(UTC)
    page = fleet_page(FleetReport(figures, str(told.span), told.without, str(told.folder), now, told.tenant))
    html = write_page(page, told.folder)
    if as_json:
        out.print_json(text)
        return
    _show(told, json.loads(text))
    say(f"\nReport: {html}")


async def _run(
    app: App, train: str, building: list[str] | None, folder: Path | None, bars: tuple[Done, Done], fit: Runner
) -> _Told:
    tenant = await app.tenant_id()
    meters = await MonitoringStore(app.pools, tenant).meters_of(building, limit=MOST_METERS)
    groups, without = by_climate(meters)
    if not groups:
        raise InvalidInput("No meter has a weather station.", field="weather", fix="Name stations of the sites.")
    spans = {climate.timezone: period(train, climate.timezone, "--train") for climate in groups}
    first = next(iter(spans.values()))
    target = folder or app.settings.home / "baselines" / app.settings.tenant
    version = (await to_thread.run_sync(app.readings.statistics)).version
    bars[0](sum(len(members) for members in groups.values()))
    parts = []
    for timezone, span in spans.items():
        mine = {climate: members for climate, members in groups.items() if climate.timezone == timezone}
        weather = app.weather(tenant)
        air = {c.station: await weather.hourly(c.station, *weather_span(span)) for c in mine}
        work = FleetWork(pieces(mine, span, version), air, span)
        parts.append(await to_thread.run_sync(fit, app.readings, work, target, bars[1]))
    figures = pl.concat([part.figures for part in parts])
    outcome = FleetOutcome(figures, sum(p.fitted for p in parts), sum(p.kept for p in parts))
    figures.write_parquet(target / "figures.parquet")
    return _Told(outcome, first, without, target, app.settings.tenant)


def _show(told: _Told, summary: dict[str, object]) -> None:
    figures = told.outcome.figures
    columns = (Column("meter", "meter"), Column("cv", "CV(RMSE)", "%", 1), Column("r2", "R²", "", 2),
               Column("failed", "failed checks"))  # fmt: skip
    worst = figures.filter(pl.col("qualifies")).sort("cv_rmse", descending=True).head(10)
    rows = tuple(
        (meter, 100 * cv, r2, failed.replace(";", ", "))
        for meter, cv, r2, failed in worst.select("meter", "cv_rmse", "r2", "failed").iter_rows()
    )
    print_table(Table("worst", "Worst ten that qualify, in sample", columns, rows))
    say(f"{summary['meters']:,} meters: {summary['qualify']:,} qualify, {summary['within_limits']:,} within limits.")
    if told.without:
        say(f"{len(told.without):,} meters have no weather station: {', '.join(told.without[:5])}.")
    say(f"{told.outcome.fitted} pieces fitted, {told.outcome.kept} kept, in {told.folder}")
