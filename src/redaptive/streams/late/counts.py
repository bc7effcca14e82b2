"""Divides the totals of registers' gaps at counts that came late, in the readings store; again and again if need be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import polars as pl
from anyio import to_thread

from redaptive.domain.detectors.memory.shards import partition_of
from redaptive.domain.quality.flags import Quality
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS
from redaptive.infrastructure.readings.committing import commit_once
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.fleet import Fleet
from redaptive.streams.flush import Step, nothing
from redaptive.streams.late.splitting import Division, Register, divide
from redaptive.streams.pending import RegisterGap

AT_ONCE: Final = 1_000
SOURCE: Final = "late registers:"


@dataclass(frozen=True)
class _Case:
    """A gap with all late counts in it that are known."""

    gap: RegisterGap
    counts: tuple[tuple[int, int], ...]
    register: Register


async def divide_at_late_counts(
    pools: ConnectionPoolManager,
    store: ReadingsStore,
    fleets: Mapping[int, Fleet],
    *,
    of: int,
    step: Step = nothing,
) -> int:
    """Use late counts of the partitions in `fleets` (the log has `of`) that wait; how many were used or put aside.

    The store is corrected first, then they are marked. A death between is mended by doing it again: values that are
    there already are not written.
    """
    rows = await pools.query(_WAITING, (of, list(fleets), AT_ONCE), tenant_id=None)
    rows = [row for row in rows if _register(fleets[partition_of(row["meter_no"], of)], row["meter_no"])]
    if not rows:
        return 0
    waiting = {(row["tenant_id"], row["meter_id"], row["start_s"]) for row in rows}
    meters = list({(row["tenant_id"], row["meter_id"]) for row in rows})
    scope = ([tenant for tenant, _ in meters], [meter for _, meter in meters])
    known = await pools.query(_COUNTS, scope, tenant_id=None)
    gaps = await pools.query(_GAPS, scope, tenant_id=None)
    cases = _cases(gaps, known, waiting, fleets, of)
    done = {case.gap: divide(case.gap, case.counts, case.register) for case in cases}
    for gap in await to_thread.run_sync(_write, store, done, of):
        done[gap] = Division(refused=[*done[gap].used, *done[gap].refused])
    step("late_divided")
    await _mark(pools, waiting, done)
    return len(waiting)


def _cases(
    gaps: Sequence[Mapping[str, object]],
    known: Sequence[Mapping[str, object]],
    waiting: set[tuple[UUID, UUID, int]],
    fleets: Mapping[int, Fleet],
    of: int,
) -> list[_Case]:
    counts: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for row in known:
        counts[UUID(str(row["meter_id"]))].append((int(str(row["start_s"])), int(str(row["count"]))))
    cases = []
    for row in gaps:
        gap = RegisterGap(**row)  # type: ignore[arg-type]
        inside = tuple(c for c in counts[gap.meter_id] if gap.from_s <= c[0] < gap.to_s)
        register = _register(fleets[partition_of(gap.meter_no, of)], gap.meter_no)
        if register and any((gap.tenant_id, gap.meter_id, start) in waiting for start, _ in inside):
            cases.append(_Case(gap, inside, register))
    return cases


def _register(fleet: Fleet, meter: int) -> Register | None:
    [row] = fleet.index(pl.Series([meter], dtype=pl.Int32).to_numpy())
    if row < 0:
        return None
    p = fleet.params
    return Register(
        int(p.cadence_s[row]), int(p.cap_wh[row]), int(p.register_digits[row]), int(p.register_nwh_per_count[row])
    )


def _write(store: ReadingsStore, done: Mapping[RegisterGap, Division], of: int) -> set[RegisterGap]:
    """Correct what differs in the store; the gaps that a person edited, which stay as they are."""
    aside = set[RegisterGap]()
    changed: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for gap, found in done.items():
        start, end = (datetime.fromtimestamp(at, UTC) for at in (gap.from_s, gap.to_s + 1))
        frame = store.readings([gap.meter_no], start, end)
        starts = (frame["ts"].to_physical() // 1_000_000).to_list()
        there = dict(zip(starts, zip(frame["value"], frame["quality"], strict=True), strict=True))
        if any(quality & Quality.EDITED for _, quality in there.values()):
            aside.add(gap)
            continue
        rows = [(gap.meter_no, at, wh, q) for at, wh, q in found.rows if there.get(at) != (wh, q)]
        changed[partition_of(gap.meter_no, of)] += rows
    for partition, rows in changed.items():
        if rows:
            _correct(store, _frame(rows), f"{SOURCE}{partition}")
    return aside


def _correct(store: ReadingsStore, rows: pl.DataFrame, source: str) -> None:
    """Write the rows, also where an owner that lost the partition still writes beside us."""
    commit_once(lambda token: store.correct(rows, source=source, token=token), lambda: store.last_token(source))


def _frame(rows: Sequence[tuple[int, int, int, int]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["meter_id", "ts", "value", "quality"], orient="row")
    frame = frame.with_columns((pl.col("ts") * 1_000_000).cast(BATCH_COLUMNS["ts"]))
    return frame.cast({name: kind for name, kind in BATCH_COLUMNS.items() if name != "ts"})


async def _mark(
    pools: ConnectionPoolManager, waiting: set[tuple[UUID, UUID, int]], done: Mapping[RegisterGap, Division]
) -> None:
    """Say of each waiting count what became of it; those that lie in no gap say nothing new."""
    state = dict.fromkeys(waiting, "no_gap")
    for gap, found in done.items():
        state |= {(gap.tenant_id, gap.meter_id, at): "split" for at in found.used}
        state |= {(gap.tenant_id, gap.meter_id, at): "refused" for at in found.refused}
    ordered = sorted(state.items())
    columns = [[key[k] for key, _ in ordered] for k in range(3)]
    used = [gap for gap, found in done.items() if found.used]
    spans = ([g.tenant_id for g in used], [g.meter_id for g in used], [g.from_s for g in used], [g.to_s for g in used])
    async with pools.transaction(None) as connection:
        await connection.execute(_MARK, (*columns, [word for _, word in ordered]))
        await connection.execute(_AGAIN, spans)
        await connection.execute(_FORGET)


_WAITING: Final = """
SELECT tenant_id, meter_id, meter_no, start_s FROM late_register
WHERE state = 'waiting' AND (meter_no >> 10) %% %s = ANY(%s) ORDER BY noted_at LIMIT %s"""
_COUNTS: Final = """
SELECT x.meter_id, x.start_s, x.count FROM late_register x
JOIN unnest(%s::uuid[], %s::uuid[]) AS m (t, i) ON m.t = x.tenant_id AND m.i = x.meter_id"""
_GAPS: Final = """
SELECT x.tenant_id, x.meter_id, x.meter_no, x.from_s, x.to_s, x.before_count, x.after_count, x.energy_wh
FROM register_gap x JOIN unnest(%s::uuid[], %s::uuid[]) AS m (t, i) ON m.t = x.tenant_id AND m.i = x.meter_id"""
_MARK: Final = """
UPDATE late_register r SET state = x.s
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::text[]) AS x (t, m, a, s)
WHERE r.tenant_id = x.t AND r.meter_id = x.m AND r.start_s = x.a AND r.state <> x.s"""
# Days that were counted before have other energies now; a day of any time zone lies within a day of UTC's.
_AGAIN: Final = """
UPDATE late_day d SET judged_at = NULL, due_at = clock_timestamp()
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[]) AS g (t, m, f, u)
WHERE d.tenant_id = g.t AND d.meter_id = g.m
  AND d.local_day BETWEEN (to_timestamp(g.f) AT TIME ZONE 'UTC')::date - 1
                      AND (to_timestamp(g.u) AT TIME ZONE 'UTC')::date + 1"""
# Gaps of a year ago are closed for good.
_FORGET: Final = "DELETE FROM register_gap WHERE noted_at < clock_timestamp() - interval '400 days'"
