"""Changes that last, as a list: what the readings of a file had gathered, by the past alone, in runs of each meter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from redaptive.domain.detectors.history.finding import ENERGY
from redaptive.domain.detectors.together.lasting import ADDS_FROM, LASTS_FROM

EVENTS: Final = pl.Schema(
    {
        "meter": pl.String(),
        "began": pl.Datetime("us", "UTC"),
        "told": pl.Datetime("us", "UTC"),
        "last": pl.Datetime("us", "UTC"),
        "readings": pl.UInt32(),
        "value": pl.Float64(),
        "expected": pl.Float64(),
        "excess_kwh": pl.Float64(),
        "highest_score": pl.Float64(),
        "kinds": pl.String(),
        "unit": pl.String(),
        "excess": pl.Float64(),
    }
)


def lasting_events(scored: pl.DataFrame, units: Mapping[str, str]) -> pl.DataFrame:
    """The events of all meters (`EVENTS`), the largest excess or shortfall first; those that are not in kWh last.

    `scored` as of `anomaly_scores.causal`; `units` of the meters. `began`: when the change seems to have begun; `told`:
    the first reading at which that could be known, `last` the last unusual reading. Sums run over the readings from
    `began` to `last` whose expectation is known; `excess` above the expectation, negative below it, in `unit`, is also
    `excess_kwh` where that is kWh.
    """
    event = ("meter", "since")
    gathered = scored.drop_nulls("since")
    told = pl.col("ts").filter(pl.col("gathered") >= LASTS_FROM).min()
    last = pl.col("ts").filter(pl.col("score") >= ADDS_FROM).max()
    spans = gathered.group_by(event).agg(told=told, last=last).drop_nulls("told")
    known = pl.col("expected").is_not_null()
    sums = (
        gathered.join(spans, on=event)
        .filter(pl.col("ts") <= pl.col("last"))
        .group_by(event)
        .agg(
            pl.col("told", "last").first(),
            readings=pl.len(),
            value=pl.col("value").filter(known).sum().round(3),
            expected=pl.col("expected").sum().round(3),
            excess=(pl.col("value") - pl.col("expected")).sum().round(3),
            highest_score=pl.col("score").max(),
            kinds=pl.col("kind").str.split("+").explode().replace("", None).drop_nulls().unique().sort().str.join("+"),
        )
        .rename({"since": "began"})
    )
    sums = sums.with_columns(unit=pl.col("meter").replace_strict(units, return_dtype=pl.String))
    energy = pl.col("unit") == ENERGY
    sums = sums.with_columns(excess_kwh=pl.when(energy).then("excess"))
    largest = sums.with_columns(size=-pl.col("excess").abs()).sort(~energy, "unit", "size", "meter", "began")
    return largest.drop("size").match_to_schema(EVENTS)
