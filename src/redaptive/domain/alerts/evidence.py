"""The evidence of an alert in one sentence, in the site's local time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from redaptive.domain.alerts.kinds import kind_or_default
from redaptive.domain.intervals import zone

Per = Literal["event", "interval", "night", "day"]
PER: Final[dict[str, Per]] = {
    "level_shift": "interval", "off_hours": "interval", "night_base": "interval", "setback": "night",
    "weekend": "day", "drift": "day",
}  # fmt: skip
"""What the kernel's figures are of, by kind; those of a spike are of its one interval, which is the event."""
_MOSTLY: Final = 0.75
_HOURS: Final = {"off_hours": " in closed hours", "night_base": " at night", "weekend": " on days of rest"}


@dataclass(frozen=True)
class Facts:
    """What the sentence is made of. `actual` and `expected` in kWh (m³ for water): of the whole event from `since` to
    `until`, or of one of its intervals of `interval_s` seconds, nights or days, as `per` says.

    `subject` is how people name it, e.g. `Meter CHI-E1`; `members` how many alerts it stands for; `late` that it shows
    only since readings came late. Where the stored readings were looked at, `closed` and `rest` are the shares of the
    excess in closed hours and on days of rest. `billing_usd_per_day` is what a bill of wrong readings is off by;
    `unsure` that its weeks differ as much as the excess.
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


def _used(f: Facts) -> str:
    if f.closed is not None:
        return _assessed(f)
    if f.per != "event":
        hours = _HOURS.get(f.kind, "")
        return f"{f.subject} uses {_amount(f.actual, f)} {_per(f)}{hours}, {_compared(f)}, since {_moment(f.since, f)}"
    text = f"{f.subject} used {_amount(f.actual, f)} {_between(f)}"
    if _has_own_measure(f):
        return f"{text}: {_own_measure(f)}"
    return f"{text}, {_compared(f)}, since {_day(f)}" if f.expected is not None else f"{text}, since {_day(f)}"


def _assessed(f: Facts) -> str:
    """By stored readings: a day against those of the weeks before the start, and where in the week the excess lies."""
    verb = "generates" if f.commodity == "solar" else "uses"
    text = f"{f.subject} {verb} {_amount(f.actual, f)} a day"
    if f.actual is not None and f.expected:
        percent = 100.0 * (f.actual - f.expected) / abs(f.expected)
        way = "above" if percent >= 0 else "below"
        text += f", {abs(percent):,.0f} % {way} the {figure(f.expected)} {f.unit} of the weeks before"
    where = _where(f)
    return f"{text} (hour of the week, weather, other meters), since {_moment(f.since, f)}{where}"


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
    return f.kind == "night_base" or f.expected is None or (f.actual - f.expected) * f.excess_per_day <= 0


def _own_measure(f: Facts) -> str:
    excess = f.excess_per_day or 0.0
    way = "more" if excess >= 0 else "less"
    if f.kind == "night_base":
        return (
            f"its nights took about {figure(abs(excess) / 24)} {f.unit} an hour {way} than those of the weeks before, "
            f"{figure(abs(excess))} {f.unit} a day if it runs round the clock"
        )
    return f"about {figure(abs(excess))} {f.unit} a day {way}{_HOURS.get(f.kind, '')} than in the weeks before"


def _per(f: Facts) -> str:
    if f.per == "interval":
        return "an hour" if f.interval_s == 3600 else f"in {f.interval_s / 60:g} min"
    return f"a {f.per}"


def _spike(f: Facts) -> str:
    return f"{f.subject} peaked at {_amount(f.actual, f)} {_between(f)} on {_day(f)}, {_compared(f)}"


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
    usual = f"its usual {figure(f.expected)} {f.unit}"
    if f.expected <= 0:
        return f"where {usual} are expected"
    percent = 100.0 * (f.actual - f.expected) / f.expected
    return f"{abs(percent):,.0f} % {'above' if percent >= 0 else 'below'} {usual}"


def _cost(f: Facts) -> str:
    if f.usd_per_day is not None:
        return f"; about {_usd(float(f.usd_per_day))} USD/day"
    if f.billing_usd_per_day is not None:
        return f"; a bill of these readings is off by up to {_usd(float(f.billing_usd_per_day))} USD/day"
    if f.unsure:
        return "; what it costs is not known: its weeks differ as much"
    if f.excess_per_day is not None and kind_or_default(f.kind).priced:
        return f"; about {figure(f.excess_per_day)} {f.unit}/day (no price)"
    return ""


def _usd(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"


def _between(f: Facts) -> str:
    first, last = (t.astimezone(zone(f.timezone)) for t in (f.since, f.until))
    if (last - first).total_seconds() > 86_400:
        return f"from {first.day} {first:%B} to {last.day} {last:%B}"
    return f"between {first:%H:%M} and {last:%H:%M} local"


def _day(f: Facts) -> str:
    local = f.since.astimezone(zone(f.timezone))
    return f"{local.day} {local:%B}"


def _moment(at: datetime, f: Facts) -> str:
    local = at.astimezone(zone(f.timezone))
    return f"{local.day} {local:%B} {local:%H:%M} local"
