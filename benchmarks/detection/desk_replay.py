"""The alert desk's rules over kernel alarms in memory: the same triage, price and judgement; a clock of its own.

What the desk does in SQL (states, merging, closing after the linger) is done here on rows of Python; the rules
themselves are the product's (`domain/alerts`). One replay is one tenant with one site.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from detection.ours import HOUR_S
from redaptive.domain.alerts.comparable import Episode
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.identity import alert_id
from redaptive.domain.alerts.kinds import DAY_S, Severity
from redaptive.domain.alerts.pricing import Subject, cost_per_day, judge
from redaptive.domain.alerts.states import DONE, State
from redaptive.domain.alerts.triage import By, Surroundings, Triage, triage
from redaptive.domain.alerts.weighing import GRACE_S, LONGEST_S, WEIGHED, Weighed, priced_excess, still, weigh
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import Transitions
from redaptive.streams.alerts.surroundings import REACH_S

Episodes = Callable[[int, int], Episode]
"""The episode of a meter that began then (epoch seconds)."""
SITE = UUID(int=1)
GAP_AFTER_S = 2 * HOUR_S


@dataclass(frozen=True)
class Place:
    """What the replay knows of one meter."""

    commodity: str
    building: UUID
    usd_per_kwh: float
    cadence_s: int = HOUR_S


@dataclass(frozen=True)
class Told:
    """One message of an alert to a person: first, again, or because it is worse than it was."""

    alert: UUID
    meter: int
    kind: str
    severity: Severity
    at_s: int
    since_s: int
    usd_per_day: float | None


@dataclass(eq=False)
class _Row:
    fault: Fault
    excess_kwh: float
    opening: float | None = None
    """Excess at the opening, by readings; None: by the alarm alone."""
    steady: bool | None = None
    severity: Severity = Severity.INFO


@dataclass
class Replay:
    """Rows by id, and what people were told so far."""

    places: Sequence[Place]
    episodes: Episodes | None = None
    """None: alarms alone, as before stored readings counted."""
    rows: dict[UUID, _Row] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    said: dict[UUID, list[tuple[int, float | None]]] = field(default_factory=dict)
    """USD a day of each alert, told and at every review: time and figure."""
    _live: dict[UUID, _Row] = field(default_factory=dict)
    _done: dict[int, list[_Row]] = field(default_factory=dict)
    _children: dict[UUID, list[_Row]] = field(default_factory=dict)

    def run(self, found: Transitions) -> list[Told]:
        """All alarms in order of time, a look an hour and none where nothing can change."""
        signals = _in_time(found)
        times = sorted({t for t, *_ in signals})
        k, now, last = 0, times[0], times[-1] + 60 * DAY_S
        while now <= last:
            while k < len(signals) and signals[k][0] <= now:
                self._signal(*signals[k])
                k += 1
            self._look(now)
            if self._restless():
                now += HOUR_S
            elif k < len(signals):
                now = max(now + HOUR_S, times[min(bisect_right(times, now), len(times) - 1)])
            else:
                break
        return self.told

    def _restless(self) -> bool:
        """Whether an hour may change something without a signal."""
        return any(
            r.fault.state is State.PROVISIONAL or r.fault.ended_s or r.opening is not None for r in self._live.values()
        )

    def _signal(self, at: int, opened: bool, meter: int, kind: str, since: int, decided: int, excess: float) -> None:
        key = alert_id(kind, since, meter_no=meter + 1)
        if opened:
            place = self.places[meter]
            fault = Fault(
                key, kind, State.PROVISIONAL, since, decided, at, None, meter + 1, UUID(int=1000 + meter),
                place.building, SITE, "", 0, place.cadence_s, commodity=place.commodity,
            )  # fmt: skip
            self.rows[key] = self._live[key] = _Row(fault, excess)
            return
        row = self.rows.get(key)
        if row is None:
            same = [r for r in self._live.values() if r.fault.meter_no == meter + 1 and r.fault.kind == kind]
            row = max((r for r in same if r.fault.lasting), key=lambda r: r.fault.since_s, default=None)
        if row is not None and row.fault.lasting:
            row.fault = replace(row.fault, ended_s=decided)

    def _look(self, now: int) -> None:
        waiting = (r.fault for r in self._live.values() if r.fault.state is State.PROVISIONAL)
        due = (f for f in waiting if not f.look_s or f.look_s + GRACE_S <= now)
        pending = sorted(due, key=lambda f: (f.since_s, str(f.id)))
        if pending:
            first = min(f.since_s for f in pending)
            meters = {f.meter_no for f in pending}
            known = [r.fault for r in self._live.values() if r.fault.live]
            known += [
                r.fault for meter in meters for r in self._done.get(meter, ())
                if (r.fault.ended_s or r.fault.since_s) > first - REACH_S
            ]  # fmt: skip
            weighed = {f.id: w for f in pending if (w := self._weighed(f, now))}
            around = Surroundings(known=tuple(known), site_meters={SITE: len(self.places)}, weighed=weighed)
            outcome = triage(pending, around, now)
            for key, look_s in outcome.waits.items():
                self.rows[key].fault = replace(self.rows[key].fault, look_s=look_s)
            for key, verdict in outcome.verdicts.items():
                if verdict.by is None and key in weighed:
                    self._adopt(self.rows[key], weighed[key])
            self._apply(outcome, now)
        self._review(now)
        self._close(now)

    def _weighed(self, fault: Fault, now: int) -> Weighed | None:
        if self.episodes is None or fault.kind not in WEIGHED:
            return None
        return weigh(fault, self.episodes(fault.meter_no - 1, fault.since_s), now)

    def _adopt(self, row: _Row, weighed: Weighed) -> None:
        found = weighed.assessment
        if found is not None:
            row.opening, row.steady = found.excess, found.steady
            row.excess_kwh = _known(priced_excess(found))
            row.fault = replace(row.fault, look_s=weighed.look_s + DAY_S)

    def _review(self, now: int) -> None:
        """Alerts whose readings were looked at, once a day: figures, and whether it goes on."""
        for key, row in list(self._live.items()):
            fault = row.fault
            if not fault.live or row.opening is None or fault.look_s + GRACE_S > now or self.episodes is None:
                continue
            found = None
            if fault.look_s - fault.since_s <= LONGEST_S:
                found = self.episodes(fault.meter_no - 1, fault.since_s).assess(fault.look_s)
            row.fault = fault = replace(fault, look_s=fault.look_s + DAY_S)
            if found is None:
                over = fault.look_s - fault.since_s > LONGEST_S and fault.ended_s is not None
            else:
                over = not still(found, row.opening)
            if over:
                row.fault = replace(fault, state=State.CLOSED, ended_s=fault.ended_s or fault.look_s - DAY_S)
                self._retire(key)
            elif found is not None:
                row.excess_kwh, row.steady = _known(priced_excess(found)), found.steady
                self.said[key].append((now, self._judge(row)[1]))
                self._worse(key, now)

    def _apply(self, outcome: Triage, now: int) -> None:
        for key, made in outcome.made.items():
            fault = Fault(
                key, made.kind, State.OPEN, made.since_s, made.since_s, now, None, made.meter_no, made.meter_id,
                made.building_id, made.site_id, made.station, made.gateway,
            )  # fmt: skip
            self.rows[key] = self._live[key] = _Row(fault, float("nan"))
            self._tell(key, now)
        for verdict in outcome.verdicts.values():
            row = self.rows[verdict.alert]
            if verdict.by is None:
                row.fault = replace(row.fault, state=State.OPEN)
                self._tell(verdict.alert, now)
            else:
                row.fault = replace(row.fault, state=State.SUPPRESSED, parent_id=verdict.target)
                self._retire(verdict.alert)
                if verdict.target is not None:
                    self._children.setdefault(verdict.target, []).append(row)
                if verdict.by is By.MERGED and verdict.target in self.rows:
                    home = self.rows[verdict.target]
                    if np.isfinite(row.excess_kwh) and home.opening is None:
                        home.excess_kwh = row.excess_kwh
                        self.said.setdefault(verdict.target, []).append((now, self._judge(home)[1]))
                    if home.fault.live:
                        self._worse(verdict.target, now)
        for key in sorted(outcome.woken):
            row = self.rows[key]
            again = row.fault.state in DONE
            row.fault = replace(row.fault, ended_s=None, state=State.OPEN if again else row.fault.state)
            if again:
                self._done[row.fault.meter_no].remove(row)
                self._live[key] = row
                self._tell(key, now)
        self._parents(now)

    def _parents(self, now: int) -> None:
        """What stands for others ends with the last of them."""
        for key, home in self._live.items():
            parts = [row.fault for row in self._children.get(key, ())]
            if parts and all(p.ended_s is not None for p in parts):
                end = max(p.ended_s or 0 for p in parts)
                own = home.fault.kind in ("flapping", "site_outage") or home.fault.ended_s is None
                if own and (home.fault.ended_s is None or home.fault.ended_s < end):
                    home.fault = replace(home.fault, ended_s=end)

    def _close(self, now: int) -> None:
        for key, row in list(self._live.items()):
            end = row.fault.ended_s
            if row.fault.live and row.opening is None and end is not None and end + row.fault.rule.linger_s <= now:
                row.fault = replace(row.fault, state=State.CLOSED)
                self._retire(key)

    def _retire(self, key: UUID) -> None:
        row = self._live.pop(key, None)
        if row is not None:
            self._done.setdefault(row.fault.meter_no, []).append(row)

    def _tell(self, key: UUID, now: int) -> None:
        row = self.rows[key]
        severity, usd = self._judge(row)
        row.severity = severity
        self.said.setdefault(key, []).append((now, usd))
        self.told.append(Told(key, row.fault.meter_no - 1, row.fault.kind, severity, now, row.fault.since_s, usd))

    def _worse(self, key: UUID, now: int) -> None:
        row = self.rows[key]
        severity, _ = self._judge(row)
        if severity.order > row.severity.order:
            self._tell(key, now)

    def _judge(self, row: _Row) -> tuple[Severity, float | None]:
        fault = row.fault
        place = self.places[fault.meter_no - 1] if fault.meter_no else None
        excess = float(row.excess_kwh) if np.isfinite(row.excess_kwh) else None
        price, generates = (place.usd_per_kwh, place.commodity == "solar") if place else (None, False)
        cost = cost_per_day(fault.kind, excess, price, generates=generates)
        commodity = place.commodity if place else None
        subject = Subject(fault.kind, commodity, "office", main_meter=True, steady=row.steady, excess_per_day=excess)
        usd = None if cost.usd_per_day is None else float(cost.usd_per_day)
        return judge(subject, cost.usd_per_day).severity, usd


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


def _in_time(found: Transitions) -> list[tuple[int, bool, int, str, int, int, float]]:
    """Signals by the time at which they are known; silence is told by a timer, two intervals after it began."""
    signals = []
    for k in range(len(found)):
        kind, at = Kind(int(found.kind[k])), int(found.at_s[k])
        since, opened = int(found.since_s[k]), bool(found.opened[k])
        known = at + HOUR_S
        if kind is Kind.GAP and opened:
            known = min(known, since + GAP_AFTER_S)
        excess = float(found.excess_wh_per_day[k]) / 1000
        signals.append((known, opened, int(found.index[k]), kind.slug, since, at, excess))
    return sorted(signals, key=lambda s: (s[0], not s[1], s[2], s[3], s[4]))
