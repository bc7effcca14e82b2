"""One finding of an audit: when, what, how much, at which price, and its order among others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

WORDS: Final = {
    "lasting_change": "its level changed and stayed",
    "spike": "short and far from usual",
    "level_shift": "off its usual level",
    "off_hours": "runs when the building is usually at rest",
    "multiplier": "reads a multiple of its usual course",
    "stuck": "the same reading over and over",
    "zero": "nothing was read where something is usual",
    "gap": "readings are missing",
}
ENERGY: Final = "kWh"
SHORT_H: Final = 12
SPIKES: Final = "far from usual again and again"
"""Words of spikes that follow each other for longer than this."""
DATA_KINDS: Final = frozenset({"multiplier", "stuck", "zero", "gap"})
"""Kinds that speak of the meter rather than of the building: their energy is no waste and has no price."""
Sure = Literal["high", "fair"]


@dataclass(frozen=True)
class Lasting:
    """What a lasting change adds: first and last local day (since 1970), signed kWh a day and share of what was due.

    `still`: the history ends in it. `usd_per_year`: the price of a year of it while it goes on, None where it ended or
    without a price; `hours`: the part of the week that changed.
    """

    first_day: int
    last_day: int
    kwh_per_day: float
    share: float
    still: bool
    usd_per_year: float | None
    hours: str
    sure: Sure


@dataclass(frozen=True)
class Finding:
    """One episode or lasting change: UTC seconds [start, end), kWh read and expected, USD of the difference, if priced.

    A fault of the meter has no price: nobody used it. Where `unit` is not kWh all amounts are in that unit.

    `hours` of readings in it (of missing ones for a gap); `sentence` for a person, in the meter's local time.
    """

    meter: str
    kind: str
    start_s: int
    end_s: int
    hours: float
    score: float
    actual_kwh: float
    expected_kwh: float
    cost_usd: float | None
    sentence: str
    lasting: Lasting | None = None
    unit: str = ENERGY
    commodity: str = ""

    @property
    def excess_kwh(self) -> float:
        """What was read less what is usual."""
        return self.actual_kwh - self.expected_kwh

    @property
    def of_meter(self) -> bool:
        """Whether it speaks of the meter, not of the building."""
        return self.kind in DATA_KINDS


def rank(findings: Sequence[Finding]) -> list[Finding]:
    """What the building did before faults of meters; each by energy, then the highest score, the meter, the time.

    What is not in kWh stands behind what is, unit by unit.
    """
    return sorted(
        findings,
        key=lambda f: (f.of_meter, f.unit != ENERGY, f.unit, -abs(f.excess_kwh), -f.score, f.meter, f.start_s),
    )


def measured(finding: Finding, commodity: str, unit: str) -> Finding:
    """The finding of a meter of this commodity, whose amounts are in `unit`; its sentence says so."""
    head, said = finding.sentence[: len(finding.meter)], finding.sentence[len(finding.meter) :]
    return replace(finding, commodity=commodity, unit=unit, sentence=head + said.replace(f" {ENERGY}", f" {unit}"))


def episode_sentence(
    meter: str, kind: str, when: tuple[int, float], energy: tuple[float, float], cost: float | None
) -> str:
    """An episode in words; `when`: local clock second of its begin and hours of readings, `energy`: kWh read, usual."""
    actual, usual = energy
    text = f"{meter}: {WORDS[kind] if kind != 'spike' or when[1] <= SHORT_H else SPIKES}, {_span(when)}"
    if kind == "gap":
        return text.replace("of readings from", "from") + "."
    share = f" ({actual / usual - 1:+.0%})" if usual > 0 else ""
    text += f": {actual:,.1f} kWh where {usual:,.1f} kWh is usual{share}"
    if kind in DATA_KINDS:
        return text + "; check the meter before the building."
    return text + (f", {abs(cost):,.2f} USD {'more' if cost > 0 else 'less'}." if cost is not None else ".")


def multiplier_sentence(
    meter: str, factor: float, when: tuple[int, float], energy: tuple[float, float], price: float | None
) -> str:
    """A stretch at a wrong multiplier in words: a fault of the meter, and how far a bill of it would be off."""
    actual, usual = energy
    text = (
        f"{meter}: reads {times(factor)} its usual course, {_span(when)}: {actual:,.1f} kWh where {usual:,.1f} kWh is "
        "usual; a wrong multiplier of the meter is likely, not use, so it has no price"
    )
    if price is None:
        return text + "; check the meter, and the bills that hold these readings."
    way = "too much" if actual > usual else "too little"
    return text + f"; a bill of these readings would be {abs(actual - usual) * price:,.2f} USD {way}: check it."


def times(factor: float) -> str:
    """A factor in words.

    >>> times(10.0), times(0.1)
    ('10 times', '1/10 of')
    """
    return f"{factor:.3g} times" if factor >= 1 else f"1/{1 / factor:.3g} of"


def lasted(hours: float) -> str:
    """A length of time in words.

    >>> lasted(0.25), lasted(1.5), lasted(30.0), lasted(97.0)
    ('15 min', '1.5 h', '30 h', '4 days')
    """
    if hours < 1:
        return f"{60 * hours:.0f} min"
    if hours < 72:
        return f"{hours:.1f}".removesuffix(".0") + " h"
    return f"{hours / 24:.0f} days"


def _span(when: tuple[int, float]) -> str:
    return f"{lasted(when[1])} of readings from {datetime.fromtimestamp(when[0], UTC):%a %d %b %Y %H:%M}"
