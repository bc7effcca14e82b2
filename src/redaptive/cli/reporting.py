"""Runs an analysis through an agent served over HTTP and writes its report: HTML, JSON, CSV, terminal tables."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio
import httpx2
import uvicorn

from redaptive.agents.invoker import HttpInvoker
from redaptive.agents.principal import LocalAuthenticator
from redaptive.agents.serving import Serving, agent_app
from redaptive.app import App
from redaptive.cli.analysis import AGENT, Analysis, AnalysisRequest, run_analysis
from redaptive.cli.output import out, print_kpis, print_table, progress_bars, say
from redaptive.cli.sample import bar_progress
from redaptive.errors import Unavailable
from redaptive.web.blocks import Kpis, Page, Table, Text, page_json, table_csv
from redaptive.web.render import render_html
from redaptive.web.reports.portfolio import ReportInputs, portfolio_page

READY_S = 20.0
TERMINAL_ROWS = 10


@dataclass(frozen=True)
class ReportFiles:
    """Where a report was written."""

    html: Path
    json: Path
    csv: tuple[Path, ...]


@asynccontextmanager
async def served_agent(running: App, agent_id: str = AGENT) -> AsyncIterator[str]:
    """The URL of an agent that is served over HTTP on a free loopback port for the length of the block."""
    serving = Serving(LocalAuthenticator(await running.local_principal()), health=running.health())
    app = agent_app(running.agents([agent_id]).get(agent_id), serving)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    stopped = anyio.Event()

    async def serve() -> None:
        await server.serve([listener])
        stopped.set()

    async with anyio.create_task_group() as group:
        group.start_soon(serve)
        await _ready(f"http://127.0.0.1:{port}/ready")
        try:
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            # Also after an error the server ends by itself: cancelled, it would report a defect of its own.
            server.should_exit = True
            with anyio.CancelScope(shield=True):
                await stopped.wait()


async def _ready(url: str) -> None:
    async with httpx2.AsyncClient() as client:
        with anyio.move_on_after(READY_S):
            while True:
                try:
                    if (await client.get(url)).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass  # not listening yet
                await anyio.sleep(0.05)
    raise Unavailable(f"The agent was not ready within {READY_S:g} s.", fix="Run `redaptive doctor`.")


async def analyze_over_http(running: App, request: AnalysisRequest) -> Analysis:
    """The analysis through the portfolio agent, called over MCP as any client would."""
    async with served_agent(running) as url:
        say(f"Portfolio agent at {url}")
        async with HttpInvoker({AGENT: url}) as invoker:
            with progress_bars() as bars:
                report = bar_progress(bars)
                return await run_analysis(invoker, request, lambda s, d, t: report(s, int(d), int(t)))


def page_of(analysis: Analysis, tenant: str) -> Page:
    """The report of an analysis, made now."""
    refusals = [(r.step, r.message, r.fix) for r in analysis.refusals]
    return portfolio_page(ReportInputs(analysis.answers, refusals, tenant, datetime.now(UTC)))


def write_report(page: Page, analysis: Analysis, folder: Path) -> ReportFiles:
    """Writes report.html, report.json (blocks and the agent's full answers) and one CSV per table."""
    folder.mkdir(parents=True, exist_ok=True)
    html, data = folder / "report.html", folder / "report.json"
    html.write_text(render_html(page), encoding="utf-8")
    data.write_text(json.dumps({**page_json(page), "answers": analysis.answers}, indent=1), encoding="utf-8")
    tables = []
    for block in page.blocks:
        if isinstance(block, Table):
            path = folder / f"{block.id}.csv"
            path.write_text(table_csv(block), encoding="utf-8")
            tables.append(path)
    return ReportFiles(html, data, tuple(tables))


def print_page(page: Page) -> None:
    """The report in the terminal: figures, short texts and the first rows of the main tables."""
    out.rule(f"[bold]{page.title}[/] · {page.subtitle}")
    main = {"projects", "groups", "buildings", "excluded", "not-screened"}
    for block in page.blocks:
        if isinstance(block, Kpis):
            print_kpis(block)
        elif isinstance(block, Table) and block.id in main:
            print_table(_narrow(block), limit=TERMINAL_ROWS)
        elif isinstance(block, Text) and block.id in {"summary", "refused"}:
            out.print(f"\n[bold]{block.title}[/]")
            for line in (*block.paragraphs, *(f"• {b}" for b in block.bullets)):
                out.print(f"  {line}", markup=False)


def _narrow(table: Table) -> Table:
    """The table without the columns that do not fit a terminal."""
    return table.without(
        "why", "building_name", "source_eui_kbtu_per_ft2", "savings_therms", "percentile", "floor_area_ft2", "peak_kw",
        "coverage_pct", "gap_to_p75_usd",
    )  # fmt: skip
