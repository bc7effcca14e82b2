"""The summary of scored readings: a row a meter, the most flagged first, each in the unit of its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from redaptive.cli.output import err, print_table
from redaptive.documents.anomaly_scores import gaps
from redaptive.documents.results import ReadingsFile
from redaptive.domain.detectors.history.finding import ENERGY
from redaptive.web.blocks import Column, Table

WORST: Final = 20
JUDGED: Final = ("duplicate", "impossible")
"""Reasons of rows left out that have a score all the same."""


def summary_of(
    scored: pl.DataFrame,
    judged: pl.DataFrame,
    file: ReadingsFile,
    units: Mapping[str, str],
    events: pl.DataFrame | None,
) -> pl.DataFrame:
    """A row for each meter of the file: readings judged, flags, kinds, excess in its unit (`excess_kwh` if kWh).

    `scored`: every row as written, with `flag`; `judged`: the readings alone. `unjudged`: rows without a reading.
    """
    excess = (pl.col("value") - pl.col("expected")).sum().round(3)
    worst = (
        scored.filter("flag")
        .group_by("meter")
        .agg(pl.len().alias("flagged"), excess.alias("excess"), pl.col("kind").mode().sort().first())
    )
    left = file.left_out.filter(~pl.col("reason").is_in(JUDGED)).group_by(meter="meter_code").agg(unjudged=pl.len())
    lacking = [(gap.meter, gap.intervals) for gap in gaps(judged.rename({"meter": "meter_code"}), file.meters)]
    missing = pl.DataFrame(lacking, schema={"meter": pl.String, "missing": pl.Int64}, orient="row")
    table = scored.select("meter").filter(pl.col("meter").fill_null("") != "").unique()
    parts = [judged.group_by("meter").agg(readings=pl.len()), worst, missing, left]
    parts += [] if events is None else [events.group_by("meter").agg(events=pl.len())]
    for part in parts:
        table = table.join(part, on="meter", how="left")
    unit = pl.col("meter").replace_strict(units, default=None, return_dtype=pl.String)
    table = table.with_columns(pl.col("readings", "flagged", "missing", "unjudged", "^events$").fill_null(0), unit=unit)
    table = table.with_columns(excess_kwh=pl.when(pl.col("unit") == ENERGY).then("excess"))
    first = ["meter", "readings", "flagged", "excess_kwh", "kind", "missing"]
    later = [name for name in ("events", "unit", "excess", "unjudged") if name in table.columns]
    return table.select(*first, *later).sort("flagged", "meter", descending=[True, False])


def print_summary(summary: pl.DataFrame, mode: str, limit: float) -> None:
    """The meters with the most flags; units stand beside the excess where they are not all kWh."""
    mixed = not summary["unit"].drop_nulls().is_in([ENERGY]).all()
    columns = (
        Column("meter", "meter"),
        Column("readings", "readings"),
        *([Column("unjudged", "not judged")] if summary["unjudged"].sum() else []),
        Column("missing", "missing"),
        Column("flagged", "flagged"),
        *([Column("events", "events")] if "events" in summary.columns else []),
        Column("kind", "mostly"),
        Column("excess", "excess", "" if mixed else ENERGY, 1),
        *([Column("unit", "unit")] if mixed else []),
    )
    rows = tuple(summary.head(WORST).select([c.key for c in columns]).iter_rows())
    print_table(Table("anomalies", f"Unusual readings ({mode}, score from {limit:g})", columns, rows))
    if summary.height > WORST:
        err.print(f"[dim]{summary.height - WORST} further meters are in the output.[/]")
