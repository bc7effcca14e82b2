"""Asks the portfolio agent, as any MCP client would: energy use, the worst buildings, the best projects for a budget.

    python examples/energy/portfolio_analysis_example.py --budget 500000

The agent runs as a child process over stdio and works for the tenant of REDAPTIVE_TENANT (default: demo). A tenant
without buildings first gets the sample portfolio.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import anyio
from mcp import Client, StdioServerParameters, stdio_client

AGENT = "portfolio-intelligence"
REDAPTIVE = [sys.executable, "-m", "redaptive"]
Answer = dict[str, Any]


async def ask(client: Client, tool: str, **arguments: Any) -> Answer:
    """The agent's answer: value, unit, method, inputs, data quality, warnings and provenance."""
    result = await client.call_tool(f"{AGENT}.{tool}", arguments)
    if result.is_error or result.structured_content is None:
        raise SystemExit(f"{tool}: {getattr(result.content[0], 'text', 'no answer')}")
    return dict(result.structured_content)


async def load_sample_if_empty(client: Client, tenant: str) -> None:
    """Loads the sample portfolio when the tenant has no portfolio yet."""
    found = await client.read_resource("energy://portfolios")
    if json.loads(getattr(found.contents[0], "text", "[]")):
        return
    print(f"The tenant {tenant} has no portfolio: loading the sample.", file=sys.stderr)
    await anyio.run_process([*REDAPTIVE, "sample", "load", "--tenant", tenant], stdout=sys.stderr, stderr=sys.stderr)


def print_usage(answer: Answer) -> None:
    """Energy, cost and emissions of the portfolio."""
    total = answer["value"]["total"]
    print(f"\nUse in {answer['inputs_used']['period']}: {total['buildings']} buildings")
    print(f"  electricity  {total['electricity_kwh']:,.0f} kWh")
    print(f"  gas          {total['gas_therms']:,.0f} therms")
    print(f"  cost         {_number(total['cost_usd'])} USD")
    print(f"  emissions    {_number(total['emissions_tco2e'])} tCO2e")
    print(f"  site EUI     {_number(total['site_eui_kbtu_per_ft2'], 1)} kBtu/ft2.yr")


def print_worst(answer: Answer, count: int = 3) -> None:
    """The buildings that stand worst among their peers."""
    print("\nWorst buildings against the national medians (percentiles are estimates)")
    for row in answer["value"]["rows"][:count]:
        ratio = _number(row["ratio_to_median"], 2)
        print(f"  {row['building_code']}  {row['building_type']}  {row['value']:,.1f} {row['unit']}  {ratio} x median")


def print_projects(answer: Answer, budget_usd: float, count: int = 5) -> None:
    """The chosen projects, the largest first."""
    chosen, projects = answer["value"]["selection"], answer["value"]["projects"]
    print(f"\nBest projects for {budget_usd:,.0f} USD: {len(projects)} of {answer['value']['considered']}")
    print(f"  investment   {chosen['capex_usd']:,.0f} USD")
    print(f"  savings      {chosen['savings_usd_per_y']:,.0f} USD/yr, {chosen['t_co2e_per_y']:,.1f} tCO2e/yr")
    print(f"  NPV          {chosen['npv_usd']:,.0f} USD")
    for project in projects[:count]:
        saved = f"{project['savings_usd_per_y']:,.0f} USD/yr"
        print(
            f"  {project['building_code']}  {project['title']}: {project['capex_usd']['mid']:,.0f} USD, saves {saved}"
        )


def print_provenance(answer: Answer) -> None:
    """Where the figures come from and what to be careful about."""
    print(f"\nMethod: {answer['method']}")
    for source in answer["provenance"]:
        print("Source: " + ", ".join(str(part) for part in source.values() if part))
    print(f"Factors: {'; '.join(answer['factor_version'])}")
    print(f"Coverage: {answer['data_quality']['coverage_pct']:.1f} % of the expected readings")
    print(f"Warnings: {len(answer['warnings'])}" + "".join(f"\n  {text}" for text in answer["warnings"][:3]))


def _number(value: float | None, digits: int = 0) -> str:
    return "unknown" if value is None else f"{value:,.{digits}f}"


async def review(budget_usd: float, tenant: str) -> None:
    """The whole review."""
    environment = {**os.environ, "REDAPTIVE_TENANT": tenant}
    server = StdioServerParameters(
        command=REDAPTIVE[0], args=[*REDAPTIVE[1:], "agents", "start", AGENT, "--stdio"], env=environment
    )
    async with Client(stdio_client(server)) as client:
        await load_sample_if_empty(client, tenant)
        usage = await ask(client, "analyze_portfolio_usage")
        print_usage(usage)
        print_worst(await ask(client, "benchmark_buildings"))
        print_projects(await ask(client, "rank_and_summarize_portfolio", budget_usd=budget_usd), budget_usd)
        print_provenance(usage)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", type=float, default=500_000.0, help="Money to invest, USD (default 500000).")
    anyio.run(review, parser.parse_args().budget, os.environ.get("REDAPTIVE_TENANT", "demo"))
