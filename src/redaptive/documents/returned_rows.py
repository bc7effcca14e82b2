"""Every row of a file given back: what was scored, and beside it the rows that gave no reading, in the file's order."""

from __future__ import annotations

from typing import Final

import polars as pl

from redaptive.documents.anomaly_scores import SCORED
from redaptive.documents.results import LEFT_SCHEMA, ReadingsFile
from redaptive.domain.shortlist import first_of

IMPOSSIBLE_SCORE: Final = 100.0
"""Score of a value that no meter can send."""


def every_row(file: ReadingsFile, scored: pl.DataFrame) -> pl.DataFrame:
    """`scored` (columns of `SCORED`, `row` and `said`) and the cells left out, by row of the file; without `row`.

    `ts` is the time that the file gives, also where that is the end of an interval or off the meter's grid. A row
    that was read twice has the score of the first. Impossible values score 100; what is missing, contradicts
    another row or cannot be read is not judged: score 0, with the reason as its kind.
    """
    left = pl.concat([file.left_out, _without_cells(file, scored)])
    key = ["meter", "ts"]
    again = left.rename({"meter_code": "meter"}).filter(pl.col("reason") == "duplicate").select("row", *key, "said")
    again = again.join(scored.drop("row", "said"), on=key, how="left").with_columns(
        pl.col("score").fill_null(0.0), pl.col("kind").fill_null("duplicate")
    )
    impossible = pl.col("reason") == "impossible"
    others = left.filter(pl.col("reason") != "duplicate").select(
        "row",
        pl.col("meter_code").alias("meter"),
        "ts",
        "value",
        "said",
        expected=pl.lit(None, pl.Float64),
        score=pl.when(impossible).then(IMPOSSIBLE_SCORE).otherwise(0.0),
        kind="reason",
    )
    names = ["row", *SCORED.names(), "said"]
    rows = pl.concat([scored.select(names), again.select(names), others.select(names)])
    return rows.sort("row", maintain_order=True).with_columns(ts=pl.coalesce("said", "ts")).drop("row", "said")


def unjudged_notes(file: ReadingsFile) -> list[str]:
    """What is said of rows that came back without a reading, and of those that came twice."""
    counts = dict(file.left_out.group_by("reason").len().sort("reason").iter_rows())
    again = counts.pop("duplicate", 0)
    listed = ", ".join(f"{reason} {n:,}" for reason, n in counts.items())
    notes = [f"Rows that came back without being a reading, by kind: {listed}."] if counts else []
    return [*notes, f"Rows that came twice, and have the score of the first: {again:,}."] if again else notes


def silent_notes(file: ReadingsFile) -> list[str]:
    """What is said of meters that the file names and of which no row could be used."""
    known = {hint.code for hint in file.meters} | {"", None}
    silent = sorted(code for code in file.left_out["meter_code"].unique() if code not in known)
    return [f"No row could be used of: {first_of(silent)}."] if silent else []


def _without_cells(file: ReadingsFile, scored: pl.DataFrame) -> pl.DataFrame:
    """Rejected rows of which not even the cells are known, as those of another width."""
    known = pl.concat([scored["row"], file.left_out["row"]]).unique()
    rows = file.rejected.issues.filter(~pl.col("row").is_in(known.implode())).select("row").unique()
    return rows.with_columns(reason=pl.lit("unreadable")).match_to_schema(LEFT_SCHEMA, missing_columns="insert")
