"""Asks the monitoring agent, as any MCP client would: worst meters, the costliest anomaly, a forecast, an alert.

    python examples/energy/energy_monitoring_example.py --building BLD-001

The agent runs as a child process over stdio and works for the tenant of REDAPTIVE_TENANT (default: demo). A tenant
without meters first gets the sample portfolio.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import anyio
from mcp import Client, StdioServerParameters, stdio_client

AGENT = "energy-monitoring"
ALERT = "raise_or_acknowledge_alert"
REDAPTIVE = [sys.executable, "-m", "redaptive"]
Answer = dict[str, Any]


class Refused(Exception):
    """The agent's own words on why it does not answer."""


async def ask(client: Client, tool: str, **arguments: Any) -> Answer:
    """The agent's answer: value, unit, method, inputs, data quality, warnings and provenance."""
    result = await client.call_tool(f"{AGENT}.{tool}", arguments)
    if result.is_error or result.structured_content is None:
        raise Refused(f"{tool}: {getattr(result.content[0], 'text', 'no answer')}")
    return dict(result.structured_content)


async def load_sample_if_empty(client: Client, tenant: str) -> None:
    """Loads the sample portfolio when the tenant has no meter yet."""
    found = await client.read_resource("energy://stream")
    if json.loads(getattr(found.contents[0], "text", "{}")).get("meters"):
        return
    print(f"The tenant {tenant} has no meter: loading the sample.", file=sys.stderr)
    await anyio.run_process([*REDAPTIVE, "sample", "load", "--tenant", tenant], stdout=sys.stderr, stderr=sys.stderr)


def print_worst_meters(answer: Answer, count: int = 5) -> None:
    """Meters with the most doubtful readings, of those that ever sent any."""
    value = answer["value"]
    print(
        f"\nMeters: {value['live']} live, {value['late']} late, {value['silent']} silent, {value['never']} never heard"
    )
    flagged = sorted(value["meters"], key=lambda m: -sum(f["intervals"] for f in m["flags"]))
    for meter in flagged[:count]:
        flags = ", ".join(f"{f['intervals']} x {f['flag']}" for f in meter["flags"]) or "no flag"
        print(f"  {meter['meter_code']}  {meter['commodity']}  last seen {meter['last_seen']}  {flags}")


def print_anomalies(answer: Answer, count: int = 3) -> None:
    """The costliest anomalies, each with its evidence."""
    value = answer["value"]
    print(f"\nAnomalies from {value['start']} to {value['end']}: {len(value['anomalies'])} at {value['meters']} meters")
    for event in value["anomalies"][:count]:
        cost = "not priced" if event["usd_per_day"] is None else f"{event['usd_per_day']:,.2f} USD/day"
        print(f"  {event['kind']}  {cost}\n    {event['evidence']}")


def print_forecast(answer: Answer) -> None:
    """The next day in blocks of six hours."""
    value = answer["value"]
    print(f"\nForecast of {value['meter_code']} issued {value['issued_at']}: {value['p50_total']:,.0f} {value['unit']}")
    per_block = 6 * 3600 // value["interval_s"]
    rows = value["intervals"]
    for first in range(0, len(rows), per_block):
        block = rows[first : first + per_block]
        low, middle, high = (sum(row[p] for row in block) for p in ("p10", "p50", "p90"))
        print(f"  from {block[0]['start']}  {middle:,.0f} kWh  (sums of P10 and P90: {low:,.0f} and {high:,.0f})")
    print(f"  method: {answer['method']}")


async def work_alert(client: Client, anomalies: Answer) -> None:
    """Raises the costliest anomaly as an alert (once: it is one alert however often it is raised) and takes it on."""
    events = anomalies["value"]["anomalies"]
    if not events:
        print("\nNo anomaly: no alert.")
        return
    names = ("meter_code", "kind", "start", "end", "score", "expected", "actual", "excess_per_day")
    anomaly = {name: events[0][name] for name in names}
    raised = (await ask(client, ALERT, action="raise", anomaly=anomaly))["value"]["acted"]
    alert = raised["alert"]
    cost = "not priced" if alert["usd_per_day"] is None else f"{alert['usd_per_day']} USD/day"
    print(f"\nAlert {alert['id'][:8]}: {alert['severity']}, {alert['state']}, {cost}")
    for cause in raised["likely_causes"][:3]:
        print(f"  likely cause  {cause['probability']:.0%}  {cause['title']}")
    for step in raised["checklist"][:3]:
        print(f"  to check      {step}")
    if alert["state"] in ("open", "acknowledged"):
        taken = (await ask(client, ALERT, action="acknowledge", alert_id=alert["id"], note="example"))["value"]["acted"]
        history = ", ".join(f"{step['action']} by {step['who']}" for step in taken["history"])
        print(f"  now {taken['alert']['state']}: {history}")


def print_peak(answer: Answer) -> None:
    """The billing peak ahead."""
    value = answer["value"]
    print(f"\nPeak: risk {value['risk']}\n  {value['evidence']}")


def print_provenance(answer: Answer) -> None:
    """Where the figures come from and what to be careful about."""
    for source in answer["provenance"]:
        print("\nSource: " + ", ".join(str(part) for part in source.values() if part))
    print(f"Factors: {'; '.join(answer['factor_version'])}")
    print(f"Coverage: {answer['data_quality']['coverage_pct']:.1f} % of the expected readings")


async def watch(building: str | None, tenant: str) -> None:
    """The whole round."""
    environment = {**os.environ, "REDAPTIVE_TENANT": tenant}
    server = StdioServerParameters(
        command=REDAPTIVE[0], args=[*REDAPTIVE[1:], "agents", "start", AGENT, "--stdio"], env=environment
    )
    async with Client(stdio_client(server)) as client:
        await load_sample_if_empty(client, tenant)
        status = await ask(client, "get_meter_status", **({"building_ids": [building]} if building else {}))
        print_worst_meters(status)
        mains = [m for m in status["value"]["meters"] if m["commodity"] == "electricity" and m["role"] == "main"]
        energy = [m for m in mains if m["last_seen"]]
        chosen = building or energy[0]["building_code"]
        anomalies = await ask(client, "detect_anomalies", building_ids=[chosen])
        print_anomalies(anomalies)
        main = max((m for m in energy if m["building_code"] == chosen), key=lambda m: m["last_value"] or 0.0)
        for tool, show in (("forecast_load", print_forecast), ("peak_alert", print_peak)):
            try:
                show(await ask(client, tool, meter_id=main["meter_code"]))
            except Refused as refused:  # a meter of a few days has no forecast yet
                print(f"\n{refused}")
        await work_alert(client, anomalies)
        print_provenance(anomalies)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--building", help="Code of the building to look at (default: one with an electric meter).")
    try:
        anyio.run(watch, parser.parse_args().building, os.environ.get("REDAPTIVE_TENANT", "demo"))
    except* Refused as refusals:
        refusal: BaseException = refusals
        while isinstance(refusal, BaseExceptionGroup):
            refusal = refusal.exceptions[0]
        sys.exit(str(refusal))
