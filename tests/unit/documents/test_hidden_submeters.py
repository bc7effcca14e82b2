"""Submeters that nobody declared: their building must not count twice in silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from redaptive.documents.hidden_submeters import DaySums
from redaptive.domain.portfolio.records import Commodity, Meter, MeterRole

HOURS = 24 * 20
RNG = np.random.default_rng(2)
LIGHT, PLUG, FAN = (RNG.uniform(5_000, 50_000, HOURS).round() for _ in range(3))


def sums(**series: np.ndarray) -> DaySums:
    found = DaySums()
    starts = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=h) for h in range(len(next(iter(series.values()))))]
    for code, values in series.items():
        found.add(pl.DataFrame({"meter_code": code, "ts": starts, "value": values}).cast({"value": pl.Int32}))
    return found


def meters(*codes: str, role: MeterRole = MeterRole.MAIN, building: str = "HQ") -> list[Meter]:
    return [Meter(code, building, Commodity.ELECTRICITY, role) for code in codes]


def test_meters_that_add_up_to_another_are_told() -> None:
    told = sums(main=(LIGHT + PLUG + FAN) * 1.01, light=LIGHT, plug=PLUG, fan=FAN).counted_twice(
        meters("main", "light", "plug", "fan")
    )
    assert len(told) == 1
    assert told[0].startswith("fan, light, plug add up to main on 20 days: as main meters they count twice.")


@pytest.mark.parametrize(
    ("series", "declared"),
    [
        ({"main": LIGHT + PLUG + 5_000, "light": LIGHT, "plug": PLUG}, meters("main", "light", "plug")),
        ({"main": LIGHT + PLUG, "light": LIGHT, "plug": PLUG},
         [*meters("main"), *meters("light", "plug", role=MeterRole.SUB)]),
        ({"main": LIGHT + PLUG, "light": LIGHT, "plug": PLUG},
         [*meters("main", "light"), *meters("plug", building="B2")]),
        ({"main": (LIGHT + PLUG)[:72], "light": LIGHT[:72], "plug": PLUG[:72]}, meters("main", "light", "plug")),
        ({"a": LIGHT, "b": LIGHT}, meters("a", "b")),
        ({"a": LIGHT, "b": PLUG}, meters("a", "b", "not in the file")),
    ],
    ids=["more than the sum", "declared", "two buildings", "three days", "two equal meters", "two of three"],
)  # fmt: skip
def test_others_are_left_alone(series: dict[str, np.ndarray], declared: list[Meter]) -> None:
    assert sums(**series).counted_twice(declared) == []
