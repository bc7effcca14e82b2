"""How figures and days are written for people: thin thousands, few digits, never a wrong unit."""

from __future__ import annotations

import math
from datetime import date, timedelta

Number = int | float


def grouped(value: Number | None, decimals: int = 0) -> str:
    """The number with thousands separators, or a dash for None.

    >>> grouped(1234567.891, 1)
    '1,234,567.9'
    >>> grouped(None)
    '–'
    """
    return "–" if value is None else f"{value:,.{decimals}f}"


def compact(value: Number | None) -> str:
    """The number with at most four digits and a k, M or G, or a dash for None.

    >>> compact(1_530_000), compact(950), compact(12.34), compact(-2_400), compact(0.0512)
    ('1.53 M', '950', '12.3', '-2.40 k', '0.051')
    """
    if value is None:
        return "–"
    for limit, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= limit:
            return f"{_digits(value / limit)}{suffix}"
    return _digits(value)


def percent(value: Number | None) -> float | None:
    """A share in percent with two decimals, never -0.0; None where it is unknown.

    >>> percent(0.12345), percent(-1e-9), percent(float("nan")), percent(None)
    (12.35, 0.0, None, None)
    """
    return None if value is None or not math.isfinite(value) else round(100 * float(value), 2) + 0.0


def rounded(value: Number) -> float | None:
    """The number with four decimals; None where it is unknown.

    >>> rounded(0.123456), rounded(float("nan"))
    (0.1235, None)
    """
    return round(float(value), 4) if math.isfinite(value) else None


def day_text(day: int) -> str:
    """A local day, counted from 1970, with its year first.

    >>> day_text(0), day_text(19_753)
    ('1970-01-01', '2024-01-31')
    """
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()


def _digits(value: Number) -> str:
    size = abs(value)
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 1 else f"{value:.3f}"
