"""Every example runs as a user runs it, and prints the figures that a direct call of the tools gives."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.command_line import redaptive
from tests.configured_servers import server_environment
from tests.conftest import DEMO_TENANT

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = sorted((CHECKOUT / "examples").rglob("*.py"))
AGENT = "portfolio-intelligence"
BUDGET_USD = 250_000
Printed = Callable[..., str]


@pytest.fixture(scope="session")
def demo_environment(servers, demo_load, tmp_path_factory) -> dict[str, str]:
    """The session's servers and the tenant that holds the demo sample; nothing else of our environment."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path_factory.mktemp("user")),
        **server_environment(servers),
        "REDAPTIVE_TENANT": DEMO_TENANT,
        "COLUMNS": "160",
    }


def run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, cwd=environment["HOME"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def call(tool: str, environment: dict[str, str], **arguments: object):
    given, name = ["--json", json.dumps(arguments)], tool if "." in tool else f"{AGENT}.{tool}"
    done = redaptive("call", name, *given, env=environment, cwd=Path(environment["HOME"]))
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def printed(demo_environment: dict[str, str]) -> Printed:
    """What an example prints with these options; it runs once with each."""
    return cache(lambda example, *options: run([sys.executable, str(example), *options], demo_environment))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_without_arguments(example: Path, printed: Printed) -> None:
    assert len(printed(example).splitlines()) > 5


def test_the_portfolio_example_prints_what_the_tools_answer(demo_environment: dict[str, str], printed: Printed) -> None:
    example = CHECKOUT / "examples" / "energy" / "portfolio_analysis_example.py"
    text = printed(example, "--budget", str(BUDGET_USD))
    lines = {line.strip().partition("  ")[0]: line for line in text.splitlines()}
    usage = call("analyze_portfolio_usage", demo_environment)
    total = usage["value"]["total"]
    assert f" {total['electricity_kwh']:,.0f} kWh" in lines["electricity"]
    assert f" {total['gas_therms']:,.0f} therms" in lines["gas"]
    assert f" {total['cost_usd']:,.0f} USD" in lines["cost"]
    assert f" {total['emissions_tco2e']:,.0f} tCO2e" in lines["emissions"]
    assert f" {total['site_eui_kbtu_per_ft2']:,.1f} kBtu/ft2.yr" in lines["site EUI"]
    assert usage["method"] in text
    assert all(source["version"] in text for source in usage["provenance"])
    worst = call("benchmark_buildings", demo_environment)["value"]["rows"][:3]
    rows = [f"  {r['building_code']}  {r['building_type']}  {r['value']:,.1f} {r['unit']}  " for r in worst]
    places = [text.index(row) for row in rows]
    assert len(places) == 3
    assert places == sorted(places)


def test_the_portfolio_example_spends_no_more_than_the_budget(
    demo_environment: dict[str, str], printed: Printed
) -> None:
    example = CHECKOUT / "examples" / "energy" / "portfolio_analysis_example.py"
    text = printed(example, "--budget", str(BUDGET_USD))
    ranked = call("rank_and_summarize_portfolio", demo_environment, budget_usd=BUDGET_USD)["value"]
    chosen = ranked["selection"]
    assert 0 < chosen["capex_usd"] <= BUDGET_USD
    assert f"{len(ranked['projects'])} of {ranked['considered']}" in text
    assert f"{chosen['capex_usd']:,.0f} USD" in text
    assert f"{chosen['npv_usd']:,.0f} USD" in text
    assert f"{chosen['savings_usd_per_y']:,.0f} USD/yr, {chosen['t_co2e_per_y']:,.1f} tCO2e/yr" in text


def test_the_monitoring_example_prints_what_the_tools_answer(
    demo_environment: dict[str, str], printed: Printed
) -> None:
    text = printed(CHECKOUT / "examples" / "energy" / "energy_monitoring_example.py")
    main = next(line for line in text.splitlines() if line.startswith("Forecast of ")).split()[2]
    found = call("energy-monitoring.detect_anomalies", demo_environment, meter_ids=[main])
    costliest = found["value"]["anomalies"][0]
    assert costliest["usd_per_day"] > 0
    assert f"{costliest['usd_per_day']:,.2f} USD/day\n    {costliest['evidence']}" in text
    alerts = call("energy-monitoring.raise_or_acknowledge_alert", demo_environment, action="list")["value"]["alerts"]
    assert [a["state"] for a in alerts] == ["acknowledged"]
    assert f"Alert {alerts[0]['id'][:8]}: {alerts[0]['severity']}, open, {alerts[0]['usd_per_day']} USD/day" in text
    forecast = call("energy-monitoring.forecast_load", demo_environment, meter_id=main)
    assert f" {forecast['value']['p50_total']:,.0f} kWh\n" in text
    assert forecast["method"] in text
