"""Writes what late readings change about alerts, in one transaction with the mark of their days.

Ids are those that the kernel would have given, and every change asks for the state that it leaves behind: whoever does
it again changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.domain.alerts.states import LIVE
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.infrastructure.messaging.events.alert_events import AlertClosed
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox
from redaptive.streams.alerts.intake import confirm
from redaptive.streams.late.comparison import KINDS, Event, Standing, Windows, compare
from redaptive.streams.late.counting import WHO
from redaptive.streams.late.day import LateDay
from redaptive.streams.late.rescoring import Rescored

FOUND: Final = "found on late readings"
REFUTED: Final = "it does not show once the late readings are counted"


@dataclass(frozen=True)
class Reconciled:
    """How many alarms were opened and how many alerts withdrawn or ended."""

    found: int = 0
    withdrawn: int = 0


async def reconcile(connection: Connection, days: Sequence[LateDay], rescored: Rescored) -> Reconciled:
    """Bring alerts and days in line with what was found, in the caller's transaction."""
    windows = _windows(days)
    standing = await _standing(connection, windows) if windows else []
    changes = compare(rescored.with_late, rescored.without, standing, windows)
    await _open(connection, changes.found)
    refuted = [s for s in changes.refuted if _goes(s) or (s.state in LIVE and s.ended_s is None)]
    await _refute(connection, refuted)
    per_day = Counter(_day_of(days, e.opening.meter_no, e.opening.at_s) for e in changes.found)
    gone = Counter(_day_of(days, s.meter_no, s.decided_s) for s in refuted)
    rows = [
        (per_day[k], gone[k], d.noted_at, *_until(d), d.tenant_id, d.meter_id, d.local_day) for k, d in enumerate(days)
    ]
    await connection.cursor().executemany(_RESCORED, rows)
    return Reconciled(len(changes.found), len(refuted))


def _windows(days: Sequence[LateDay]) -> Windows:
    windows: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for day in days:
        if day.late_s:  # else nothing is news
            windows[day.meter_no].append(day.window)
    return windows


def _until(day: LateDay) -> tuple[int, int]:
    """The end of the day's window, twice: is it over, and if not, when."""
    return day.window[1], day.window[1] + day.interval_s * 2


def _day_of(days: Sequence[LateDay], meter: int, at_s: int) -> int:
    """Place of the meter's first day whose window holds the moment."""
    return next(k for k, d in enumerate(days) if d.meter_no == meter and d.window[0] <= at_s < d.window[1])


async def _standing(connection: Connection, windows: Windows) -> list[Standing]:
    """Alerts of the meters that may meet the windows; locked, so that nobody changes them meanwhile."""
    first = min(start for spans in windows.values() for start, _ in spans)
    last = max(until for spans in windows.values() for _, until in spans)
    cursor = await connection.execute(
        _STANDING, {"meters": list(windows), "kinds": list(KINDS), "from": first, "to": last}
    )
    return [Standing(**row) for row in await cursor.fetchall()]


async def _open(connection: Connection, found: Sequence[Event]) -> None:
    if not found:
        return
    await confirm(connection, [signal for event in found for signal in (event.opening, event.closing)])
    scope = ([e.opening.tenant_id for e in found], [e.opening.id for e in found])
    await connection.execute(_NOTE_FOUND, (*scope, WHO, FOUND))


async def _refute(connection: Connection, refuted: Sequence[Standing]) -> None:
    """Withdraw what nobody works on; what somebody has in hand ends, and closes as others do."""
    if not refuted:
        return
    scope = ([s.tenant_id for s in refuted], [s.id for s in refuted], [_goes(s) for s in refuted])
    await connection.execute(_REFUTE, (*scope, WHO, REFUTED))
    gone = [s for s in refuted if _goes(s)]
    ids = ([s.tenant_id for s in gone], [s.id for s in gone])
    await connection.execute(_TIMERS, ids)
    await connection.execute(_MESSAGES, ids)
    told = [s for s in gone if s.state in LIVE]
    events = [
        new_event(
            AlertClosed(alert_id=s.id, kind=s.kind, state="withdrawn"),
            tenant=s.tenant_id,
            source="alerts",
            key=str(s.id),
        )
        for s in told
    ]
    await add_to_outbox(connection, events)


