"""What meters of a file do together lies on the local clock, as the meters that are judged beside it do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from redaptive.documents.anomaly_audit import clock_of, shared_courses
from redaptive.documents.results import MeterHint
from redaptive.domain.portfolio.records import Commodity

START = datetime(2021, 6, 7, 5, tzinfo=UTC)  # midnight in Chicago, five hours behind
HOURS = 20 * 168
CLOSED = slice(10 * 168 + 8, 10 * 168 + 20)
ZONE = "America/Chicago"


def test_a_closure_that_meters_share_is_found_in_its_local_hours() -> None:
    rng, codes = np.random.default_rng(3), [f"m{i}" for i in range(6)]
    times = [START + timedelta(hours=i) for i in range(HOURS)]
    frames = []
    for code in codes:
        value = 1000 * (20 + rng.normal(0, 0.5, HOURS))
        value[CLOSED] /= 4
        frames.append(pl.DataFrame({"meter_code": code, "ts": times, "value": value}))
    hints = [MeterHint(code, "kWh", Commodity.ELECTRICITY, 3600, times[0], times[-1], HOURS) for code in codes]
    course = shared_courses(pl.concat(frames), hints, ZONE)["electricity"]
    clock = clock_of(frames[0], 3600, ZONE)
    assert (clock.start_s - clock.local_s == 5 * 3600).all()
    low = np.flatnonzero(course.at(clock.local_s) < -5)
    assert low.tolist() == list(range(CLOSED.start, CLOSED.stop))
