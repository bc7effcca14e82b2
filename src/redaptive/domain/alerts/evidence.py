"""The evidence of an alert in one sentence, in the site's local time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from redaptive.domain.alerts.figures import PER, Per
from redaptive.domain.alerts.kinds import DAY_S, kind_or_default
from redaptive.domain.intervals import zone

_BY_MEAN: Final = ("level_shift", "off_hours", "drift")
"""Kinds whose excess is a mean or sum since the start, which the interval or day that decided need not show."""
_MOSTLY: Final = 0.75
_HOURS: Final = {"off_hours": " in closed hours", "night_base": " at night", "weekend": " on days of rest"}


@dataclass(frozen=True)
class Facts:
    """What the sentence is made of. `actual` and `expected` in kWh (m³ for water): of the whole event from `since` to
    `until`, or of one of its intervals of `interval_s` seconds, nights or days, as `per` says.

    `subject` is how people name it, e.g. `Meter CHI-E1`; `members` how many alerts it stands for; `late` that it shows
    only since readings came late. Where the stored readings were looked at, `closed` and `rest` are the shares of the
    excess in closed hours and on days of rest. `billing_usd_per_day` is what a bill of wrong readings is off by;
    `unsure` that its weeks differ as much as the excess; `at_zero` that what was expected lay below zero, which the
    meter cannot use, and was taken as zero.
    """

    kind: str
    subject: str
    since: datetime
    until: datetime
    timezone: str
    commodity: str | None = None
    actual: float | None = None
    expected: float | None = None
    excess_per_day: float | None = None
    usd_per_day: Decimal | None = None
    score: float | None = None
    members: int = 0
    of: int = 0
    ended: bool = False
    per: Per = "event"
    interval_s: int = 3600
    late: bool = False
    closed: float | None = None
    rest: float | None = None
    billing_usd_per_day: Decimal | None = None
    unsure: bool = False
    at_zero: bool = False

    @property
    def generates(self) -> bool:
        """Whether more of it is good."""
        return self.commodity == "solar"

    @property
    def agrees(self) -> bool:
        """Whether use and expectation differ the way that the excess a day does, as far as they are known."""
        if not self.excess_per_day or self.actual is None or self.expected is None:
            return True
        return (self.actual - self.expected) * self.excess_per_day > 0

    @property
    def unit(self) -> str:
        """kWh, or m³ for water."""
        return "m³" if self.commodity == "water" else "kWh"


def sentence(facts: Facts) -> str:
    """What happened, compared with what is usual, since when, and what it costs.

    >>> from datetime import UTC
    >>> night = datetime(2026, 3, 12, 3, tzinfo=UTC), datetime(2026, 3, 12, 10, tzinfo=UTC)
    >>> cost = Decimal("31.27")
    >>> sentence(Facts("off_hours", "X", *night, "America/Chicago", "electricity", 412.0, 147.0, 265.0, cost))
    'X used 412 kWh between 22:00 and 05:00 local, 180 % above its usual 147 kWh, since 11 March; about 31 USD/day.'
    """
    write = _WRITERS.get(facts.kind, _used if kind_or_default(facts.kind).priced else _noticed)
    return f"{write(facts)}{_cost(facts)}{'; found on late readings' if facts.late else ''}."


def figure(value: float) -> str:
    """The number with three digits at most after rounding, thousands grouped.

    >>> figure(412.3), figure(4.127), figure(12345.6)
    ('412', '4.13', '12,346')
    """
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def way_of_cost(usd_per_day: float, commodity: str | None) -> str:
    """What is said behind an amount without its sign: nothing of a cost.

    >>> way_of_cost(-240.0, "gas"), way_of_cost(17.0, "solar"), way_of_cost(36.0, "gas")
    (' less', ' lost', '')
    """
    if commodity == "solar":
        return " lost" if usd_per_day > 0 else " gained" if usd_per_day < 0 else ""
    return " less" if usd_per_day < 0 else ""


def _used(f: Facts) -> str:
    if f.closed is not None:
        return _assessed(f)
    if f.per != "event":
        return _now(f)
    text = f"{f.subject} {'produced' if f.generates else 'used'} {_amount(f.actual, f)} {_between(f)}"
    if _has_own_measure(f):
        return f"{text}: {_own_measure(f)}"
    return f"{text}, {_compared(f)}, since {_day(f)}" if f.expected is not None else f"{text}, since {_day(f)}"


def _now(f: Facts) -> str:
    """By the alarm: the change a day since the start, and what decided where that says the same."""
    hours, of_it = _HOURS.get(f.kind, ""), f"{_amount(f.actual, f)} {_per(f)}"
    known = bool(f.excess_per_day) and f.actual is not None and f.expected is not None
    if not known or (f.agrees and f.kind not in _BY_MEAN):
        return f"{f.subject} {_verb(f)} {of_it}{hours}, {_compared(f)}, since {_moment(f.since, f)}"
    noticed = f" (noticed at {of_it}, {_compared(f)})" if f.agrees else ""
    return f"{f.subject} {_verb(f)} {_change(f)} than usual{hours} since {_moment(f.since, f)}{noticed}"


def _assessed(f: Facts) -> str:
    """By stored readings: a day against those of the weeks before the start, and where in the week the excess lies."""
    text = f"{f.subject} {_verb(f)} {_amount(f.actual, f)} a day"
    if not f.agrees:
        text = f"{f.subject} {_verb(f)} {_change(f)} than in the weeks before"
    elif f.actual is not None and f.expected:
        text += f", {_percent(f.actual, f.expected)} the {figure(f.expected)} {f.unit} of the weeks before"
    elif f.at_zero:
        text += f", {_compared(f)}"
    where = _where(f)
    return f"{text} (hour of the week, weather, other meters), since {_moment(f.since, f)}{where}"


def _verb(f: Facts) -> str:
    return "produces" if f.generates else "uses"


def _change(f: Facts) -> str:
    """The excess a day and its way."""
    excess = f.excess_per_day or 0.0
    return f"about {figure(abs(excess))} {f.unit} a day {'more' if excess >= 0 else 'less'}"


def _where(f: Facts) -> str:
    if f.rest is not None and f.rest >= _MOSTLY:
        return "; mostly on days of rest"
    return "; mostly in closed hours" if f.closed is not None and f.closed >= _MOSTLY else ""


def _has_own_measure(f: Facts) -> bool:
    """Whether the detector compares with nights or days of its own, which the sum of all hours does not show.

    A night load is a part of those hours, and what is expected in them follows a change that lasts.
    """
    if f.kind not in PER or f.excess_per_day is None or f.actual is None:
        return False
    return f.kind == "night_base" or f.expected is None or not f.agrees


def _own_measure(f: Facts) -> str:
    excess = f.excess_per_day or 0.0
    way = "more" if excess >= 0 else "less"
    if f.kind == "night_base":
        return (
            f"its nights took about {figure(abs(excess) / 24)} {f.unit} an hour {way} than those of the weeks before, "
            f"{figure(abs(excess))} {f.unit} a day if it runs round the clock"
        )
    return f"{_change(f)}{_HOURS.get(f.kind, '')} than in the weeks before"


def _per(f: Facts) -> str:
    if f.per == "interval":
        return "an hour" if f.interval_s == 3600 else f"in {f.interval_s / 60:g} min"
    return f"a {f.per}"


def _spike(f: Facts) -> str:
    falls = f.excess_per_day is not None and f.excess_per_day < 0
    when = _between(f) if _long(f) else f"{_between(f)} on {_day(f)}"
    if not f.agrees:
        return f"{f.subject} had a short {'dip' if falls else 'peak'} {when}: {_change(f)} than usual"
    return f"{f.subject} {'dipped to' if falls else 'peaked at'} {_amount(f.actual, f)} {when}, {_compared(f)}"


def _gap(f: Facts) -> str:
    ended = f" until {_moment(f.until, f)}" if f.ended else ""
    return f"{f.subject} has sent no readings since {_moment(f.since, f)}{ended}"


def _stuck(f: Facts) -> str:
    return f"{f.subject} has repeated one value since {_moment(f.since, f)}"


def _bad(f: Facts) -> str:
    return f"{f.subject} sends impossible values since {_moment(f.since, f)}"


def _factor(f: Facts) -> str:
    times = f" {f.actual / f.expected:.1f} times what is usual" if f.actual and f.expected else " off by a factor"
    return f"{f.subject} reads{times} since {_day(f)}: a wrong multiplier or a swapped transformer is likely"


def _clock(f: Facts) -> str:
    return f"{f.subject} follows its usual day at the wrong hour since {_day(f)}: its clock is off"


def _reset(f: Facts) -> str:
    return f"The register of {f.subject} began anew at {_moment(f.since, f)}: reset or exchanged"


def _silent(f: Facts) -> str:
    share = f": {f.members} of its {f.of} meters fell silent together" if f.members and f.of else ""
    return f"{f.subject} has sent nothing since {_moment(f.since, f)}{share}"


def _outage(f: Facts) -> str:
    share = f"{f.members} of {f.of} meters, behind more than one gateway"
    return f"{f.subject} is silent since {_moment(f.since, f)}: {share}"


def _gateway_clock(f: Facts) -> str:
    return f"{f.subject} sends times that are not those of its readings since {_moment(f.since, f)}"


def _flapping(f: Facts) -> str:
    return f"{f.subject} comes and goes: {f.members} events since {_moment(f.since, f)}"


def _weather(f: Facts) -> str:
    return f"{f.members} of {f.of} meters at {f.subject} use more since {_moment(f.since, f)}, in extreme weather"


def _noticed(f: Facts) -> str:
    return f"{f.subject}: {kind_or_default(f.kind).title.lower()} since {_moment(f.since, f)}"


_WRITERS: Final[dict[str, Callable[[Facts], str]]] = {
    "spike": _spike, "gap": _gap, "stuck": _stuck, "bad_value": _bad, "multiplier": _factor, "clock_shift": _clock,
    "register_reset": _reset, "gateway_silent": _silent, "site_outage": _outage, "gateway_clock": _gateway_clock,
    "flapping": _flapping, "weather": _weather,
}  # fmt: skip


def _amount(value: float | None, f: Facts) -> str:
    return f"an unknown amount of {f.unit}" if value is None else f"{figure(value)} {f.unit}"


def _compared(f: Facts) -> str:
    if f.actual is None or f.expected is None:
        return "with nothing to compare it to yet"
    if f.expected == 0:
        return f"where none is usual{': what was expected lay below zero' if f.at_zero else ''}"
    usual = f"its usual {figure(f.expected)} {f.unit}"
    zero = " (less than none was expected at times, which is taken as none)" if f.at_zero else ""
    return f"where {usual} are expected" if f.expected < 0 else f"{_percent(f.actual, f.expected)} {usual}{zero}"


def _percent(actual: float, expected: float) -> str:
    percent = 100.0 * (actual - expected) / abs(expected)
    return f"{abs(percent):,.0f} % {'above' if percent >= 0 else 'below'}"


def _cost(f: Facts) -> str:
    if f.usd_per_day is not None:
        usd = float(f.usd_per_day)
        return f"; about {_usd(abs(usd))} USD/day{way_of_cost(usd, f.commodity)}{_as_if(f)}"
    if f.billing_usd_per_day is not None:
        return f"; a bill of these readings is off by up to {_usd(float(f.billing_usd_per_day))} USD/day"
    if f.unsure:
        return "; what it costs is not known: its weeks differ as much"
    if f.excess_per_day is not None and kind_or_default(f.kind).priced:
        less = " less" if f.excess_per_day < 0 else ""
        return f"; about {figure(abs(f.excess_per_day))} {f.unit}/day{less} (no price){_as_if(f)}"
    return ""


def _as_if(f: Facts) -> str:
    """Whether a short event is priced longer than it was measured: the kernel takes it to last an hour."""
    if f.kind != "spike" or None in (f.excess_per_day, f.actual, f.expected):
        return ""
    measured = abs((f.actual or 0.0) - (f.expected or 0.0))
    return ", as if it lasted an hour" if abs(f.excess_per_day or 0.0) > 1.01 * measured else ""


def _usd(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"


def _between(f: Facts) -> str:
    first, last = (t.astimezone(zone(f.timezone)) for t in (f.since, f.until))
    if _long(f):
        return f"from {first.day} {first:%B} to {last.day} {last:%B}"
    return f"between {first:%H:%M} and {last:%H:%M} local" if last > first else f"at {first:%H:%M} local"


def _long(f: Facts) -> bool:
    return (f.until - f.since).total_seconds() > DAY_S


def _day(f: Facts) -> str:
    local = f.since.astimezone(zone(f.timezone))
    return f"{local.day} {local:%B}"


def _moment(at: datetime, f: Facts) -> str:
    local = at.astimezone(zone(f.timezone))
    return f"{local.day} {local:%B} {local:%H:%M} local"
