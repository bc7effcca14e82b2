"""Readings of local days are judged by the clock: where it changes, no day is missing and none comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from redaptive.documents.anomaly_scores import causal
from redaptive.documents.results import MeterHint
from redaptive.domain.portfolio.records import Commodity

FIRST = datetime(2022, 1, 1)
DAYS = 500


def _days(timezone: str, days: int = DAYS) -> tuple[pl.DataFrame, list[MeterHint]]:
    rng, zone = np.random.default_rng(8), ZoneInfo(timezone)
    times = [(FIRST + timedelta(days=d)).replace(tzinfo=zone).astimezone(UTC) for d in range(days)]
    frames, hints = [], []
    for k, code in enumerate("AB"):
        value = (900 + 400 * (np.arange(DAYS) % 7 < 5) + rng.normal(0, 30, DAYS)) * 1000 * (k + 1)
        value[300] *= 3
        value[400:430] *= 1.3
        frames.append(pl.DataFrame({"meter_code": code, "ts": times, "value": value[:days]}))
        hints.append(MeterHint(code, "kWh", Commodity.ELECTRICITY, 86_400, times[0], times[-1], days))
    return pl.concat(frames).with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC"))), hints


def _scored(timezone: str, days: int = DAYS) -> pl.DataFrame:
    frame, hints = _days(timezone, days)
    return causal(frame, hints, timezone, None, lambda _: None)


@pytest.mark.parametrize("timezone", ["America/Chicago", "Europe/Dublin", "Australia/Sydney", "Etc/GMT+6"])
def test_local_days_are_judged_as_those_of_a_zone_without_summer_time(timezone: str) -> None:
    expected, found = _scored("UTC"), _scored(timezone)
    assert found.drop("ts", "since").equals(expected.drop("ts", "since"), null_equal=True)
    assert not found["kind"].str.contains("gap").any()
    assert found["kind"].str.contains("level_shift").any()
    zone = pl.col("since").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    since = found.select(zone).to_series()
    assert since.equals(expected["since"].dt.replace_time_zone(None), null_equal=True)
    assert since.is_not_null().any()


def test_days_beside_hours_are_judged_as_alone_and_come_back_in_their_places() -> None:
    frame, hints = _days("America/Chicago", 200)
    start = frame["ts"].min()
    assert isinstance(start, datetime)
    times = [start + timedelta(hours=k) for k in range(24 * 60)]
    hourly = pl.DataFrame({"meter_code": "AA", "ts": times, "value": [1000.0 * (5 + k % 24) for k in range(24 * 60)]})
    hourly = hourly.with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    hint = MeterHint("AA", "kWh", Commodity.ELECTRICITY, 3600, times[0], times[-1], len(times))
    both = pl.concat([frame.filter(pl.col("meter_code") == "A"), hourly, frame.filter(pl.col("meter_code") == "B")])
    found = causal(both, [hints[0], hint, hints[1]], "America/Chicago", None, lambda _: None)
    assert found["meter"].to_list() == both["meter_code"].to_list()
    assert found["ts"].to_list() == both["ts"].to_list()
    days = causal(frame, hints, "America/Chicago", None, lambda _: None)
    assert found.filter(pl.col("meter") != "AA").equals(days, null_equal=True)
    hours = causal(hourly, [hint], "America/Chicago", None, lambda _: None)
    assert found.filter(pl.col("meter") == "AA").equals(hours, null_equal=True)


def test_a_beginning_of_local_days_has_the_scores_of_the_whole() -> None:
    whole = _scored("America/Chicago")
    for days in (60, 200, 320):
        part = _scored("America/Chicago", days)
        kept = pl.concat([whole.filter(pl.col("meter") == code).head(days) for code in "AB"])
        assert part.equals(kept, null_equal=True)
