"""Replay: stored readings or a range of the log into shadow state, compared with what is live; sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID, uuid4

import numpy as np
import polars as pl
from anyio import to_thread
from psycopg.types.json import Jsonb

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.errors import Conflict
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.infrastructure.messaging.positions import position_at
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.alerts.intake import Signal
from redaptive.streams.leases import Lease, Leases
from redaptive.streams.live_state import LiveState, compare, read_live
from redaptive.streams.outcomes import Judged, sort_out
from redaptive.streams.ownership import Ownership
from redaptive.streams.pending import Pending
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.state_store import save_shadow, swap_in_shadow
from redaptive.streams.stored import stored_rows
from redaptive.streams.worker import Tools

Source = Literal["log", "store"]
Event = tuple[int, str, int]
READ_ENTRIES: Final = 1_000
STEP: Final = timedelta(days=1)
HOLD_S: Final = 3_600.0
"""The longest an accepted replay may keep a partition from its workers."""


@dataclass(frozen=True)
class ReplayRequest:
    """What to replay: arrival times of the log, or interval starts of the store, [from, to)."""

    source: Source
    start: datetime
    end: datetime


@dataclass(frozen=True)
class ReplayReport:
    """Shadow against live, at the live state's last commit. Alerts are events (meter, kind, start).

    From the store those that began in the range are compared, from the log those that were raised in it. `partitions`
    counts those that have meters; of these `partitions_ahead` cannot be compared, because what is live has later
    readings. `differences` says per partition why its state is not equal.
    """

    run_id: UUID
    source: str
    kernel_version: str
    readings: int
    verdicts: dict[str, int]
    alerts_same: dict[str, int]
    alerts_only_live: dict[str, int]
    alerts_only_shadow: dict[str, int]
    usd_per_day_only_live: float
    kwh_per_day_only_shadow: float
    partitions_equal: int
    partitions: int
    differences: dict[int, str]
    partitions_ahead: int = 0
    accepted: bool = False

    def as_dict(self) -> dict[str, object]:
        """All of it for programs."""
        return asdict(self)


@dataclass
class _Shadow:
    """State and findings of one partition."""

    scorer: PartitionScorer
    signals: list[Signal]


async def replay(tools: Tools, request: ReplayRequest, *, accept_as: str | None = None) -> ReplayReport:
    """Replay and report; with `accept_as` (who accepts) the shadow state becomes the live one.

    Accepting takes the partitions from their workers at their last commit, so scoring pauses and readings wait in
    the log; a worker takes over again with the new state. Nothing is sent and no reading is written. Raises Conflict
    where a replay of no readings would be accepted.
    """
    run_id, held = uuid4(), list[Lease]()
    if accept_as is not None:
        held = await _hold(tools, f"replay:{run_id}")
    try:
        live = await read_live(tools.pools, tools.reading_log.partitions)
        shadows = await _shadows(tools, request, {p: state.position for p, state in live.items()})
        report = await _compare(tools, request, run_id, shadows, live)
        if accept_as is not None:
            _refuse_empty(report)
        async with tools.pools.transaction(None) as connection:
            await _save(connection, request, report, shadows)
            if accept_as is not None:
                await _swap(connection, tools.reading_log.partitions, report, held, accept_as)
                report = replace(report, accepted=True)
    finally:
        if held:
            await _release(tools, held)
    return report


def _refuse_empty(report: ReplayReport) -> None:
    """Raises Conflict for a replay of nothing: what the meters have learned would be gone."""
    if not report.readings:
        raise Conflict(
            f"The {report.source} has no readings of that time: accepting would empty the state of all meters.",
            field="--accept",
            fix="Choose a --from some weeks before the newest readings; without --accept a replay only compares.",
        )


async def _hold(tools: Tools, owner: str) -> list[Lease]:
    """All partitions, taken with a new epoch at their last commit, whoever had them."""
    async with tools.pools.transaction(None) as connection:
        cursor = await connection.execute(_HOLD, (owner, HOLD_S))
        return sorted((Lease(**row) for row in await cursor.fetchall()), key=lambda lease: lease.partition)


async def _release(tools: Tools, held: Sequence[Lease]) -> None:
    leases = Leases(tools.pools, "replay", partitions=tools.reading_log.partitions, lease_s=1.0)
    await leases.release({lease.partition: lease.epoch for lease in held})


async def _shadows(tools: Tools, request: ReplayRequest, until: Mapping[int, int]) -> dict[int, _Shadow]:
    log = tools.reading_log
    owned = Ownership(Leases(tools.pools, "replay", partitions=log.partitions, lease_s=1.0), tools.pools, log)
    numbers = list(range(log.partitions))
    fleets, tenants = await owned.fleets(numbers), await owned.tenants()
    first = max(0, position_at(int(request.start.timestamp() * 1000)) - 1)
    last = position_at(int(request.end.timestamp() * 1000))
    shadows = {}
    for p in numbers:
        shadow = _Shadow(PartitionScorer(Lease(p, 0, first, {}, {}), fleets[p], (), tenants), [])
        if request.source == "log":
            await _from_log(shadow, log, min(last, until.get(p, last)))
        else:
            await to_thread.run_sync(_from_store, shadow, tools.store, request)
        shadows[p] = shadow
    return shadows


async def _from_log(shadow: _Shadow, log: ReadingLog, last: int) -> None:
    scorer = shadow.scorer
    while True:
        found = await log.read_after(scorer.partition, scorer.position, count=READ_ENTRIES)
        entries = [(entry.position, entry.body) for entry in found if entry.position <= last]
        if not entries:
            return
        shadow.signals += await to_thread.run_sync(lambda: scorer.score(scorer.decode(entries)))  # noqa: B023
        scorer.forget_pending()


def _from_store(shadow: _Shadow, store: ReadingsStore, request: ReplayRequest) -> None:
    meters = sorted(shadow.scorer.fleet.identities)
    at = request.start
    while at < request.end and meters:
        frame = store.readings(meters, at, min(at + STEP, request.end))
        if not frame.is_empty():
            shadow.signals += _score_stored(shadow.scorer, frame)
        at += STEP


def _score_stored(scorer: PartitionScorer, frame: pl.DataFrame) -> list[Signal]:
    """What opened and closed by the stored readings."""
    rows, meter = stored_rows(frame, scorer.fleet), frame["meter_id"].to_numpy().astype(np.int32)
    outcome = kernel.score(scorer.state, rows, scorer.fleet.params, scorer.fleet.calendar, scorer.engine)
    nothing = np.zeros(frame.height, np.int64)
    judged = Judged(rows, outcome, meter, nothing, nothing, nothing)
    return sort_out(judged, scorer.fleet, {}, Pending(), scorer.counters)


async def _compare(
    tools: Tools,
    request: ReplayRequest,
    run_id: UUID,
    shadows: Mapping[int, _Shadow],
    live: Mapping[int, LiveState],
) -> ReplayReport:
    by_log = request.source == "log"
    low, high = (-np.inf, np.inf) if by_log else (request.start.timestamp(), request.end.timestamp())
    rows = await tools.pools.query(_RAISED if by_log else _BEGUN, (request.start, request.end), tenant_id=None)
    events: dict[Event, float] = {(r["meter_no"], r["kind"], r["since_s"]): r["usd"] for r in rows}
    found = {
        (s.meter_no, s.kind, s.since_s): s.excess_wh_per_day / 1000
        for shadow in shadows.values()
        for s in shadow.signals
        if s.opened and s.meter_no and low <= s.since_s < high
    }
    counters: Counter[str] = sum((shadow.scorer.counters for shadow in shadows.values()), Counter())
    used = {p: shadow.scorer for p, shadow in shadows.items() if shadow.scorer.fleet.identities}
    nothing = LiveState(0, 0, ())
    compared = await to_thread.run_sync(
        lambda: {p: compare(scorer, live.get(p, nothing), request.source) for p, scorer in used.items()}
    )
    return ReplayReport(
        run_id=run_id,
        source=request.source,
        kernel_version=kernel_version(),
        readings=counters["readings"],
        verdicts={name: count for name, count in sorted(counters.items()) if name not in {"readings", "entries"}},
        alerts_same=_by_kind(events.keys() & found.keys()),
        alerts_only_live=_by_kind(events.keys() - found.keys()),
        alerts_only_shadow=_by_kind(found.keys() - events.keys()),
        usd_per_day_only_live=round(sum(events[e] for e in events.keys() - found.keys()), 2),
        kwh_per_day_only_shadow=round(float(np.nansum([found[e] for e in found.keys() - events.keys()])), 1),
        partitions_equal=sum(each.equal for each in compared.values()),
        partitions=len(used),
        differences={p: each.why for p, each in compared.items() if each.why is not None},
        partitions_ahead=sum(each.ahead for each in compared.values()),
    )


def _by_kind(events: set[Event]) -> dict[str, int]:
    return dict(sorted(Counter(kind for _, kind, _ in events).items()))


async def _save(
    connection: Connection, request: ReplayRequest, report: ReplayReport, shadows: Mapping[int, _Shadow]
) -> None:
    span = (int(request.start.timestamp()), int(request.end.timestamp()))
    body = {name: value for name, value in report.as_dict().items() if name != "run_id"}
    await connection.execute(_RUN, (report.run_id, request.source, *span, report.kernel_version, Jsonb(body)))
    for shadow in shadows.values():
        await save_shadow(connection, report.run_id, shadow.scorer.all_parts())


async def _swap(connection: Connection, of: int, report: ReplayReport, held: Sequence[Lease], accept_as: str) -> None:
    await swap_in_shadow(connection, report.run_id, [lease.partition for lease in held], of)
    await connection.execute(
        "UPDATE replay_run SET accepted_at = clock_timestamp(), accepted_by = %s WHERE id = %s",
        (accept_as, report.run_id),
    )
    await connection.execute("DELETE FROM replay_state WHERE run_id = %s", (report.run_id,))


_HOLD: Final = """
UPDATE stream_partition SET owner = %s, epoch = epoch + 1,
  lease_until = clock_timestamp() + make_interval(secs => %s)
RETURNING partition, epoch, position, known_batches, counters"""

_EVENTS: Final = """
SELECT meter_no, kind, extract(epoch FROM since)::bigint AS since_s, coalesce(usd_per_day, 0)::float8 AS usd
FROM alerts WHERE meter_no IS NOT NULL AND confirmed_at IS NOT NULL AND state <> 'withdrawn'
"""
_BEGUN: Final = _EVENTS + "AND since >= %s AND since < %s"
_RAISED: Final = _EVENTS + "AND raised_at >= %s AND raised_at < %s"

_RUN: Final = """
INSERT INTO replay_run (id, source, from_s, to_s, kernel_version, report) VALUES (%s, %s, %s, %s, %s, %s)"""
