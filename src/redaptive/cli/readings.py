"""`redaptive readings`: size of the store, sealing, export."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, progress_bars, say
from redaptive.cli.sample import bar_progress
from redaptive.cli.session import with_app
from redaptive.domain.intervals import local_midnight
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings.results import StoreStatistics
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="The store of meter readings.", no_args_is_help=True)


@app.command()
def stats(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Show the size of the store: files, readings and bytes, hot and sealed."""

    async def run(running: App) -> StoreStatistics:
        return await to_thread.run_sync(running.readings.statistics)

    found = with_app(run, quiet=True)
    if as_json:
        print_json({**asdict(found), "sealed_bytes_per_reading": found.sealed_bytes_per_reading})
        return
    rows = (
        ("hot", found.hot_files, found.hot_rows, found.hot_bytes / 1e6),
        ("sealed", found.sealed_files, found.sealed_rows, found.sealed_bytes / 1e6),
    )
    columns = (Column("tier", "tier"), Column("files", "files"), Column("rows", "readings"), Column("mb", "MB", "", 2))
    note = (
        f"{found.sealed_months} of {found.months} months sealed, {found.sealed_bytes_per_reading:.2f} bytes a reading"
    )
    print_table(Table("stats", "Readings store", columns, rows, note))


@app.command()
def seal() -> None:
    """Sort and compact every month, remove duplicates, refresh roll-ups (imports do it for what they touch)."""

    async def run(running: App) -> int:
        calendar = await running.portfolio(await running.tenant_id()).calendar()
        with progress_bars() as bars:
            report = bar_progress(bars)
            results = await to_thread.run_sync(
                lambda: running.readings.seal_all(calendar, progress=lambda d, t: report("months", d, t))
            )
        return sum(not result.unchanged for result in results)

    say(f"{with_app(run)} months were rewritten.")


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="File to write: .csv or .parquet")],
    building: Annotated[list[str] | None, typer.Option(help="Building codes; default: all.")] = None,
    start: Annotated[str, typer.Option(help="First local day, e.g. 2025-01-01.")] = "1970-01-01",
    end: Annotated[str, typer.Option(help="First local day no longer exported.")] = "2200-01-01",
) -> None:
    """Write readings to a file: meter, ts (UTC, start of the interval), kwh (litres for water), quality flags."""
    if target.suffix not in {".csv", ".parquet"}:
        raise InvalidInput(f"Cannot write {target.suffix or 'a file without suffix'}.", field="target", fix="Use .csv.")

    first, last = _day(start), _day(end)

    async def run(running: App) -> pl.DataFrame:
        store = running.portfolio(await running.tenant_id())
        meters = await store.meters(building)
        calendar = (await store.calendar()).join(_names(meters), on="meter_id")
        frame = await to_thread.run_sync(_local_days, running.readings, calendar, first, last)
        return frame.join(_names(meters), on="meter_id")

    frame = with_app(run)
    scaled = pl.col("value") / pl.when(pl.col("water")).then(1.0).otherwise(1000.0)
    rows = frame.select("meter", "ts", scaled.alias("kwh_or_litres"), "quality").sort("meter", "ts")
    if target.suffix == ".csv":
        rows.write_csv(target)
    else:
        rows.write_parquet(target)
    say(f"{rows.height:,} readings in {target}")


def _local_days(store: ReadingsStore, calendar: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Readings of the meters in `calendar` from `first` to before `last`, each meter by the days of its own site."""
    found = [store.readings([], local_midnight(first, "UTC"), local_midnight(last, "UTC"))]
    for (zone,), meters in calendar.group_by("timezone"):
        span = local_midnight(first, str(zone)), local_midnight(last, str(zone))
        found.append(store.readings(meters["meter_id"].to_list(), *span))
    return pl.concat(found)


def _names(meters: list[Meter]) -> pl.DataFrame:
    rows = [(m.meter_no, m.code, m.commodity is Commodity.WATER) for m in meters]
    return pl.DataFrame(rows, schema={"meter_id": pl.Int32, "meter": pl.String, "water": pl.Boolean}, orient="row")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no day.", field="start/end", fix="Write it as 2025-01-31.") from error
