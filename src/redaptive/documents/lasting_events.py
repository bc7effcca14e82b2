"""Changes that last, as a list: what the readings of a file had gathered, by the past alone, in runs of each meter."""

from __future__ import annotations

from typing import Final

import polars as pl

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
    }
)


def lasting_events(scored: pl.DataFrame) -> pl.DataFrame:
    """The events of all meters (`EVENTS`), the largest excess or shortfall first.

    `scored` as of `anomaly_scores.causal`. `began` is when the change seems to have begun, `told` the first reading at
    which that could be known, `last` the last unusual reading. Sums run over the readings from `began` to `last` whose
    expectation is known; energy in kWh, excess above the expectation, negative below it.
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
            excess_kwh=(pl.col("value") - pl.col("expected")).sum().round(3),
            highest_score=pl.col("score").max(),
            kinds=pl.col("kind").str.split("+").explode().replace("", None).drop_nulls().unique().sort().str.join("+"),
        )
        .rename({"since": "began"})
    )
    largest = sums.sort(pl.col("excess_kwh").abs(), "meter", "began", descending=[True, False, False])
    return largest.match_to_schema(EVENTS)
