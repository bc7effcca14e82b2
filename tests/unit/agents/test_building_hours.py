"""Hours and days of buildings against plain loops over each reading."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from redaptive.agents.portfolio.building_hours import HourlyLoad, building_hours
from redaptive.agents.portfolio.weather import daily_use
from redaptive.domain.intervals import local_midnight

METERS = {  # meter: building, commodity, zone, interval
    3: ("B", "electricity", "America/New_York", 900),
    7: ("B", "electricity", "America/New_York", 3600),
    8: ("A", "electricity", "Asia/Kolkata", 3600),
    9: ("A", "gas", "Asia/Kolkata", 3600),
    11: ("C", "electricity", "Australia/Lord_Howe", 1800),
}
START, END = date(2026, 3, 1), date(2026, 5, 1)  # both clocks change in March and April


def _keys() -> pl.DataFrame:
    rows = [(m, *v, local_midnight(START, v[2]), local_midnight(END, v[2])) for m, v in METERS.items()]
    columns = ["meter_id", "building_code", "commodity", "timezone", "interval_s", "start", "end"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        pl.col("meter_id", "interval_s").cast(pl.Int32)
    )


def _rows(seed: int) -> pl.DataFrame:
    """Hours from before to after the period, some missing, some with too few intervals, in no order."""
    rng = np.random.default_rng(seed)
    first = int(datetime(2026, 2, 27, tzinfo=UTC).timestamp()) // 3600
    rows = [
        (m, h, int(rng.integers(-50, 5000)), 3600 // step - int(rng.random() < 0.02))
        for m, (_, _, _, step) in METERS.items()
        for h in range(first, first + 24 * 66)
        if rng.random() > 0.01
    ]
    schema = {"meter_id": pl.Int32, "hour": pl.Int32, "value_sum": pl.Int64, "n": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row").sample(fraction=1, shuffle=True, seed=seed)


def _naive(rows: pl.DataFrame) -> dict[tuple[str, str], dict[int, int]]:
    """Wh by commodity and building, then hour; only hours that each of the building's meters has in full."""
    found: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for meter, hour, value, n in rows.iter_rows():
        building, commodity, zone, step = METERS[meter]
        local = datetime.fromtimestamp(hour * 3600, ZoneInfo(zone)).date()
        if START <= local < END and n * step >= 3600:
            found[commodity, building][hour].append(value)
    meters = defaultdict(int)
    for building, commodity, _, _ in METERS.values():
        meters[commodity, building] += 1
    return {k: {h: sum(v) for h, v in hours.items() if len(v) == meters[k]} for k, hours in found.items()}


def _hours(load: HourlyLoad, row: int) -> dict[int, int]:
    return {load.first_hour + i: int(v) for i, v in enumerate(load.wh[row]) if np.isfinite(v)}


@pytest.mark.parametrize("seed", range(3))
def test_hours_of_buildings_are_those_of_a_plain_loop(seed: int) -> None:
    rows = _rows(seed)
    loads = building_hours(rows, _keys())
    found = {(name, code): _hours(load, i) for name, load in loads.items() for i, code in enumerate(load.codes)}
    assert found == _naive(rows)
    assert loads["electricity"].codes == ("A", "B", "C")


@pytest.mark.parametrize("seed", range(3))
def test_days_are_means_of_their_hours_and_thin_days_are_absent(seed: int) -> None:
    rows = _rows(seed).filter(pl.col("hour") % 400 > 4)
    load, thin = building_hours(rows, _keys())["electricity"], 0
    for code, use in daily_use(load).items():
        zone = load.timezones[load.codes.index(code)]
        by_day = defaultdict(list)
        for hour, value in _naive(rows)["electricity", code].items():
            by_day[datetime.fromtimestamp(hour * 3600, ZoneInfo(zone)).date()].append(value)
        days = [START + timedelta(days=i) for i in range((END - START).days)]
        length = [
            (local_midnight(d + timedelta(days=1), zone) - local_midnight(d, zone)).total_seconds() / 3600 for d in days
        ]
        want = [
            sum(v) / len(v) * h / 1000 if len(v := by_day[d]) >= 0.9 * h else np.nan
            for d, h in zip(days, length, strict=True)
        ]
        thin += int(np.isnan(want).sum())
        assert use.on(START, len(days)) == pytest.approx(want, nan_ok=True)
    assert thin > 0


def test_days_outside_what_is_known_are_missing() -> None:
    use = daily_use(building_hours(_rows(0), _keys())["electricity"])["B"]
    wider = use.on(START - timedelta(days=2), 64)
    assert np.isnan(wider[[0, 1, -1]]).all()
    assert wider[2:63] == pytest.approx(use.on(START, 61), nan_ok=True)


def test_a_building_without_any_complete_hour_is_left_out() -> None:
    rows = _rows(0).filter(pl.col("meter_id") != 7)
    assert building_hours(rows, _keys())["electricity"].codes == ("A", "C")
