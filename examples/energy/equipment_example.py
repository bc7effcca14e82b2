"""Asks the equipment agent, as any MCP client would: what is wrong with two air handlers and a chiller, and what first.

    python examples/energy/equipment_example.py

Trends of simulated equipment with known faults are written as files and loaded by `redaptive equipment load`, as your
own would be. The agent runs as a child process over stdio and works for the tenant of REDAPTIVE_TENANT (default:
demo). A tenant without buildings first gets the sample portfolio.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters, stdio_client

from redaptive.sample.equipment_units import MONDAY_S, STEP_S, UnitFault, simulate_air_handler, simulate_chiller

AGENT = "equipment-performance"
REDAPTIVE = [sys.executable, "-m", "redaptive"]
WINTER, SUMMER = 15, 200
RECORDS = """code,building_code,kind,name,installed_on,airflow_cfm,design_kw_per_ton,design_tons,duty_factor
EX-AHU-1,{b},ahu,Air handler with a stuck damper,2012-05-01,24000,,,
EX-AHU-2,{b},rtu,Rooftop unit that heats and cools,2014-05-01,9000,,,
EX-CH-1,{b},chiller,Chiller that fouls,2009-03-01,,0.56,500,1.1
"""
Answer = dict[str, Any]


async def ask(client: Client, tool: str, **arguments: Any) -> Answer:
    """The agent's answer: value, unit, method, inputs, data quality, warnings and provenance."""
    result = await client.call_tool(f"{AGENT}.{tool}", arguments)
    if result.is_error or result.structured_content is None:
        raise SystemExit(f"{tool}: {getattr(result.content[0], 'text', 'no answer')}")
    return dict(result.structured_content)


