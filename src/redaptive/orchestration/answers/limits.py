"""Limits that rows of an answer are to keep: "only those that pay back in under 3 years", "below $50,000"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Way = Literal["most", "least"]

_I: Final = re.IGNORECASE
_MOST: Final = r"under|below|less\s+than|fewer\s+than|lower\s+than|cheaper\s+than|at\s+most|no\s+more\s+than|not\s+more\s+than|up\s+to|within|inside|max(?:imum)?|<=?"
_LEAST: Final = r"over|above|more\s+than|higher\s+than|larger\s+than|bigger\s+than|longer\s+than|at\s+least|no\s+less\s+than|from|min(?:imum)?|>=?"
_FIGURE: Final = r"(?P<usd>\$\s?)?(?P<n>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>k|thousand|m|million)?\b"
_LIMIT: Final = re.compile(
    rf"(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\s+{_FIGURE}\s*(?P<unit>usd|dollars?|bucks|years?|yrs?|%|percent|kwh|kw|therms?|tco2e?|tons?|t)?",
    _I,
)
_UNITS: Final[Mapping[str, str]] = {
    "usd": "cost", "dol": "cost", "buc": "cost", "yea": "payback", "yr": "payback", "yrs": "payback",
    "kwh": "electricity", "kw": "peak", "the": "gas", "tco": "emissions", "ton": "emissions", "t": "emissions",
}  # fmt: skip
"""What a figure is of where only its unit says so, by how the unit begins."""
_SCALES: Final[Mapping[str, float]] = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}


@dataclass(frozen=True)
class Limit:
    """Rows whose figure of a quantity of `QUANTITIES` is at most, or at least, `value` in the unit of its field."""

    quantity: str
    way: Way
    value: float

    def keeps(self, value: float) -> bool:
        """Whether a figure keeps the limit."""
        return value <= self.value if self.way == "most" else value >= self.value

    @property
    def words(self) -> str:
        """The limit as it is told, without its unit."""
        return f"{'at most' if self.way == 'most' else 'at least'} {self.value:,.6g}"

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Limit:
        """What was stored with `asdict`."""
        return cls(stored["quantity"], stored["way"], stored["value"])


def limit_in(words: str, quantity: str | None, *, bare: bool = False) -> Limit | None:
    """The limit that words say of a quantity, or of the one that their unit names; None where they say none.

    With `bare` the quantity is left open where nothing names it.

    >>> limit_in("that pay back in under 3 years", "payback"), limit_in("over $50k", None)
    (Limit(quantity='payback', way='most', value=3.0), Limit(quantity='cost', way='least', value=50000.0))
    """
    match = _LIMIT.search(words)
    if match is None:
        return None
    unit = (match["unit"] or ("usd" if match["usd"] else "")).lower()
    of = quantity or _UNITS.get(unit) or _UNITS.get(unit[:3])
    value = float(match["n"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1.0)
    return Limit(of or "", "most" if match["most"] else "least", value) if of or bare else None


_PAYBACK: Final = re.compile(
    r"\bpay(?:s|ing)?[\s-]?back(?:s|\s+(?:time|period)s?)?(?:\s+(?:is|are|of|in|that\s+is|times?))*\s+(?P<limit>(?:under|below|less\s+than|at\s+most|no\s+more\s+than|within|up\s+to|over|more\s+than|at\s+least)\s+\d+(?:\.\d+)?\s*(?:years?|yrs?|y)\b)",
    _I,
)


def payback_limit(text: str) -> tuple[Limit, ...]:
    """The limit that a request says of the payback of its rows; empty where it says none.

    >>> payback_limit("projects with a payback under 3 years")
    (Limit(quantity='payback', way='most', value=3.0),)
    """
    match = _PAYBACK.search(text)
    found = limit_in(match["limit"], "payback") if match else None
    return (found,) if found is not None else ()
