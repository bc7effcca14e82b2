"""What executors tell of their calls to agents, in their row of the database, and how others read it.

The row is the one of the executor's lease: what is told there ends with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, Literal

import anyio
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.calls.statistics import AgentCallStatistics, ReplicaStatistics, call_statistics
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

TELL_EVERY_S: Final = 2.0
MOST_REPLICAS: Final = 200
"""So many replicas of an executor are told; the number of the others is."""
MOST_EXECUTORS: Final = 100
log = structlog.get_logger(__name__)


class _Told(BaseModel):
    """A part of what is told; fields of newer versions are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ReplicaFigures(_Told):
    """Calls to one replica of an agent.

    `again_in_s` is how long an open breaker keeps closed to calls, `window_*` are verdicts that it judges by; counts
    are since the executor began, latencies of its last answered calls.
    """

    agent: str = Field(max_length=100)
    replica: str = Field(max_length=200)
    connected: bool
    breaker: Literal["closed", "half_open", "open"]
    again_in_s: float
    window_calls: int
    window_failures: int
    opened: int
    kept_off: int
    calls: int
    failed: int
    in_flight: int
    p50_ms: float | None
    p95_ms: float | None
    last_fault: str = Field(max_length=200)


class AgentFigures(_Told):
    """The bulkhead and the retries of one agent: calls in it and in front of it, what was refused, retries left."""

    agent: str = Field(max_length=100)
    in_flight: int
    most_in_flight: int
    waiting: int
    most_waiting: int
    refused: int
    timed_out: int
    retries: int
    retries_denied: int
    retries_left: float
    most_retries_left: float


class CallFigures(_Told):
    """What one executor tells: its agents, their replicas, and how many replicas were left out."""

    agents: tuple[AgentFigures, ...] = ()
    replicas: tuple[ReplicaFigures, ...] = Field(default=(), max_length=MOST_REPLICAS)
    left_out: int = 0


class ExecutorStatus(_Told):
    """An executor whose lease runs; `figures` is None where it has told nothing, `told_ago_s` how old they are."""

    executor: str
    host: str
    pid: int
    up_s: float
    told_ago_s: float | None
    figures: CallFigures | None


def figures_of(invoker: ResilientInvoker) -> CallFigures:
    """The figures now."""
    known = call_statistics(invoker)
    agents = (_agent(name, each, invoker) for name, each in known.items())
    replicas = [_replica(name, key, one) for name, each in known.items() for key, one in each.replicas.items()]
    return CallFigures(
        agents=tuple(islice(agents, MOST_REPLICAS)),
        replicas=tuple(replicas[:MOST_REPLICAS]),
        left_out=max(0, len(replicas) - MOST_REPLICAS),
    )


async def keep_telling(pools: ConnectionPoolManager, executor_id: str, invoker: ResilientInvoker) -> None:
    """Tell the figures for ever; `pools` are of the role redaptive_worker. A database that is away is tried again."""
    while True:
        try:
            await tell(pools, executor_id, figures_of(invoker))
        except RedaptiveError as error:
            log.info("figures_not_told", executor=executor_id, error=error.message)
        await anyio.sleep(TELL_EVERY_S)


async def tell(pools: ConnectionPoolManager, executor_id: str, figures: CallFigures) -> None:
    """Write the figures to the executor's row; nothing where the row is gone."""
    async with pools.transaction(None) as connection:
        await connection.execute(_TELL, (figures.model_dump_json(), executor_id))


async def executors(pools: ConnectionPoolManager) -> list[ExecutorStatus]:
    """The executors whose lease runs, the oldest first."""
    return list(_read(await pools.query(_EXECUTORS, (MOST_EXECUTORS,), tenant_id=None)))


def _read(rows: Sequence[dict[str, Any]]) -> Iterator[ExecutorStatus]:
    for row in rows:
        told = row.pop("figures")
        yield ExecutorStatus(**row, figures=_parsed(told) if row["told_ago_s"] is not None else None)


def _parsed(told: object) -> CallFigures | None:
    """What was told; None where another version told it in another way."""
    try:
        return CallFigures.model_validate_json(json.dumps(told))
    except ValidationError as error:
        log.info("figures_unreadable", errors=error.error_count())
        return None


def _agent(name: str, known: AgentCallStatistics, invoker: ResilientInvoker) -> AgentFigures:
    policy = invoker.policy.of(name)
    return AgentFigures(
        agent=name[:100],
        in_flight=known.bulkhead.active,
        most_in_flight=policy.bulkhead.limit,
        waiting=known.bulkhead.waiting,
        most_waiting=policy.bulkhead.queue,
        refused=known.bulkhead.refused,
        timed_out=known.bulkhead.timed_out,
        retries=known.retries.retries,
        retries_denied=known.retries.out_of_budget,
        retries_left=round(known.retries.tokens, 2),
        most_retries_left=policy.budget.capacity,
    )


def _replica(agent: str, key: str, known: ReplicaStatistics) -> ReplicaFigures:
    breaker, fault = known.breaker, known.last_fault
    return ReplicaFigures(
        agent=agent[:100],
        replica=key[:200],
        connected=known.connected,
        breaker=breaker.state,
        again_in_s=round(breaker.open_left_s, 1),
        window_calls=breaker.window_calls,
        window_failures=breaker.window_failures,
        opened=breaker.opened,
        kept_off=breaker.refused,
        calls=known.calls,
        failed=breaker.failed,
        in_flight=known.outstanding,
        p50_ms=known.p50_ms,
        p95_ms=known.p95_ms,
        last_fault=f"{fault.tool}: {fault.code}"[:200] if fault is not None else "",
    )


_TELL: Final = """
UPDATE engine_executors
SET figures = %s::jsonb || jsonb_build_object('at', extract(epoch FROM clock_timestamp())) WHERE id = %s"""
_EXECUTORS: Final = """
SELECT id AS executor, host, pid, extract(epoch FROM clock_timestamp() - started_at)::float8 AS up_s,
       extract(epoch FROM clock_timestamp())::float8 - (figures->>'at')::float8 AS told_ago_s, figures
FROM engine_executors WHERE expires_at > clock_timestamp() ORDER BY started_at LIMIT %s"""
