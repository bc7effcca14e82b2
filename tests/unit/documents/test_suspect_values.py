"""Readings of a file before they are stored: marks, counts, and the meter's multiplier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from redaptive.documents.meter_matching import MeterPlan
from redaptive.documents.results import READING_SCHEMA
from redaptive.documents.suspect_values import SuspectCounts, flag_suspects
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput

START = datetime(2024, 1, 1, tzinfo=UTC)


def _batch(values: list[int]) -> pl.DataFrame:
    rows = [("m1", START + timedelta(hours=i), value, 0) for i, value in enumerate(values)]
    return pl.DataFrame(rows, schema=READING_SCHEMA, orient="row")


def _plan(multiplier: float = 1.0) -> MeterPlan:
    meter = Meter("m1", "hq", Commodity.ELECTRICITY, multiplier=multiplier, meter_no=7)
    return MeterPlan(numbers={"m1": 7}, meters={"m1": meter})


def test_zeros_of_a_meter_with_a_base_load_are_marked_and_kept() -> None:
    values = [1000 + 100 * (i % 24) for i in range(24 * 60)]
    values[500:510] = [0] * 10
    counts = SuspectCounts()
    rows = flag_suspects(_batch(values), _plan(), counts)
    assert rows.height == len(values)
    marked = rows.filter((pl.col("quality") & int(Quality.SUSPECT_ZERO)) != 0)
    assert marked["value"].to_list() == [0] * 10
    assert counts.by_name() == {"zero or missing": 10}
    assert "10 of 10 zeros on 1 meters" in counts.remarks[0]


def test_readings_are_multiplied_by_the_meter_on_record() -> None:
    rows = flag_suspects(_batch([3, 4, 5]), _plan(multiplier=10.0), SuspectCounts())
    assert rows["value"].to_list() == [30, 40, 50]


def test_a_product_beyond_the_column_is_refused() -> None:
    with pytest.raises(InvalidInput, match="m1"):
        flag_suspects(_batch([2_000_000_000]), _plan(multiplier=10.0), SuspectCounts())


def test_meters_that_found_no_building_are_left_out() -> None:
    assert flag_suspects(_batch([1, 2]), MeterPlan(), SuspectCounts()).height == 0
