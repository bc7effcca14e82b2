"""`redaptive demo`: the product's main job on a sample portfolio, in one command."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.analysis import Analysis, AnalysisRequest
from redaptive.cli.analyze import show
from redaptive.cli.output import out, say
from redaptive.cli.reporting import analyze_over_http
from redaptive.cli.sample import load_sample
from redaptive.cli.session import with_app
from redaptive.sample.portfolio import build_portfolio
from redaptive.sample.specs import SampleSize

TENANT = "demo"
NEXT_STEPS = """
[bold]What to try next[/]  (first: source .venv/bin/activate)
  redaptive --tenant demo analyze --budget 250000 --objective co2
  redaptive --tenant demo call portfolio-intelligence.weather_normalize --json '{{"building_id": "{building}"}}'
  redaptive services start                     keep the servers running: commands start faster
  redaptive agents start portfolio-intelligence     connect Claude Desktop, an IDE or your own client
  redaptive import readings --help             your own data
"""


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Folder of the report.")] = Path("out/demo"),
    budget: Annotated[float, typer.Option(min=0, help="Money to invest, USD.")] = 1_000_000,
    size: Annotated[SampleSize, typer.Option(help="Size of the sample; f500 takes minutes.")] = SampleSize.DEMO,
) -> None:
    """Start the servers, build a sample portfolio, analyse it through the agent over MCP, write the report."""
    started = time.monotonic()
    os.environ["REDAPTIVE_TENANT"] = TENANT
    portfolio = build_portfolio(size)
    say(f"[1/3] Servers, and a sample of {len(portfolio.buildings)} buildings and {len(portfolio.meters)} meters")

    async def run(running: App) -> Analysis:
        report = await load_sample(running, TENANT, portfolio)
        say(f"      {report.readings:,} new readings, {report.bills:,} bills, {report.stations} weather stations")
        say("[2/3] Analysis by the portfolio agent over MCP")
        return await analyze_over_http(running, AnalysisRequest(budget))

    analysis = with_app(run)
    say("[3/3] Report")
    show(analysis, folder)
    out.print(NEXT_STEPS.format(building=portfolio.buildings[0].code))
    say(f"Done in {time.monotonic() - started:.0f} s.")
