"""Forecasts as files, as JSON and as the blocks of a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from redaptive.cli.forecast_run import Issued, moment
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.intervals import zone
from redaptive.domain.meter_series import Floats
from redaptive.errors import InvalidInput
from redaptive.web.blocks import Json
from redaptive.web.reports.forecast import PAST_SHOWN, Fan, ForecastReport

SUFFIXES: Final = (".csv", ".parquet", ".json")


def require_format(out: Path | None) -> None:
    """Nothing, or InvalidInput for a file whose name ends in none of the formats."""
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise InvalidInput(f"{out.name} has no known format.", field="--out", fix=f"End it with {', '.join(SUFFIXES)}.")


def write_hours(frame: pl.DataFrame, out: Path) -> None:
    """The hours as CSV, Parquet or JSON by the name of the file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix.lower() == ".parquet":
        frame.write_parquet(out)
    elif out.suffix.lower() == ".json":
        frame.with_columns(pl.col("ts").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_json(out)
    else:
        frame.write_csv(out, datetime_format="%Y-%m-%dT%H:%M:%SZ", float_precision=6)


def summary(issued: Sequence[Issued], notes: Sequence[str]) -> dict[str, Json]:
    """Energy by meter beside last week's, totals with quantiles, peak-day warnings, refusals."""
    return {
        "issued_at": moment(issued[0].issue_s).isoformat(),
        "method": issued[0].method,
        "notes": list(notes),
        "meters": [_meter(one, i) for one in issued for i in range(len(one.history.names))],
        "totals": [_total(one) for one in issued],
        "refused": [{"meter": name, "reason": reason} for one in issued for name, reason in one.refused],
    }


def _meter(one: Issued, i: int) -> dict[str, Json]:
    risks = [p for p in one.peaks[one.history.names[i]] if p.risk != "none"]
    return {
        "meter": one.history.names[i],
        "p50_kwh": round(float(np.nansum(one.p50[i])), 3),
        "naive_168h_kwh": round(float(np.nansum(one.naive[i])), 3),
        "peak_warnings": [{"at": moment(int(one.starts_s[p.hour])).isoformat(), "risk": p.risk} for p in risks],
    }


def _total(one: Issued) -> dict[str, Json]:
    """The total of one clock, hour by hour."""
    low, middle, high = ([round(float(v), 3) for v in part] for part in one.total)
    days: list[Json] = [
        {"at": moment(int(one.starts_s[p.hour])).isoformat(), "risk": p.risk, "expected_kwh": round(p.expected_kwh, 3)}
        for p in one.peaks[""]
    ]
    return {"timezone": one.history.timezone, "p10_kwh": low, "p50_kwh": middle, "p90_kwh": high, "days": days}


def report_of(issued: Sequence[Issued], hours: int, notes: Sequence[str]) -> ForecastReport:
    """What the page shows; hours in the clock of the first meters."""
    first = issued[0]
    clock = zone(first.history.timezone)
    shown = min(PAST_SHOWN, first.past.shape[1])
    labels = [f"{moment(first.issue_s + HOUR_S * k).astimezone(clock):%a %d %b %H:%M}" for k in range(-shown, hours)]
    meters = [
        Fan(name, one.past[i, -shown:], one.p10[i], one.p50[i], one.p90[i], one.naive[i], one.peaks[name])
        for one in issued
        for i, name in enumerate(one.history.names)
        if np.isfinite(one.p50[i]).any()
    ]
    refused = [pair for one in issued for pair in one.refused]
    issued_at = f"{moment(first.issue_s).astimezone(clock):%Y-%m-%d %H:%M %Z}"
    return ForecastReport(
        [_sum(one, shown) for one in issued], meters, labels, hours, first.method, issued_at, notes, refused
    )


def _sum(one: Issued, shown: int) -> Fan:
    name = f"All {len(one.history.names)} meters, {one.history.timezone}"
    known = np.isfinite(one.p50).any(axis=1)
    low, middle, high = one.total
    return Fan(name, _added(one.past[known, -shown:]), low, middle, high, _added(one.naive[known]), one.peaks[""])


def _added(values: Floats) -> Floats:
    """Sums of hours in which at least nine of ten meters are known."""
    if not len(values):
        return np.full(values.shape[1], np.nan)
    return np.where(np.isfinite(values).mean(axis=0) > 0.9, np.nansum(values, axis=0), np.nan)
