"""Marks suspect readings of a file (zeros that may be gaps, stuck values, spikes) before they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from redaptive.documents.meter_matching import MeterPlan
from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.series_checks import spike_flags, stuck_flags
from redaptive.domain.quality.zero_or_missing import classify_zeros
from redaptive.errors import InvalidInput

DAY_S = 86_400
MAX_STORED = 2**31 - 1
NAMES = {
    Quality.SUSPECT_ZERO: "zero or missing",
    Quality.SUSPECT_STUCK: "stuck",
    Quality.SUSPECT_SPIKE: "spike",
    Quality.EXPORT: "export",
    Quality.ESTIMATED: "estimated",
    Quality.DST_AMBIGUOUS: "clock change",
}


@dataclass
class SuspectCounts:
    """Readings by mark over all batches of a file, and remarks on zeros."""

    counts: dict[Quality, int] = field(default_factory=dict)
    zeros: int = 0
    suspect_zeros: int = 0
    meters_with_suspect_zeros: int = 0

    def by_name(self) -> dict[str, int]:
        """Counts of the marks that occur, by name."""
        return {NAMES[mark]: n for mark, n in self.counts.items() if n}

    @property
    def remarks(self) -> list[str]:
        """What a reader must know of the zeros."""
        if not self.suspect_zeros:
            return []
        return [
            f"{self.suspect_zeros:,} of {self.zeros:,} zeros on {self.meters_with_suspect_zeros} meters may be gaps "
            "that the source filled with zeros; they are marked, and count as flagged in every answer"
        ]


def flag_suspects(batch: pl.DataFrame, plan: MeterPlan, counts: SuspectCounts) -> pl.DataFrame:
    """Rows of placed meters as the readings store takes them, with quality marks added; counts are updated."""
    keys = pl.DataFrame(
        [(code, no, plan.meters[code].interval_s, plan.meters[code].multiplier) for code, no in plan.numbers.items()],
        schema={"meter_code": pl.String, "meter_id": pl.Int32, "interval_s": pl.Int32, "multiplier": pl.Float64},
        orient="row",
    )
    rows = _multiplied(batch.join(keys, on="meter_code"))
    parts = [_flagged(part, int(str(cadence)), plan, counts) for (cadence,), part in rows.group_by("interval_s")]
    if not parts:
        return rows.select("meter_id", "ts", "value", "quality")
    result = pl.concat(parts).select("meter_id", "ts", "value", "quality").sort("meter_id", "ts")
    for mark in NAMES:
        found = int(result.select((pl.col("quality") & int(mark)) != 0).to_series().sum())
        counts.counts[mark] = counts.counts.get(mark, 0) + found
    return result


def _multiplied(rows: pl.DataFrame) -> pl.DataFrame:
    """Values times the multiplier of their meter, rounded once; raises InvalidInput when one cannot be stored."""
    product = (pl.col("value") * pl.col("multiplier")).round()
    if not (beyond := rows.filter(product.abs() > MAX_STORED)).is_empty():
        raise InvalidInput(
            f"Times its multiplier of {beyond['multiplier'][0]:g} a reading of {beyond['meter_code'][0]} is too large.",
            field="multiplier",
            fix="Correct the multiplier with `redaptive import meters`.",
        )
    return rows.with_columns(value=product.cast(pl.Int32))


def _flagged(part: pl.DataFrame, interval_s: int, plan: MeterPlan, counts: SuspectCounts) -> pl.DataFrame:
    series = part.select("meter_id", "ts", "value")
    codes = [(number, plan.meters[code].commodity.value) for code, number in plan.numbers.items()]
    commodities = pl.DataFrame(codes, schema={"meter_id": pl.Int32, "commodity": pl.String}, orient="row")
    zeros = classify_zeros(series, commodities, interval_s=interval_s)
    suspect = zeros.summary.filter(pl.col("n_suspect") > 0)
    counts.zeros += int(zeros.summary["n_zero"].sum())
    counts.suspect_zeros += int(suspect["n_suspect"].sum())
    counts.meters_with_suspect_zeros += suspect.height
    marks = zeros.flags | stuck_flags(series, min_run=max(4, DAY_S // interval_s)) | spike_flags(series)
    return part.with_columns(quality=pl.col("quality") | marks)
