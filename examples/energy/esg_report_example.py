"""ESG report -> sustainability metrics -> the executives' dashboard: four sources side by side, then a gate.

    python examples/energy/esg_report_example.py 2025

Runs the pattern for the tenant of REDAPTIVE_TENANT (default: demo). Steps of agents that are not built yet fail with
"not available yet"; what does not need them is done all the same, and the run says which is which.
"""

from __future__ import annotations

import argparse
import os

import anyio

from redaptive.app import open_app
from redaptive.cli.executor import open_engine
from redaptive.cli.runs_session import controller, pattern_named
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions
from redaptive.settings import Settings


async def main(period: str) -> None:
    """Start the pattern, and tell how each node ended."""
    plan = pattern_named("esg_report")
    print(to_ascii(plan))
    async with open_app(Settings(tenant=os.environ.get("REDAPTIVE_TENANT", "demo"))) as app:
        control = await controller(app)
        async with open_engine(app, EngineOptions(grace_s=1.0)) as engine:
            started = await control.start(plan, {"period": period})
            run = await engine.wait(control.tenant_id, started.run_id)
        seen = await control.snapshot(run.id)
    print(f"\nrun {run.id}: {run.state}")
    for node in seen.nodes:
        reason = str((node.error or {}).get("message", node.reason))
        print(f"  {node.id:<12} {node.state:<9} {node.tool or 'expression'}  {reason}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("period", nargs="?", default="2025", help="A year, or months such as 2025-01..2025-06.")
    anyio.run(main, parser.parse_args().period)
