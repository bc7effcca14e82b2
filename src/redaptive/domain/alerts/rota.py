"""Who is on call when, in local time; quiet hours; the daily budget. Clock changes are those of the time zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from redaptive.domain.alerts.kinds import Group, Severity, kind_or_default
from redaptive.domain.intervals import zone

DIGEST_AT: Final = time(7, 0)
_HORIZON_DAYS: Final = 8


@dataclass(frozen=True)
class Engineer:
    """A person who is told of alerts; no skills means all of them, as second choice after those who have one."""

    id: UUID
    code: str
    timezone: str
    channels: tuple[str, ...] = ("email",)
    addresses: Mapping[str, str] | None = None
    skills: frozenset[str] = frozenset()
    quiet_from: time | None = None
    quiet_to: time | None = None
    daily_budget: int | None = None

    def fit(self, skill: str) -> int:
        """0 knows the skill, 1 has no stated skills, 2 has others only."""
        return 0 if skill in self.skills else 2 if self.skills else 1


@dataclass(frozen=True)
class Shift:
    """Duty of an engineer on weekdays (1 Monday to 7 Sunday) from `starts` to `ends` local; past midnight if not later.

    `level` 1 is told first. A shift belongs to the day on which it starts.
    """

    engineer: UUID
    level: int
    weekdays: frozenset[int]
    starts: time
    ends: time
    timezone: str
    valid_from: date | None = None
    valid_to: date | None = None

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """The duty that starts on local `day` as UTC moments, None when there is none."""
        early = self.valid_from is not None and day < self.valid_from
        late = self.valid_to is not None and day >= self.valid_to
        if day.isoweekday() not in self.weekdays or early or late:
            return None
        last = day if self.ends > self.starts else day + timedelta(days=1)
        return moment(day, self.starts, self.timezone), moment(last, self.ends, self.timezone, latest=True)

    def covers(self, at: datetime) -> bool:
        """Whether the engineer is on duty at that moment."""
        today = at.astimezone(zone(self.timezone)).date()
        spans = (self.span(day) for day in (today - timedelta(days=1), today))
        return any(s is not None and s[0] <= at < s[1] for s in spans)

    def next_start(self, at: datetime) -> datetime | None:
        """When the next duty begins after `at`, within eight days."""
        today = at.astimezone(zone(self.timezone)).date()
        starts = (self.span(today + timedelta(days=i)) for i in range(_HORIZON_DAYS))
        return min((s[0] for s in starts if s is not None and s[0] > at), default=None)


@dataclass(frozen=True)
class Duty:
    """Somebody to tell, from when on, and the level of the shift."""

    engineer: Engineer
    since: datetime
    level: int = 1


def ladder(shifts: Iterable[Shift], engineers: Mapping[UUID, Engineer], at: datetime, skill: str) -> list[Duty]:
    """Who is told first, second, ...: those on duty by level, skill and code; else whoever's duty begins next."""
    known = [s for s in shifts if s.engineer in engineers]
    now = [s for s in known if s.covers(at)]
    if now:
        now.sort(key=lambda s: (s.level, engineers[s.engineer].fit(skill), engineers[s.engineer].code))
        return _once(Duty(engineers[s.engineer], at, s.level) for s in now)
    later = [(start, s) for s in known if (start := s.next_start(at)) is not None]
    later.sort(key=lambda p: (p[0], p[1].level, engineers[p[1].engineer].fit(skill), engineers[p[1].engineer].code))
    return _once(Duty(engineers[s.engineer], start, s.level) for start, s in later)


def quiet_until(engineer: Engineer, at: datetime, severity: Severity) -> datetime:
    """`at`, or the end of the quiet hours in which it lies; critical alerts break them."""
    if severity is Severity.CRITICAL or engineer.quiet_from is None or engineer.quiet_to is None:
        return at
    local = at.astimezone(zone(engineer.timezone))
    begin, end, clock = engineer.quiet_from, engineer.quiet_to, local.time()
    over_midnight = end <= begin
    inside = clock >= begin or clock < end if over_midnight else begin <= clock < end
    if not inside:
        return at
    day = local.date() + timedelta(days=1) if over_midnight and clock >= begin else local.date()
    return moment(day, end, engineer.timezone, latest=True)


def goes_to_digest(severity: Severity, told_today: int, budget: int) -> bool:
    """Whether the engineer has had enough for the day; critical alerts are always told, notices never alone."""
    if severity is Severity.CRITICAL:
        return False
    return severity is Severity.INFO or told_today >= budget


def next_digest(engineer: Engineer, at: datetime) -> datetime:
    """The next seven o'clock of the engineer's morning."""
    today = at.astimezone(zone(engineer.timezone)).date()
    found = moment(today, DIGEST_AT, engineer.timezone)
    return found if found > at else moment(today + timedelta(days=1), DIGEST_AT, engineer.timezone)


def day_start(engineer: Engineer, at: datetime) -> datetime:
    """The engineer's last midnight."""
    return moment(at.astimezone(zone(engineer.timezone)).date(), time(0), engineer.timezone)


def moment(day: date, clock: time, timezone: str, *, latest: bool = False) -> datetime:
    """That local time in UTC; of a time that occurs twice the first, or the `latest`; a skipped one is an hour later.

    >>> moment(date(2026, 3, 8), time(2, 30), "America/Chicago")
    datetime.datetime(2026, 3, 8, 8, 30, tzinfo=datetime.timezone.utc)
    """
    place = zone(timezone)
    both = [datetime.combine(day, clock, place).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(both) if latest or both[0] > both[1] else both[0]


def _once(duties: Iterable[Duty]) -> list[Duty]:
    kept: dict[UUID, Duty] = {}
    for duty in duties:
        kept.setdefault(duty.engineer.id, duty)
    return list(kept.values())


def skill_for(commodity: str | None, kind: str) -> str:
    """The skill an alert asks for: `metering` for trouble with data, else the commodity.

    >>> skill_for("gas", "night_base"), skill_for("gas", "gap")
    ('gas', 'metering')
    """
    about_data = kind_or_default(kind).group is Group.QUALITY
    return "metering" if about_data or commodity is None else commodity
