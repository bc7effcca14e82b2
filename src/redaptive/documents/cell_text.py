"""Cells of text as numbers and times: decimal commas, thousands, spreadsheet dates, epochs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import polars as pl

Decimal = Literal[".", ","]
MISSING = ("", "na", "n/a", "null", "none", "-", "--", "#n/a", "not available")
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_CLOCK = (
    r"(?:(?:T|,?\s+|:)(?P<h>\d{1,2})[:.h](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"\s*(?P<p>[AaPp])?\.?(?:[Mm]\.?)?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)
_DATE = re.compile(r"^(?P<a>\d{1,4})[-/. ](?P<b>\d{1,2}|[A-Za-z]{3,9})[-/. ],?\s*(?P<c>\d{2,4})" + _CLOCK)
_ISO_ORDER = re.compile(r"^(?P<a>\d{4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,2})" + _CLOCK)
_MONTH_FIRST = re.compile(r"^(?P<b>[A-Za-z]{3,9})\.?[- ](?P<a>\d{1,2}),?[- ](?P<c>\d{4})" + _CLOCK)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})[T :]?(?:(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")
_MONTH = re.compile(r"^(\d{4})[-/](\d{1,2})$")
_SLASHED = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}")
_FAST = (
    ("%Y-%m-%d %H:%M:%S%.f", False),
    ("%Y-%m-%dT%H:%M:%S%.f", False),
    ("%Y-%m-%dT%H:%M:%S%.fZ", True),
    ("%Y-%m-%d %H:%M", False),
)


def find_decimal(values: Iterable[str], delimiter: str) -> tuple[Decimal, bool]:
    """The decimal mark of a sample of numbers, and whether that was a guess between two readings of it."""
    commas = [v for v in values if "," in v]
    if any("." in v and v.rfind(",") > v.rfind(".") for v in commas):
        return ",", False
    if not commas or any("." in v for v in commas):
        return ".", False
    if all(re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", v.strip()) for v in commas):
        return ("," if delimiter == ";" and all(v.count(",") == 1 for v in commas) else "."), True
    return ",", False


def is_missing(column: str) -> pl.Expr:
    """Whether the text of `column` means "no value"."""
    text = pl.col(column).str.strip_chars().str.to_lowercase()
    return text.is_null() | text.is_in(list(MISSING))


def number(column: str, decimal: Decimal) -> pl.Expr:
    """The text of `column` as Float64, null where it is not a number written with this decimal mark.

    Negative numbers may be written as accountants do, (1.5), or with the sign behind, 1.5-.
    """
    return pl.col(column).map_batches(lambda text: _numbers(text, decimal), return_dtype=pl.Float64)


def _numbers(text: pl.Series, decimal: Decimal) -> pl.Series:
    """The numbers of cells; only those that are not plain ones are looked at closely, which is ten times slower."""
    stripped = text.str.strip_chars()
    if decimal == ",":
        return pl.select(_written(pl.lit(stripped), decimal)).to_series()
    plain = stripped.cast(pl.Float64, strict=False)
    odd = plain.is_null() & stripped.is_not_null()
    if not odd.any():
        return plain
    cells = stripped.filter(odd)
    known = pl.select(_written(pl.lit(cells), decimal)).to_series()
    return plain.scatter(odd.arg_true(), known)


def _written(text: pl.Expr, decimal: Decimal) -> pl.Expr:
    """Numbers with thousands separators, decimal commas and signs of any place."""
    signed = text.str.replace(r"^(?:\((\d[^()]*)\)|(\d\S*)-)$", "-$1$2")
    spaced = signed.str.replace_all(r"(\d)[ '\u{a0}\u{202f}](\d{3})", "$1$2")
    if decimal == ",":
        shaped = spaced.str.contains(r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?$")
        grouped = spaced.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        shaped = spaced.str.contains(r"^[+-]?(\d{1,3}(,\d{3})*|\d+)(\.\d*)?$")
        grouped = spaced.str.replace_all(",", "", literal=True)
    return pl.when(shaped).then(grouped).otherwise(None).cast(pl.Float64, strict=False)


def find_day_first(samples: Iterable[str]) -> bool | None:
    """Whether dates such as 03/04/2024 begin with the day; None when the sample does not say or has none."""
    pairs = [(int(m[1]), int(m[2])) for m in map(_SLASHED.match, (s.strip() for s in samples)) if m]
    if any(first > 12 for first, _ in pairs):
        return True
    return False if any(second > 12 for _, second in pairs) else None


def has_slashed_dates(samples: Iterable[str]) -> bool:
    """Whether any date is written with day and month in unknown order."""
    return any(_SLASHED.match(s.strip()) for s in samples)


def times(text: pl.Series, *, day_first: bool) -> pl.DataFrame:
    """Columns `ts` (naive: UTC where `aware`, else local clock) and `aware`; null where it is no time.

    Understands ISO 8601 with or without offset, 24:00, 12-hour clocks, dates with names of months, months
    alone (2024-01: its first day), compact dates, spreadsheet serial days and Unix seconds or milliseconds.
    """
    stripped = text.str.strip_chars().alias("text")
    distinct = stripped.unique()
    if 2 * len(distinct) > len(stripped):  # a look-up costs more than it saves
        return _parsed(stripped, day_first=day_first)
    known = _parsed(distinct, day_first=day_first).with_columns(distinct)
    found = stripped.to_frame().join(known, on="text", how="left", maintain_order="left", nulls_equal=True)
    return found.select("ts", "aware")


def _parsed(stripped: pl.Series, *, day_first: bool) -> pl.DataFrame:
    """See `times`: by one pattern where all cells have it, which is fast, else one by one."""
    for pattern, aware in _FAST:
        fast = stripped.str.to_datetime(pattern, strict=False, time_unit="us", exact=True)
        if fast.null_count() == stripped.null_count():
            return pl.DataFrame({"ts": fast}).with_columns(pl.lit(value=aware).alias("aware"))
    unique = stripped.unique().drop_nulls()
    parsed = [parse_time(value, day_first=day_first) for value in unique]
    known = pl.DataFrame(
        {"text": unique, "ts": [p.ts for p in parsed], "aware": [p.aware for p in parsed]},
        schema={"text": pl.String(), "ts": pl.Datetime("us"), "aware": pl.Boolean()},
    )
    found = stripped.to_frame("text").join(known, on="text", how="left", maintain_order="left")
    return found.select("ts", "aware")


@dataclass(frozen=True)
class ParsedTime:
    """A time of text: `ts` has no zone and is UTC where `aware`; None where the text is no time."""

    ts: datetime | None
    aware: bool = False


def parse_time(text: str, *, day_first: bool) -> ParsedTime:
    """One time stamp; see `times`."""
    text = text.strip()
    for pattern, read in _PATTERNS:
        if match := pattern.match(text):
            try:
                return read(match, day_first)
            except (ValueError, OverflowError, KeyError):
                return ParsedTime(None)
    return _numeric_time(text)


def _ymd(match: re.Match[str], _: bool) -> ParsedTime:
    return _with_clock(datetime(int(match["a"]), int(match["b"]), int(match["c"])), match)


def _dated(match: re.Match[str], day_first: bool) -> ParsedTime:
    year = int(match["c"]) + (2000 if len(match["c"]) == 2 else 0)
    first, second = int(match["a"]), match["b"]
    if second.isalpha():
        return _with_clock(datetime(year, _MONTHS[second[:3].lower()], first), match)
    day, month = (first, int(second)) if day_first else (int(second), first)
    return _with_clock(datetime(year, month, day), match)


def _compact(match: re.Match[str], _: bool) -> ParsedTime:
    day = datetime(int(match[1]), int(match[2]), int(match[3]))
    hour, minute, second = (int(match[i] or 0) for i in (4, 5, 6))
    return ParsedTime(day + timedelta(hours=_hour(hour), minutes=_sixty(minute), seconds=_sixty(second)))


def _month(match: re.Match[str], _: bool) -> ParsedTime:
    return ParsedTime(datetime(int(match[1]), int(match[2]), 1))


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], bool], ParsedTime]], ...] = (
    (_ISO_ORDER, _ymd),
    (_DATE, _dated),
    (_MONTH_FIRST, _dated),
    (_COMPACT, _compact),
    (_MONTH, _month),
)


def _with_clock(day: datetime, match: re.Match[str]) -> ParsedTime:
    hour, half = int(match["h"] or 0), (match["p"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((match["f"] or "0").ljust(6, "0")[:6])
    minute, second = _sixty(int(match["m"] or 0)), _sixty(int(match["s"] or 0))
    local = day + timedelta(hours=_hour(hour), minutes=minute, seconds=second, microseconds=micro)
    if match["z"] is None:
        return ParsedTime(local)
    return ParsedTime(local.replace(tzinfo=_offset(match["z"])).astimezone(UTC).replace(tzinfo=None), aware=True)


def _hour(hour: int) -> int:
    if hour > 24:
        raise ValueError(hour)
    return hour


def _sixty(part: int) -> int:
    if part > 59:
        raise ValueError(part)
    return part


def _offset(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(span if text[0] == "+" else -span)


def _numeric_time(text: str) -> ParsedTime:
    try:
        value = float(text)
    except ValueError:
        return ParsedTime(None)
    if 20_000 <= value < 80_000:
        return ParsedTime(datetime(1899, 12, 30) + timedelta(seconds=round(value * 86_400)))
    for scale in (1, 1_000, 1_000_000):
        if 3e8 <= value / scale < 5e9:
            return ParsedTime(datetime(1970, 1, 1) + timedelta(seconds=value / scale), aware=True)
    return ParsedTime(None)
