"""`redaptive sample`: the generated portfolio with known truth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.progress import Progress as Bars
from rich.progress import TaskID

from redaptive.app import App
from redaptive.cli.output import print_json, progress_bars, say
from redaptive.cli.session import with_app
from redaptive.sample.loading import LoadReport, SampleLoader
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.sample.readings import SampleReadings
from redaptive.sample.specs import SampleSize
from redaptive.sample.truth import fault_truth, project_truth
from redaptive.sample.weather_hours import weather_hours

app = typer.Typer(
    help="A deterministic sample portfolio: demo (24 buildings, 200 meters), f500 (480, 12,000), "
    "scale (4,000, 100,000). "
    "Faults, projects, non-routine events and bill errors are planted, and their truth is known.",
    no_args_is_help=True,
)
Size = Annotated[SampleSize, typer.Option(help="How large.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]


def bar_progress(bars: Bars) -> Callable[[str, int, int], None]:
    """A callback (step, done, total) that keeps one bar per step."""
    tasks: dict[str, TaskID] = {}

    def report(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done, total=total)

    return report


async def load_sample(running: App, tenant: str, portfolio: SamplePortfolio) -> LoadReport:
    """Loads the portfolio into a tenant with progress bars."""
    tenant_id = await running.tenant_id(tenant, create=True)
    with progress_bars() as bars:
        return await SampleLoader(running.pools, running.readings, tenant_id, bar_progress(bars)).load(portfolio)


@app.command()
def load(
    size: Size = SampleSize.DEMO,
    seed: Seed = 1,
    tenant: Annotated[str, typer.Option(help="Tenant that gets it.")] = "demo",
) -> None:
    """Load a sample portfolio into the stores; loading it again changes nothing."""
    portfolio = build_portfolio(size, seed=seed)

    async def run(running: App) -> LoadReport:
        return await load_sample(running, tenant, portfolio)

    report = with_app(run)
    say(f"Tenant {tenant}: {report.buildings} buildings, {report.meters} meters, {report.readings:,} new readings.")
    say(f"Next: redaptive --tenant {tenant} analyze")


@app.command()
def generate(
    folder: Annotated[Path, typer.Argument(help="Folder to write to.")],
    size: Size = SampleSize.DEMO,
    seed: Seed = 1,
) -> None:
    """Write the sample as files (Parquet) without any server: records, weather, readings month by month."""
    portfolio = build_portfolio(size, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("customers", "sites", "buildings", "meters", "prices"):
        records = [{k: v for k, v in vars(r).items() if k != "systems"} for r in getattr(portfolio, name)]
        pl.DataFrame(records, infer_schema_length=None).write_parquet(folder / f"{name}.parquet")
    for station in portfolio.stations:
        weather_hours(portfolio, station, portfolio.start, portfolio.end).write_parquet(
            folder / f"weather_{station}.parquet"
        )
    codes = pl.DataFrame({"meter_index": range(len(portfolio.meters)), "meter": [m.code for m in portfolio.meters]})
    codes = codes.with_columns(pl.col("meter_index").cast(pl.Int32))
    months = pl.date_range(portfolio.start, portfolio.end, "1mo", closed="both", eager=True).to_list()
    with progress_bars() as bars:
        report = bar_progress(bars)
        for done, (start, end) in enumerate(pairwise(months), start=1):
            frame = SampleReadings(portfolio).frame(range(len(portfolio.meters)), start, end)
            frame.join(codes, on="meter_index").select("meter", "ts", "value", "quality").write_parquet(
                folder / f"readings_{start:%Y-%m}.parquet"
            )
            report("months", done, len(months) - 1)
    say(f"Wrote {folder}. Values are Wh (litres for water) per interval that starts at ts (UTC).")


@app.command()
def truth(
    size: Size = SampleSize.DEMO,
    seed: Seed = 1,
) -> None:
    """Print what was planted: faults with their excess energy, and projects, as JSON."""
    readings = SampleReadings(build_portfolio(size, seed=seed))
    print_json({"faults": fault_truth(readings).to_dicts(), "projects": project_truth(readings).to_dicts()})