def _goes(alert: Standing) -> bool:
    return alert.alone and alert.state in ("provisional", "open", "suppressed")


_STANDING: Final = """
SELECT a.tenant_id, a.id, a.meter_no, a.kind, extract(epoch FROM a.since)::bigint AS since_s,
  extract(epoch FROM a.decided_at)::bigint AS decided_s, extract(epoch FROM a.ended_at)::bigint AS ended_s, a.state,
  coalesce((a.detail->>'found_late')::boolean, false) AS late,
  a.occurrences <= 1 AND NOT EXISTS (
    SELECT FROM alerts c WHERE c.tenant_id = a.tenant_id AND c.parent_id = a.id) AS alone
FROM alerts a
WHERE a.meter_no = ANY(%(meters)s) AND a.kind = ANY(%(kinds)s) AND a.state <> 'withdrawn'
  AND a.confirmed_at IS NOT NULL
  AND a.since < to_timestamp(%(to)s) AND coalesce(a.ended_at, 'infinity') >= to_timestamp(%(from)s)
ORDER BY a.meter_no, a.kind, a.since FOR UPDATE"""
_NOTE_FOUND: Final = """
WITH noted AS (
  UPDATE alerts a SET detail = a.detail || '{"found_late": true}'
  FROM unnest(%s::uuid[], %s::uuid[]) AS u (t, i)
  WHERE a.tenant_id = u.t AND a.id = u.i AND NOT a.detail ? 'found_late'
  RETURNING a.tenant_id, a.id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, to_state, why)
SELECT tenant_id, id, %s, 'find', 'provisional', %s FROM noted"""
_REFUTE: Final = """
WITH old AS (
  SELECT a.tenant_id, a.id, a.state, u.goes FROM alerts a
  JOIN unnest(%s::uuid[], %s::uuid[], %s::boolean[]) AS u (t, i, goes) ON a.tenant_id = u.t AND a.id = u.i
  WHERE u.goes OR a.ended_at IS NULL),
moved AS (
  UPDATE alerts a SET state = CASE WHEN o.goes THEN 'withdrawn' ELSE a.state END,
    suppressed_by = CASE WHEN o.goes THEN NULL ELSE a.suppressed_by END,
    ended_at = coalesce(a.ended_at, clock_timestamp())
  FROM old o WHERE a.tenant_id = o.tenant_id AND a.id = o.id
  RETURNING a.tenant_id, a.id, o.state AS from_state, a.state, o.goes)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, %s, CASE WHEN goes THEN 'withdraw' ELSE 'end' END, from_state, state, %s FROM moved"""
_TIMERS: Final = """
DELETE FROM alert_timers a USING unnest(%s::uuid[], %s::uuid[]) AS u (t, i)
WHERE a.tenant_id = u.t AND a.alert_id = u.i"""
_MESSAGES: Final = """
UPDATE notifications n SET state = 'dropped' FROM unnest(%s::uuid[], %s::uuid[]) AS u (t, i)
WHERE n.tenant_id = u.t AND n.alert_id = u.i AND n.state IN ('pending', 'digest')"""
# A day that is not over is looked at once more then; one that got more readings meanwhile stays due.
_RESCORED: Final = """
UPDATE late_day SET alarms_found = alarms_found + %s, alarms_withdrawn = alarms_withdrawn + %s,
  rescored_at = clock_timestamp(),
  due_at = CASE WHEN noted_at <> %s THEN due_at
                WHEN to_timestamp(%s) <= clock_timestamp() THEN NULL ELSE to_timestamp(%s) END
WHERE tenant_id = %s AND meter_id = %s AND local_day = %s"""
