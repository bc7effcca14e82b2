"""Meters of one building that add up to another of its meters, and would count twice as main meters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from redaptive.domain.portfolio.records import Meter, MeterRole
from redaptive.domain.shortlist import first_of

LEAST_DAYS: Final = 14
MOST_APART: Final = 0.02
"""Median difference of the days' sums, as a share of the largest meter's mean: losses and rounding stay below."""
LEAST_METERS: Final = 3


@dataclass
class DaySums:
    """Energy of meters by UTC day, gathered from the batches of a file."""

    parts: list[pl.DataFrame] = field(default_factory=list)

    def add(self, batch: pl.DataFrame) -> None:
        """Take in readings: meter_code, ts, value."""
        day = pl.col("ts").dt.date().alias("day")
        self.parts.append(batch.group_by("meter_code", day).agg(pl.col("value").cast(pl.Int64).sum()))

    def counted_twice(self, meters: Iterable[Meter]) -> list[str]:
        """A sentence for each building and commodity whose largest main meter is the sum of its other ones."""
        groups: dict[tuple[str, str], list[str]] = {}
        for meter in meters:
            if meter.role is MeterRole.MAIN:
                groups.setdefault((meter.building_code, meter.commodity.value), []).append(meter.code)
        wide = [group for group in groups.values() if len(group) >= LEAST_METERS]
        if not self.parts or not wide:
            return []
        days = pl.concat(self.parts).group_by("meter_code", "day").agg(pl.col("value").sum())
        return [told for group in sorted(wide) if (told := _told(days, group)) is not None]


def _told(days: pl.DataFrame, group: list[str]) -> str | None:
    own = days.filter(pl.col("meter_code").is_in(group))
    if own["meter_code"].n_unique() < LEAST_METERS:
        return None
    whole = own.group_by("day").agg(pl.len(), pl.col("value").sum().alias("total"))
    whole = whole.filter(pl.col("len") == own["meter_code"].n_unique())
    largest = own.group_by("meter_code").agg(pl.col("value").sum()).sort("value", "meter_code")["meter_code"][-1]
    both = whole.join(own.filter(pl.col("meter_code") == largest), on="day")
    apart = (both["total"] - 2 * both["value"]).abs().median()
    mean = both["value"].mean()
    if both.height < LEAST_DAYS or not isinstance(apart, float) or not isinstance(mean, float):
        return None
    if mean <= 0 or apart > MOST_APART * mean:
        return None
    others = first_of(sorted(set(own["meter_code"].to_list()) - {largest}))
    return (
        f"{others} add up to {largest} on {both.height} days: as main meters they count twice. If they are its "
        f"submeters, give them the role sub and the parent {largest} with `redaptive import meters`"
    )
