"""Forecasts as files, as JSON and as the blocks of a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.intervals import zone
from redaptive.errors import InvalidInput
from redaptive.streams.forecasts.issuing import Issued, Total, methods
from redaptive.web.blocks import Json
from redaptive.web.reports.forecast import PAST_SHOWN, Fan, ForecastReport


def table(issued: Sequence[Issued]) -> pl.DataFrame:
    """Rows meter, ts (UTC), p10, p50, p90, naive_168h in kWh."""
    frames = []
    for one in issued:
        ts = pl.from_epoch(pl.Series(one.starts_s), "s").dt.replace_time_zone("UTC")
        for i, name in enumerate(one.history.names):
            if not np.isfinite(one.p50[i]).any():
                continue
            values = {
                "p10_kwh": one.p10[i],
                "p50_kwh": one.p50[i],
                "p90_kwh": one.p90[i],
                "naive_168h_kwh": one.naive[i],
            }
            frames.append(pl.DataFrame({"meter": [name] * ts.len(), "ts": ts, **values}))
    if not frames:
        raise InvalidInput("No meter has enough readings for a forecast.", field="readings",
                           fix="Three weeks are needed.")  # fmt: skip
    return pl.concat(frames).with_columns(pl.col(pl.Float64).round(4).fill_nan(None))


def moment(seconds: int) -> datetime:
    """UTC time of an instant."""
    return datetime.fromtimestamp(seconds, UTC)


def summary(issued: Sequence[Issued], notes: Sequence[str]) -> dict[str, Json]:
    """Energy by meter beside last week's, totals by site with quantiles, peak-day warnings, refusals."""
    return {
        "issued_at": moment(issued[0].issue_s).isoformat(),
        "method": methods(issued),
        "notes": list(notes),
        "meters": [_meter(one, i) for one in issued for i in range(len(one.history.names))],
        "totals": [_total(one, part) for one in issued for part in one.totals],
        "refused": [{"meter": name, "reason": reason} for one in issued for name, reason in one.refused],
    }


def _meter(one: Issued, i: int) -> dict[str, Json]:
    risks = [p for p in one.peaks[one.history.names[i]] if p.risk != "none"]
    return {
        "meter": one.history.names[i],
        "method": one.method,
        "p50_kwh": _summed(one.p50[i]),
        "naive_168h_kwh": _summed(one.naive[i]),
        "peak_warnings": [{"at": moment(int(one.starts_s[p.hour])).isoformat(), "risk": p.risk} for p in risks],
    }


def _summed(values: npt.NDArray[np.float64]) -> float | None:
    """The energy of the known hours; None where none is known, as of a meter without a forecast."""
    return round(float(np.nansum(values)), 3) if np.isfinite(values).any() else None


def _total(one: Issued, part: Total) -> dict[str, Json]:
    """The total of a site (of all meters of one clock), hour by hour."""
    low, middle, high = ([round(float(v), 3) for v in line] for line in (part.p10, part.p50, part.p90))
    days: list[Json] = [
        {"at": moment(int(one.starts_s[p.hour])).isoformat(), "risk": p.risk, "expected_kwh": round(p.expected_kwh, 3)}
        for p in part.peaks
    ]
    what: dict[str, Json] = {"site": part.site or None, "commodity": one.history.commodity, "meters": part.meters}
    return {**what, "timezone": one.history.timezone, "p10_kwh": low, "p50_kwh": middle, "p90_kwh": high, "days": days}


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
    totals = [_fan(one, part, shown) for one in issued for part in one.totals if part.meters > 1]
    whole = [_fan(one, one.totals[0], shown) for one in issued]
    return ForecastReport(whole, totals, meters, labels, hours, methods(issued), issued_at, notes, refused)


def _fan(one: Issued, part: Total, shown: int) -> Fan:
    counted = f"{part.meters} meters" if part.meters != 1 else "one meter"
    where = f"Site {part.site}" if part.site else "All"
    name = f"{where}, {one.history.commodity}: {counted}, {one.history.timezone}"
    return Fan(name, part.past[-shown:], part.p10, part.p50, part.p90, part.naive, part.peaks)
