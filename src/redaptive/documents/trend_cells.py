"""Cells of trends as figures: words such as On and Closed, units behind the figure, decimal commas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl

from redaptive.documents.cell_text import MISSING, find_decimal, number
from redaptive.domain.equipment.points import POINTS, Floats, has_unit

WORDS: Final[Mapping[str, float]] = MappingProxyType(
    dict.fromkeys(
        ("true", "on", "yes", "occupied", "occ", "active", "running", "run", "start", "started", "enabled", "enable",
         "open", "opened", "normal run"), 1.0)
    | dict.fromkeys(
        ("false", "off", "no", "unoccupied", "unocc", "inactive", "stopped", "stop", "idle", "disabled", "disable",
         "closed", "close", "shut"), 0.0)
)  # fmt: skip
SWITCHED: Final = ("", "%")
"""Units of roles that words may stand for: a switch, or a position that is all or nothing."""
SAMPLE: Final = 2_000
_FIGURE_UNIT: Final = r"^([-+0-9.,eE' ]*[0-9.])\s*(%|°?\s?[A-Za-z][A-Za-z0-9./]*\.?)$"


@dataclass(frozen=True)
class Figures:
    """`values` with NaN for what is no figure, how many cells say something that is none, and the unit they name."""

    values: Floats
    bad: int
    unit: str | None = None


def figures(text: pl.Series, role: str) -> Figures:
    """The cells of one point. Words are 1 and 0; where the role is in per cent they are all and nothing of it.

    A unit behind the figures counts where all of the cells have the same one and the role can have it.

    >>> figures(pl.Series(["12.5 %", "50%"]), "fan"), figures(pl.Series(["Open", "shut"]), "heating_valve").unit
    (Figures(values=array([12.5, 50. ]), bad=0, unit='%'), 'fraction')
    """
    quick = text.cast(pl.Float64, strict=False)
    if quick.null_count() == text.null_count():
        return Figures(quick.fill_null(np.nan).to_numpy().astype(np.float64), 0)
    plain = text.str.strip_chars().alias("text")
    plain, unit = _unit_apart(plain, role)
    frame = plain.to_frame()
    said = ~(pl.col("text").is_null() | pl.col("text").str.to_lowercase().is_in([*MISSING, "nan"]))
    decimal, guessed = find_decimal(plain.drop_nulls().head(SAMPLE).to_list(), ";")
    value = number("text", "." if guessed else decimal)
    worded = False
    if POINTS[role].unit in SWITCHED:
        lower = pl.col("text").str.to_lowercase()
        worded = bool(frame.select(lower.is_in(list(WORDS)).any()).item())
        value = pl.coalesce(lower.replace_strict(dict(WORDS), default=None, return_dtype=pl.Float64), value)
    found = frame.select(value.alias("v"), said.alias("said"))
    values = found["v"].fill_null(np.nan).to_numpy().astype(np.float64)
    bad = found.select((pl.col("said") & pl.col("v").is_null()).sum()).item()
    if worded and unit is None and POINTS[role].unit == "%":
        unit = None if (values > 1.0).any() else "fraction"
    return Figures(values, int(bad or 0), unit)


def _unit_apart(text: pl.Series, role: str) -> tuple[pl.Series, str | None]:
    """The cells without the unit behind their figures, and the unit; as they are where they name none or several."""
    behind = text.str.extract(_FIGURE_UNIT, 2).str.replace_all(" ", "").str.to_lowercase().unique().drop_nulls()
    if len(behind) != 1 or not has_unit(role, behind[0]):
        return text, None
    bare = pl.coalesce(pl.col("text").str.extract(_FIGURE_UNIT, 1), pl.col("text")).str.strip_chars()
    return text.to_frame().select(bare.alias("text"))["text"], str(behind[0])
