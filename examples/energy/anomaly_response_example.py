"""Anomaly -> are the data right, is it the equipment -> alert: the pattern run with slots that a program gives.

    python examples/energy/anomaly_response_example.py --limit 100000

Alerts are raised for anomalies above the limit in USD a day, after a person approved; the default limit is so high
that the example only looks. Tenant: REDAPTIVE_TENANT (default: demo).
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

import anyio

from redaptive.app import open_app
from redaptive.cli.executor import open_engine
from redaptive.cli.runs_session import controller, pattern_named
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.control.starting import StartTerms
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions
from redaptive.orchestration.state.run_export import whole_nodes
from redaptive.orchestration.state.workflow_persistence import WorkflowStore
from redaptive.settings import Settings


async def main(limit_usd_per_day: float) -> None:
    """Start the pattern, await it, tell what it found."""
    plan = pattern_named("anomaly_response")
    print(to_ascii(plan))
    async with open_app(Settings(tenant=os.environ.get("REDAPTIVE_TENANT", "demo"))) as app:
        control = await controller(app)
        async with open_engine(app, EngineOptions(grace_s=1.0)) as engine:
            inputs = {"limit_usd_per_day": limit_usd_per_day}
            started = await control.start(plan, inputs, StartTerms(reason="example"))
            run = await engine.wait(control.tenant_id, started.run_id)
        store = WorkflowStore(app.pools, control.tenant_id)
        snapshot = await store.snapshot(run.id)
        snapshot = replace(snapshot, nodes=await whole_nodes(store, snapshot))
    print(f"\nrun {run.id}: {run.state}")
    found = compose(plan, Finished.of(snapshot))
    print(found.text)
    for table in found.tables:
        print(f"\n{table.title}: {' | '.join(table.columns)}")
        for row in table.rows:
            print("  " + " | ".join(str(value) for value in row))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=1e9, help="USD a day above which an alert is raised.")
    anyio.run(main, parser.parse_args().limit)