def write_trends(path: Path, start_s: int, step_s: int, names: Sequence[str], rows: Iterable[Sequence[float]]) -> None:
    """A file as a building automation system exports it: time and one column a point."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ts", *names])
        for number, row in enumerate(rows):
            moment = datetime.fromtimestamp(start_s + number * step_s, UTC)
            writer.writerow([moment.isoformat(), *(round(float(value), 3) for value in row)])


def write_files(folder: Path, building: str) -> list[list[str]]:
    """Records and trends; the arguments of the commands that load them."""
    (folder / "equipment.csv").write_text(RECORDS.format(b=building))
    faults = {"EX-AHU-1": (UnitFault.DAMPER_OPEN, WINTER), "EX-AHU-2": (UnitFault.SIMULTANEOUS, SUMMER)}
    for code, (fault, day) in faults.items():
        unit = simulate_air_handler(21, fault, day_of_year=day)
        columns = list(unit.columns)
        rows = zip(*(unit.columns[name] for name in columns), strict=True)
        write_trends(folder / f"{code}.csv", unit.start_s, STEP_S, columns, rows)
    made = simulate_chiller(22, days=240, fouling_pct=12.0, ramp_days=240, first_day=0)
    tons = 500.0 * made.load
    daily = zip(tons * made.kw_per_ton, tons * 2.4, made.wet_bulb_f, strict=True)
    hours = ([p, f, 44.0 + h % 2 / 20, 54.0 + h % 2 / 20, w] for p, f, w in daily for h in range(24))
    write_trends(folder / "EX-CH-1.csv", MONDAY_S, 3600, ["power", "flow", "chws", "chwr", "wet_bulb"], hours)
    loads = [["--points", str(folder / f"{code}.csv")] for code in (*faults, "EX-CH-1")]
    return [["--equipment", str(folder / "equipment.csv")], *loads]


async def some_building(environment: dict[str, str]) -> str:
    """Code of a building of the tenant; without any the sample portfolio is loaded first."""
    wanted = [*REDAPTIVE, "call", "portfolio-intelligence.analyze_portfolio_usage"]
    wanted += ["--json", json.dumps({"group_by": "building_code"})]
    found = await anyio.run_process(wanted, env=environment, check=False)
    if found.returncode:
        print("The tenant has no building: loading the sample.", file=sys.stderr)
        load = [*REDAPTIVE, "sample", "load", "--tenant", environment["REDAPTIVE_TENANT"]]
        await anyio.run_process(load, env=environment, stdout=sys.stderr, stderr=None)
        found = await anyio.run_process(wanted, env=environment)
    return str(json.loads(found.stdout)["value"]["rows"][0]["group"])


async def load(building: str | None, environment: dict[str, str]) -> None:
    """Writes the files and loads them."""
    chosen = building or await some_building(environment)
    with tempfile.TemporaryDirectory() as folder:
        for arguments in write_files(Path(folder), chosen):
            await anyio.run_process([*REDAPTIVE, "equipment", "load", *arguments], env=environment, stderr=None)


async def diagnose(client: Client, code: str) -> tuple[list[Answer], list[Answer]]:
    """The faults of an air handler with their cost, printed as they are found."""
    answer = await ask(client, "evaluate_ahu_rules", equipment_id=code)
    report = answer["value"]
    costs: list[Answer] = []
    print(f"\n{code} from {report['start'][:10]} to {report['end'][:10]}: {len(report['faults'])} faults, "
          f"{report['rules_judged']} rules judged, {len(report['skipped'])} for want of points not")  # fmt: skip
    for fault in report["faults"]:
        means = ", ".join(f"{e['point']} {e['mean']:.1f} {e['unit']}" for e in fault["evidence"])
        used = ", ".join(f"{t['name']} {t['value']:g}" for t in fault["thresholds"])
        print(f"  {fault['rule']}  {fault['title']}, {fault['active_h']:.1f} h\n    {means}\n    thresholds: {used}")
        arguments = {"delta_t_f": 12.0} if fault["rule"] in ("SIMUL", "APAR21", "APAR22", "APAR23", "APAR24") else {}
        priced = await ask(client, "cost_of_fault", fault=fault, **arguments)
        cost = priced["value"]
        costs.append(cost)
        print(f"    {cost['cost_usd_per_day']} USD/day" if cost["priced"] else f"    {cost['assumptions'][0]}")
    return report["faults"], costs


def print_orders(answer: Answer) -> None:
    """The work, best first."""
    print("\nWork orders")
    for order in answer["value"]["work_orders"]:
        payback = "not priced" if order["payback_days"] is None else f"pays back in {order['payback_days']:.0f} days"
        rules = ", ".join(order["rules"])
        print(f"  {order['rank']}. {order['equipment_id']} [{order['priority']}] {order['action']} ({rules})")
        print(f"     worth {order['worth_usd_per_day']} USD/day, costs {order['fix_cost_usd']} USD, {payback}, "
              f"{order['probability']:.0%} likely true")  # fmt: skip
    for warning in answer["warnings"]:
        print(f"  warning: {warning}")


async def watch(building: str | None, tenant: str) -> None:
    """The whole round."""
    environment = {"REDAPTIVE_LOG_LEVEL": "WARNING", **os.environ, "REDAPTIVE_TENANT": tenant}
    await load(building, environment)
    arguments = [*REDAPTIVE[1:], "agents", "start", AGENT, "--stdio"]
    async with Client(
        stdio_client(StdioServerParameters(command=REDAPTIVE[0], args=arguments, env=environment))
    ) as client:
        faults: list[Answer] = []
        costs: list[Answer] = []
        for code in ("EX-AHU-1", "EX-AHU-2"):
            found, priced = await diagnose(client, code)
            faults, costs = [*faults, *found], [*costs, *priced]
        print_orders(await ask(client, "recommend_maintenance", faults=faults, costs=costs))
        now = await ask(client, "chiller_performance", power_kw=280.0, flow_gpm=1000.0, chws_f=44.0, chwr_f=54.0,
                        equipment_id="EX-CH-1")  # fmt: skip
        v = now["value"]
        print(f"\nEX-CH-1 now: {v['cooling_tons']:.1f} tons, {v['specific_kw_per_ton']:.3f} kW/ton, "
              f"COP {v['cop']:.2f}, {v['deviation_pct']:+.1f} % against design at {v['load_pct']:.0f} %")  # fmt: skip
        trend = (await ask(client, "degradation_trend", equipment_id="EX-CH-1"))["value"]
        print(f"  {trend['change_pct_per_y']:+.1f} % a year (95 %: {trend['low_pct_per_y']:.1f} to "
              f"{trend['high_pct_per_y']:.1f}) of {trend['quantity']}; alarm {trend['alarm_on']}")  # fmt: skip
        life = await ask(client, "predict_remaining_life", equipment_type="centrifugal_chiller", age_y=17.0,
                         equipment_id="EX-CH-1")  # fmt: skip
        left = life["value"]
        print(f"  {left['failure_probability_12_months']:.1%} fail within 12 months, median "
              f"{left['median_residual_life_y']:.1f} years left\n  method: {life['method']}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--building", help="Code of the building that the equipment is put in (default: any).")
    anyio.run(watch, parser.parse_args().building, os.environ.get("REDAPTIVE_TENANT", "demo"))
