"""Scores the readings of a file without any server: by the past alone, or with hindsight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.documents.anomaly_audit import MICROSECONDS, WH_PER_KWH, clock_of, shared_courses
from redaptive.documents.fleet_scores import score_fleets
from redaptive.documents.results import MeterHint
from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.history import retrospective
from redaptive.domain.detectors.kinds import Kind, Verdict
from redaptive.domain.detectors.memory.params import MAX_CADENCE_S, MIN_CADENCE_S, MeterParams
from redaptive.domain.detectors.memory.shards import SHARD_METERS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Rows
from redaptive.domain.detectors.weather import temperature_at
from redaptive.domain.intervals import zone

SCORED: Final = pl.Schema(
    {
        "meter": pl.String(),
        "ts": pl.Datetime("us", "UTC"),
        "value": pl.Float64(),
        "expected": pl.Float64(),
        "score": pl.Float64(),
        "kind": pl.String(),
    }
)
DAY_S: Final = 86_400
SLICE_ROWS: Final = 100_000
TOO_OLD_S: Final = 10_801
EXPECTED_DIGITS, VALUE_DIGITS = 7, 15
"""Significant digits given back; fifteen restore what a file says after two conversions of its unit."""
USUAL_DIGITS: Final = 5
MOST_WHOLE: Final = 10**12
MANY_KINDS: Final = 1 << len(Kind)
Done = Callable[[int], None]


@dataclass(frozen=True)
class Gap:
    """Intervals of a meter that the file lacks, between its first and its last reading."""

    meter: str
    intervals: int


def causal(
    frame: pl.DataFrame, hints: Sequence[MeterHint], timezone: str, air: pl.DataFrame | None, done: Done
) -> pl.DataFrame:
    """Each reading judged by the past alone: kinds by the live kernel, the score beside the other meters of the file.

    `frame` as of a ReadingsFile. Beside the columns of `SCORED`: `gathered` and `since` (null) of changes that last.

    Days that begin at local midnight are judged by the clock: the day after a clock change lacks nothing.
    """
    days = _of_local_days(hints, timezone)
    if not days:
        return _causal(frame, hints, _Clock(_seconds(frame["ts"]), timezone), air, done)
    by_clock = frame["meter_code"].is_in(days)
    parts = []
    for mine, zone_of_part in ((by_clock, "UTC"), (~by_clock, timezone)):
        part, place = frame.filter(mine), mine.arg_true()
        some = [hint for hint in hints if (hint.code in days) == (mine is by_clock)]
        if some:
            ts = _local(part["ts"], timezone) if mine is by_clock else part["ts"]
            scored = _causal(part, some, _Clock(_seconds(ts), zone_of_part), air, done)
            parts.append(scored.with_columns(place=place))
    return pl.concat(parts).sort("place").drop("place")


@dataclass(frozen=True)
class _Clock:
    """The start of each row by the clock that counts its intervals, in seconds, and the zone of that clock."""

    start_s: np.ndarray
    timezone: str


def _seconds(ts: pl.Series) -> np.ndarray:
    return ts.dt.timestamp("us").to_numpy() // MICROSECONDS


def _local(ts: pl.Series, timezone: str) -> pl.Series:
    """Local clock times, written as UTC."""
    return ts.dt.convert_time_zone(zone(timezone).key).dt.replace_time_zone(None)


def _of_local_days(hints: Sequence[MeterHint], timezone: str) -> list[str]:
    """Meters with a reading a day, the first of which begins at local midnight."""
    if timezone == "UTC":
        return []
    first = {hint.code: hint.first for hint in hints if hint.interval_s == DAY_S}
    midnight = time()
    return [code for code, moment in first.items() if moment.astimezone(zone(timezone)).time() == midnight]


def _causal(
    frame: pl.DataFrame, hints: Sequence[MeterHint], clock: _Clock, air: pl.DataFrame | None, done: Done
) -> pl.DataFrame:
    energy = frame["value"].to_numpy().astype(np.float64)
    rows, order = _rows(frame, hints, clock.start_s, air)
    params, calendar = _params(frame, hints, clock.start_s), _calendar(frame, clock.timezone)
    state = State.of_meters(len(params))
    bad = np.zeros(len(rows), np.bool_)
    kinds = np.zeros(len(rows), np.int64)
    for low in range(0, len(rows), SLICE_ROWS):
        piece = np.arange(low, min(low + SLICE_ROWS, len(rows)))
        found = kernel.score(state, rows.take(piece), params, calendar)
        bad[piece], kinds[order[piece]] = found.verdict == Verdict.BAD, found.kinds
        done(len(piece))
    fleets = score_fleets(rows, energy[order], ~bad, hints, calendar)
    place = np.argsort(order)
    score = np.where(bad, 100.0, fleets.score)[place]
    begun = pl.Series(_in_utc(fleets.since_s[place], clock.start_s, _seconds(frame["ts"])))
    return _scored(frame, fleets.expected[place], score, _names(kinds)).with_columns(
        gathered=pl.Series(fleets.gathered[place]),
        since=(begun * MICROSECONDS).cast(pl.Datetime("us", "UTC")).set(begun < 0, None),
    )


def _in_utc(moments_s: np.ndarray, start_s: np.ndarray, utc_s: np.ndarray) -> np.ndarray:
    """Starts of intervals by the clock that counts them as UTC seconds; -1 (none) stays."""
    starts, first = np.unique(start_s, return_index=True)
    at = np.minimum(np.searchsorted(starts, moments_s), len(starts) - 1)
    return np.where(moments_s < 0, moments_s, utc_s[first][at])


def with_hindsight(frame: pl.DataFrame, hints: Sequence[MeterHint], timezone: str, done: Done) -> pl.DataFrame:
    """Each reading judged with what came before and after it."""
    by_code = {hint.code: hint for hint in hints}
    courses = shared_courses(frame, hints, timezone)
    expected, score = np.full(frame.height, np.nan), np.zeros(frame.height)
    kind = np.zeros(frame.height, np.int64)
    for code, rows in _meters(frame):
        hint = by_code[code]
        clock = clock_of(frame[rows], hint.interval_s, timezone)
        judged = retrospective.judge(clock.standing, courses[str(hint.commodity)])
        expected[rows], score[rows], kind[rows] = judged.expected * WH_PER_KWH, judged.score, judged.kind
        done(rows.stop - rows.start)
    named = np.array(retrospective.KINDS, object)[kind]
    named[score < retrospective.FLAG_SCORE] = ""
    return _scored(frame, expected, score, named)


def with_temperature(frame: pl.DataFrame, air: pl.DataFrame) -> int:
    """How many readings have a temperature that is recent enough."""
    return int(np.isfinite(_temperature(air, _seconds(frame["ts"]))).sum())


def gaps(frame: pl.DataFrame, hints: Sequence[MeterHint]) -> list[Gap]:
    """The meters with intervals missing, most first."""
    counts = dict(frame.group_by("meter_code").len().iter_rows())
    found = []
    for hint in hints:
        whole = int((hint.last - hint.first).total_seconds()) // hint.interval_s + 1
        missing = whole - counts.get(hint.code, 0)
        if missing > 0:
            found.append(Gap(hint.code, missing))
    return sorted(found, key=lambda gap: -gap.intervals)


def is_short(hint: MeterHint) -> bool:
    """Whether a meter has less than the fortnight after which detectors speak."""
    return hint.last - hint.first < timedelta(days=15)


def _meters(frame: pl.DataFrame) -> Iterator[tuple[str, slice]]:
    """Each meter with its rows, which stand together."""
    start = 0
    for code, length in frame["meter_code"].rle().struct.unnest().select("value", "len").iter_rows():
        yield code, slice(start, start + length)
        start += length


def _rows(
    frame: pl.DataFrame, hints: Sequence[MeterHint], start: np.ndarray, air: pl.DataFrame | None
) -> tuple[Rows, np.ndarray]:
    """The readings in order of time, as if each came when its interval ended, and which row of the frame each is."""
    number = {hint.code: k for k, hint in enumerate(hints)}
    index = frame["meter_code"].replace_strict(number, return_dtype=pl.Int32).to_numpy()
    order = np.lexsort((index, start))
    cadence = np.array([hint.interval_s for hint in hints], np.int64)
    rows = Rows(
        index=index[order],
        start_s=start[order],
        value=_whole(frame)[order],
        flags=np.zeros(len(order), np.uint8),
        received_s=start[order] + cadence[index[order]],
        temperature_c=_temperature(air, _seconds(frame["ts"])[order]),
        # Entries keep their order, so rows of one time are one entry.
        entry=np.cumsum(np.diff(start[order], prepend=start[order][:1]) != 0).astype(np.int32),
    )
    return rows, order


def _whole(frame: pl.DataFrame) -> np.ndarray:
    """Values as whole numbers of five digits and more, by a power of ten for each meter: the kernel knows no fractions.

    Its kinds of anomaly compare the readings of one meter, so they do not depend on the unit either.
    """
    size = pl.col("value").abs()
    usual = size.filter(size > 0).median().over("meter_code").fill_null(1.0)
    scale = pl.lit(10.0).pow(USUAL_DIGITS - 1 - usual.log10().floor())
    whole = (pl.col("value") * scale).round().clip(-MOST_WHOLE, MOST_WHOLE).cast(pl.Int64)
    return frame.select(whole).to_series().to_numpy()


def _temperature(air: pl.DataFrame | None, start_s: np.ndarray) -> np.ndarray:
    """Temperature of the newest observation less than `TOO_OLD_S` old, NaN without one."""
    if air is None:
        return np.full(len(start_s), np.nan, np.float32)
    known = air.drop_nulls("air_temperature_c").sort("ts")
    at = known["ts"].dt.timestamp("us").to_numpy() // MICROSECONDS
    return temperature_at(start_s, at, known["air_temperature_c"].to_numpy().astype(np.float32), TOO_OLD_S)


def _params(frame: pl.DataFrame, hints: Sequence[MeterHint], start: np.ndarray) -> MeterParams:
    params = MeterParams.blank(-(-len(hints) // SHARD_METERS) * SHARD_METERS)
    lowest = dict(frame.group_by("meter_code").agg(pl.col("value").min()).iter_rows())
    first = dict(frame.select("meter_code", start=pl.Series(start)).group_by("meter_code").min().iter_rows())
    cadence = [min(max(hint.interval_s, MIN_CADENCE_S), MAX_CADENCE_S) for hint in hints]
    params.put(
        np.arange(len(hints)),
        cadence_s=cadence,
        phase_s=[first[hint.code] % step for hint, step in zip(hints, cadence, strict=True)],
        may_export=[lowest.get(hint.code, 0) < 0 for hint in hints],
    )
    return params


def _calendar(frame: pl.DataFrame, timezone: str) -> LocalCalendar:
    first, last = frame["ts"].min(), frame["ts"].max()
    days = (last - first).days + 3  # type: ignore[operator, union-attr]
    return LocalCalendar.build([SiteHours(timezone)], first.date() - timedelta(days=1), days)  # type: ignore[union-attr]


def _names(kinds: np.ndarray) -> np.ndarray:
    """The names of the kinds of each row, joined with a plus."""
    masks, place = np.unique(kinds % MANY_KINDS, return_inverse=True)
    texts = np.array(["+".join(k.slug for k in Kind if mask & k.bit) for mask in masks.tolist()], object)
    return texts[place]


def _scored(frame: pl.DataFrame, expected: np.ndarray, score: np.ndarray, kind: np.ndarray) -> pl.DataFrame:
    columns = {
        "meter": frame["meter_code"],
        "ts": frame["ts"],
        "value": (frame["value"] / WH_PER_KWH).round_sig_figs(VALUE_DIGITS),
        "expected": pl.Series(expected / WH_PER_KWH).fill_nan(None).round_sig_figs(EXPECTED_DIGITS),
        "score": pl.Series(np.round(score, 4)),
        "kind": pl.Series(kind.tolist(), dtype=pl.String),
    }
    return pl.DataFrame(columns, schema=SCORED)
