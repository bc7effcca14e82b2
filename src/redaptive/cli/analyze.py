"""`redaptive analyze`: from loaded readings to a report."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.analysis import Analysis, AnalysisRequest
from redaptive.cli.output import print_json, say
from redaptive.cli.reporting import analyze_over_http, page_of, print_page, write_report
from redaptive.cli.session import with_app
from redaptive.settings import Settings


class Objective(StrEnum):
    """What the choice of projects maximises."""

    NPV = "npv"
    CO2 = "co2"
    PAYBACK = "payback"


def analyze(
    period: Annotated[str | None, typer.Option(help="2025 or 2025-01..2025-12; default: last 12 full months.")] = None,
    budget: Annotated[float, typer.Option(min=0, help="Money to invest, USD.")] = 1_000_000,
    objective: Annotated[Objective, typer.Option(help="What to maximise.")] = Objective.NPV,
    portfolio: Annotated[str | None, typer.Option(help="Code of a portfolio; default: all buildings.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the report; default: under REDAPTIVE_HOME.")] = None,
    electricity_price: Annotated[float | None, typer.Option(min=0, help="USD per kWh, if none is loaded.")] = None,
    gas_price: Annotated[float | None, typer.Option(min=0, help="USD per therm, if none is loaded.")] = None,
    grid_factor: Annotated[float | None, typer.Option(min=0, help="kg CO2e per kWh, outside the US.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON instead of tables.")] = False,
) -> None:
    """Analyse the loaded portfolio: use, peers, opportunities, and the best projects for a budget.

    The portfolio agent does the work over MCP. What it cannot answer it refuses, and names what is missing.
    """
    prices = {
        "electricity_usd_per_kwh": electricity_price,
        "gas_usd_per_therm": gas_price,
        "grid_kg_per_kwh": grid_factor,
    }
    given = {name: value for name, value in prices.items() if value is not None}
    request = AnalysisRequest(budget, period, portfolio, str(objective), given)

    async def run(running: App) -> Analysis:
        return await analyze_over_http(running, request)

    analysis = with_app(run, quiet=as_json)
    show(analysis, out, as_json=as_json)


def show(analysis: Analysis, folder: Path | None, *, as_json: bool = False) -> Path:
    """Prints an analysis and writes its report; the path of the HTML file."""
    settings = Settings()
    page = page_of(analysis, settings.tenant)
    target = folder or settings.home / "reports" / f"{settings.tenant}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    files = write_report(page, analysis, target)
    if as_json:
        print_json({"answers": analysis.answers, "refusals": [vars(r) for r in analysis.refusals]})
    else:
        print_page(page)
    say(f"\nReport: {files.html}\nJSON:   {files.json}\nCSV:    {len(files.csv)} tables in {target}")
    return files.html
