"""The figure that a condition compares with, and how: "stays below 500 kW", "0.95 or better"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from redaptive.orchestration.intelligent.planners.values.ids import MESSAGES
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Op

_OPS: Final[Mapping[str, Op]] = {
    "above": "gt", "at_least": "ge", "below": "lt", "at_most": "le", "about": "ge", "equal": "ge",
}  # fmt: skip
_UNITS: Final[Mapping[str, str]] = {
    "F": "degF", "year": "yr", "day": "d", "hour": "h", "%": "%", "kwh": "kWh", "minute": "min", "tonne": "tCO2e",
    "week": "week",
}  # fmt: skip
_JUDGED: Final = re.compile(r"\b(?:worse|better)\b", re.IGNORECASE)
_BELOW: Final = re.compile(
    r"\b(?:below|under|beneath|less|lower|fewer|drops?|falls?|short|sinks?|worse\s+than|at\s+most)\b|<", re.IGNORECASE
)
_ABOVE: Final = re.compile(
    r"\b(?:above|over|more|exceed\w*|greater|higher|beyond|pass\w*|top\w*|reach\w*|faster|longer|larger|bigger|better|beats?)\b|>",
    re.IGNORECASE,
)
_RANK: Final = re.compile(r"(?<![\w.$#-])(\d{1,2})(?:st|nd|rd|th)\s+percentile", re.IGNORECASE)
_PLAIN_NUMBER: Final = re.compile(
    r"(?<![\w.$#-])(-?(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+))\s*(?P<k>k|m)?(?![\w%])", re.IGNORECASE
)


@dataclass(frozen=True)
class Said:
    """What a condition compares with: a number and its unit, or nothing, which asks whether there is any."""

    op: Op
    value: float | int | None
    unit: str | None


def said_in(reading: Reading) -> Said:
    """The figure that is compared: one with a comparison before one that only describes."""
    for money in sorted(reading.money, key=lambda one: one.comparison == "equal"):
        if money.comparison == "equal" and any(
            q.comparison != "equal" for q in (*reading.quantities, *reading.percentages)
        ):
            continue
        per = {"day": "USD/d", "year": "USD/yr", "yr": "USD/yr", "kwh": "USD/kWh", "mwh": "USD/MWh"}.get(
            money.per or ""
        )
        return Said(_op(money.comparison, reading), _number(money.usd), per or "USD")
    for quantity in sorted((*reading.quantities, *reading.percentages), key=lambda one: one.comparison == "equal"):
        unit = _UNITS.get(quantity.unit, quantity.unit)
        if unit == "kW/ton" and (judged := _JUDGED.search(reading.text)):
            return Said("gt" if judged.group(0).lower() == "worse" else "lt", _number(quantity.value), unit)
        return Said(_op(quantity.comparison, reading), _number(quantity.value), unit)
    match = _RANK.search(reading.text) or next(_plain_numbers(reading), None)
    if match:
        scale = {"k": 1_000, "m": 1_000_000}.get((match.groupdict().get("k") or "").lower(), 1)
        return Said(_op("equal", reading), _number(Decimal(match.group(1).replace(",", "")) * scale), None)
    zero = reading.has(r"\bnegative\b|\bloses?\s+money\b|\bpositive\b|\bprofitable\b|\bpays?\s+off\b|\bworth\s+it\b")
    return Said(
        "lt" if reading.has(r"\bnegative\b|\bloses?\b|\bnot\s+(?:profitable|positive|worth)") else "gt",
        0 if zero else None,
        None,
    )


def _plain_numbers(reading: Reading) -> Iterator[re.Match[str]]:
    """Numbers that belong to no code and no date, and name no kind of EDI message."""
    dated = reading.period.period.text if reading.period.period else ""
    codes = {code for ids in reading.ids.values() for code in ids}
    for match in _PLAIN_NUMBER.finditer(reading.text):
        if (
            match.group(1) in codes | MESSAGES
            or (dated and match.group(1) in dated)
            or re.fullmatch(r"(?:19|20)\d\d", match.group(1))
        ):
            continue
        yield match


def _op(comparison: str, reading: Reading) -> Op:
    """The comparison beside the number, else the verb of the sentence."""
    if comparison != "equal":
        return _OPS[comparison]
    if re.search(
        r"\b(?:or|and)\s+(?:lower|less|fewer|below|under|down|worse)\b|\bno\s+more\b|\bat\s+most\b|<=|≤",
        reading.text,
        re.IGNORECASE,
    ):
        return "le"
    if re.search(
        r"\b(?:or|and)\s+(?:higher|more|above|over|up|better|greater|upwards)\b|\bat\s+least\b|\bno\s+less\b|>=|≥",
        reading.text,
        re.IGNORECASE,
    ):
        return "ge"
    if _BELOW.search(reading.text):
        return "lt"
    return "gt" if _ABOVE.search(reading.text) else "ge"


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)
