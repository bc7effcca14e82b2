"""Kinds of alert: what each is about, how long it must last and linger. Design values to start from, not measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from redaptive.errors import NotFound

HOUR_S: Final = 3600
DAY_S: Final = 86_400
MERGE_S: Final = DAY_S
"""A kind that comes back at the same meter within this time is the same alert."""


class Severity(StrEnum):
    """How urgent an alert is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def order(self) -> int:
        """0 for info, 2 for critical."""
        return list(Severity).index(self)


class Group(StrEnum):
    """What an alert is about: energy (or water) that is wasted, data that cannot be trusted, or a notice."""

    EXCESS = "excess"
    QUALITY = "quality"
    NOTICE = "notice"


@dataclass(frozen=True)
class AlertKind:
    """One kind. It opens when `need` of `of` intervals show it, and `hold_s` after its confirmation at the earliest.

    An event that ended counts as lasting for `linger_s` more: what comes back every night is not over at dawn.
    `severity` is that of kinds which have no price. Kinds of one `family` at a meter and its submeter are one fault.
    `rising` and `falling` are titles of more and of less use than usual, where `title` does not say it.
    """

    slug: str
    title: str
    group: Group
    severity: Severity = Severity.INFO
    need: int = 1
    of: int = 1
    hold_s: int = 0
    linger_s: int = 0
    family: str = ""
    rising: str = ""
    falling: str = ""

    def title_of(self, excess_per_day: float | None, commodity: str | None = None) -> str:
        """The title of an alert with that excess (with sign; None: not known), of output where a meter generates.

        >>> KINDS["drift"].title_of(-4.0), KINDS["drift"].title_of(4.0, "solar")
        ('Slow fall in use', 'Slow rise in output')
        """
        by_way = self.falling if (excess_per_day or 0) < 0 else self.rising if excess_per_day else ""
        found = by_way or self.title
        return _USE.sub("output", found) if commodity == "solar" else found

    @property
    def priced(self) -> bool:
        """Whether it has USD/day; alerts about data have none."""
        return self.group is Group.EXCESS

    @property
    def merge_s(self) -> int:
        """Seconds after its end within which it is the same alert when it comes back."""
        return max(MERGE_S, self.linger_s)


_USE: Final = re.compile(r"\b[Uu]se\b")
_NIGHTLY: Final = 26 * HOUR_S
_COLLAPSE_S: Final = 90  # a gap scan a minute, and a flush: by then all meters behind a dead gateway have said so
_ALL: Final = (
    AlertKind("spike", "Short peak", Group.EXCESS, need=2, of=4, family="level", falling="Short dip in use"),
    AlertKind("level_shift", "Step in use", Group.EXCESS, need=2, of=4, family="level",
              rising="Step up in use", falling="Step down in use"),
    AlertKind("drift", "Slow change in use", Group.EXCESS, family="level",
              rising="Slow rise in use", falling="Slow fall in use"),
    AlertKind("off_hours", "Use in closed hours", Group.EXCESS, need=2, of=4, linger_s=_NIGHTLY, family="schedule",
              falling="Less use in closed hours"),
    AlertKind("night_base", "Higher night load", Group.EXCESS, linger_s=_NIGHTLY, family="schedule",
              falling="Lower night load"),
    AlertKind("weekend", "Weekend runs like a weekday", Group.EXCESS, linger_s=8 * DAY_S, family="schedule",
              falling="Less use on days of rest"),
    AlertKind("setback", "Missing setback", Group.EXCESS, linger_s=_NIGHTLY, family="schedule",
              falling="Less use at night"),
    AlertKind("peak", "Billing peak ahead", Group.EXCESS, Severity.WARNING),
    AlertKind("stuck", "Meter repeats one value", Group.QUALITY),
    AlertKind("gap", "No readings", Group.QUALITY, hold_s=_COLLAPSE_S),
    AlertKind("bad_value", "Impossible readings", Group.QUALITY, need=2, of=4),
    AlertKind("multiplier", "Readings off by a factor", Group.QUALITY, Severity.WARNING),
    AlertKind("clock_shift", "Meter clock is off", Group.QUALITY, Severity.WARNING),
    AlertKind("register_reset", "Register began anew", Group.QUALITY),
    AlertKind("gateway_silent", "Gateway is silent", Group.QUALITY, Severity.WARNING),
    AlertKind("gateway_clock", "Gateway clock is off", Group.QUALITY, Severity.WARNING),
    AlertKind("site_outage", "Site is silent", Group.QUALITY, Severity.CRITICAL),
    AlertKind("flapping", "Comes and goes", Group.QUALITY, linger_s=DAY_S),
    AlertKind("weather", "Many meters in extreme weather", Group.NOTICE),
)  # fmt: skip
KINDS: Final = {kind.slug: kind for kind in _ALL}


def kind_named(slug: str) -> AlertKind:
    """The kind of that name; NotFound names the known ones."""
    if slug not in KINDS:
        raise NotFound(f"There is no alert kind {slug!r}.", field="kind", fix=f"There are: {', '.join(KINDS)}.")
    return KINDS[slug]


def kind_or_default(slug: str) -> AlertKind:
    """The kind of that name; one that this release does not know is treated as about data, and shown."""
    return KINDS.get(slug) or AlertKind(slug, slug.replace("_", " ").capitalize(), Group.QUALITY)
