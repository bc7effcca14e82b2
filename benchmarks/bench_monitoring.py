"""The monitoring agent's tools on the demo sample, in process; and the load forecast on real meters beside its peer.

    python benchmarks/bench_monitoring.py

Tools: medians of three calls after a warm-up, on a loaded demo (200 meters of 15, 60 minutes). Forecasts: university
meters of 2019 in the 30 % of buildings that no setting was chosen on, issued every fifth day at midnight UTC; the peer
is the seasonal naive forecast with the same calibration. Needs the data folder; without it that part is skipped.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import polars as pl
from public_data import public_folder

from redaptive.agents.invoker import InProcessInvoker
from redaptive.app import App, open_app
from redaptive.domain.forecast.load_forecast import forecast_load
from redaptive.domain.forecast.methods import PointMethod, SeasonalLevel, SeasonalNaive
from redaptive.domain.meter_series import MeterSeries, on_grid
from redaptive.domain.portfolio.records import Commodity, Meter, MeterRole
from redaptive.errors import InvalidInput
from redaptive.sample.loading import SampleLoader
from redaptive.sample.portfolio import build_portfolio
from redaptive.settings import Settings

AGENT = "energy-monitoring"
ROUNDS = 3
METERS = 12
DATA = public_folder("cambridge_estates") / "meters_hourly.parquet"
FIRST = datetime(2018, 1, 1, tzinfo=UTC)
DAY_S = 86_400


def main() -> None:
    """Both tables."""
    home = Path(tempfile.mkdtemp(prefix="redaptive-bench-"))
    home.chmod(0o755)
    try:
        asyncio.run(_tools(Settings(home=home, log_level="ERROR", rate_limit_per_minute=1_000_000)))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if not DATA.exists():
        print(f"\nForecasts: skipped, {DATA} is not there.")
        return
    print("\n| forecast | horizon h | meters | WAPE median / mean | P10-P90 held: mean / worst meter |")
    print("|---|---|---|---|---|")
    meters = list(_meters())
    for hours in (24, 168):
        for method in (SeasonalLevel(), SeasonalNaive()):
            _forecasts(meters, method, hours)


async def _tools(settings: Settings) -> None:
    async with open_app(settings) as app:
        principal = await app.local_principal("bench")
        portfolio = build_portfolio("demo")
        await SampleLoader(app.pools, app.readings, principal.tenant_id, lambda *_: None).load(portfolio)
        async with InProcessInvoker(app.agents([AGENT])) as invoker:

            async def timed(tool: str, label: str, **arguments: Any) -> None:
                seconds = []
                for _ in range(ROUNDS + 1):
                    started = time.perf_counter()
                    await invoker.call(f"{AGENT}.{tool}", arguments, principal=principal)
                    seconds.append(time.perf_counter() - started)
                print(f"| {tool} | {label} | {1000 * statistics.median(seconds[1:]):,.0f} |")

            codes = await _quarter_hourly(app, principal.tenant_id)
            print("| tool | of what | ms, median of 3 |\n|---|---|---|")
            await timed("detect_anomalies", f"{METERS} meters, 30 days of 15 min after 42 to warm up", meter_ids=codes)
            await timed("detect_anomalies", "1 meter, the same", meter_ids=codes[:1])
            await timed("forecast_load", "1 meter, 24 h of 15 min", meter_id=codes[0])
            await timed("peak_alert", "1 meter, 24 h ahead", meter_id=codes[0])
            await timed("get_meter_status", f"{METERS} meters", meter_ids=codes)
            await timed("get_meter_status", "200 meters")
            await timed("validate_estimate_edit", "1 meter, 30 days", meter_id=codes[0], start="2025-12-02")


async def _quarter_hourly(app: App, tenant_id: Any) -> list[str]:
    def wanted(meter: Meter) -> bool:
        return (
            meter.commodity is Commodity.ELECTRICITY and meter.interval_s == 900 and meter.role is not MeterRole.VIRTUAL
        )

    return [m.code for m in await app.portfolio(tenant_id).meters() if wanted(m)][:METERS]


def _meters() -> Iterator[MeterSeries]:
    """2018 and 2019 of the electricity meters in report buildings; zeros are gaps in this archive."""
    start = int(FIRST.timestamp())
    frame = pl.read_parquet(DATA).with_columns(pl.col("meter_id").cast(pl.String))
    frame = frame.filter(pl.col("meter_id").str.ends_with("_e") & (pl.col("ts") >= FIRST.replace(tzinfo=None)))
    for (meter,), rows in frame.group_by("meter_id", maintain_order=True):
        building = str(meter).partition("_")[0]
        if int(hashlib.md5(building.encode(), usedforsecurity=False).hexdigest(), 16) % 10 < 7:
            continue
        known = rows.filter(pl.col("kwh") != 0)
        wh = known["kwh"].to_numpy().astype(np.float64) * 1000
        seconds = known["ts"].dt.epoch("s").to_numpy()
        yield on_grid(seconds, wh, np.zeros(known.height, np.int8), 3600, start, start + 730 * DAY_S)


def _forecasts(meters: list[MeterSeries], method: PointMethod, hours: int) -> None:
    closed = frozenset[date](holidays.country_holidays("GB", subdiv="ENG", years=range(2018, 2021)))
    wape, held = [], []
    for series in meters:
        wrong = total = inside = known = 0.0
        for day in range(365, 725, 5):
            issue = series.start_s + day * DAY_S
            try:
                found = forecast_load(series, "Europe/London", method, issue_s=issue, steps=hours, holidays=closed)
            except InvalidInput:
                continue
            truth = series.energy[day * 24 : day * 24 + hours]
            ok = np.isfinite(truth) & np.isfinite(found.p50)
            wrong += float(np.abs(truth - found.p50)[ok].sum())
            total += float(truth[ok].sum())
            inside += float(((truth >= found.p10) & (truth <= found.p90))[ok].sum())
            known += float(ok.sum())
        if known > 500:
            wape.append(wrong / total)
            held.append(inside / known)
    name = type(method).__name__
    print(
        f"| {name} | {hours} | {len(wape)} | {np.median(wape):.4f} / {np.mean(wape):.4f} |"
        f" {100 * np.mean(held):.1f} % / {100 * min(held):.1f} % |"
    )


if __name__ == "__main__":
    main()
