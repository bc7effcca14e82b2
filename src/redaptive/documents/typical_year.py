"""Typical years: twelve months of different years, brought to one year, because only then do they follow each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

COMMON_YEAR, LEAP_YEAR = 2023, 2024
"""A year that begins on a Sunday, as most such files say of themselves; and one with a 29 February."""
MOST: Final = timedelta(days=370)
MOST_ROWS: Final = 4 * 8_784


def one_year(ts: pl.Series) -> tuple[pl.Series, str | None]:
    """Naive local times with the year of all months made one, and what was done (None: nothing).

    Done where each month is of a single year and the file spans more than a year of hours, as in TMY and PVGIS files.
    An hour at the end of a month that is written as the next month's first midnight stays at its month.

    >>> one_year(pl.Series(["1999-01-31 23:00", "1985-02-01 00:00"]).str.to_datetime())[0].dt.year().to_list()
    [2023, 2023]
    """
    before = ts.dt.offset_by("-1s")
    moments = pl.DataFrame({"at": before, "month": before.dt.month(), "year": before.dt.year()}).drop_nulls()
    months = moments.select("month", "year").unique()
    long = moments.select(pl.col("at").max() - pl.col("at").min() > MOST).item()
    if not long or len(ts) > MOST_ROWS or months["month"].is_duplicated().any():
        return ts, None
    leap = not moments.filter((pl.col("month") == 2) & (pl.col("at").dt.day() == 29)).is_empty()
    year = LEAP_YEAR if leap else COMMON_YEAR
    first, last = months.select(pl.col("year").min().alias("a"), pl.col("year").max().alias("b")).row(0)
    note = f"A typical year: its months are of {first} to {last} and are dated {year}."
    return before.dt.replace(year=year).dt.offset_by("1s"), note
