"""What a pool tells of itself: counters, health and the Prometheus series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True)
class PoolStatistics:
    """One look at a pool; counters run since it was opened, times are milliseconds.

    `in_use` are connections in the hands of callers; `lost` were found broken; `retries` are idempotent reads
    that ran a second time; `errors` are statements or transactions that ended in an error of the database.
    """

    name: str
    min_size: int
    max_size: int
    size: int
    available: int
    in_use: int
    waiting: int
    requests: int
    queued: int
    wait_ms: int
    usage_ms: int
    acquire_timeouts: int
    connections: int
    connection_errors: int
    lost: int
    transactions: int
    queries: int
    errors: int
    retries: int


@dataclass(frozen=True)
class PoolHealth:
    """Whether the database answers through the pool, and how fast."""

    ok: bool
    latency_ms: float | None
    message: str
    statistics: PoolStatistics


class HasPoolStatistics(Protocol):
    """Anything that can report `PoolStatistics`."""

    def statistics(self) -> PoolStatistics:
        """The counters now."""


_GAUGES = {
    "size": "Connections of the pool, busy and idle.",
    "available": "Idle connections.",
    "in_use": "Connections in the hands of callers.",
    "waiting": "Callers that wait for a connection.",
    "max_size": "Most connections that the pool may hold.",
}
_COUNTERS = {
    "requests": "Connections asked for.",
    "queued": "Requests that had to wait.",
    "acquire_timeouts": "Requests that waited in vain.",
    "connections": "Connections opened or tried.",
    "connection_errors": "Connections that could not be opened.",
    "lost": "Connections found broken.",
    "transactions": "Transactions begun.",
    "queries": "Idempotent reads.",
    "errors": "Statements or transactions that ended in a database error.",
    "retries": "Idempotent reads that ran a second time.",
}


class PoolCollector(Collector):
    """Exports `redaptive_pool_*` of the given pools, labelled by pool name; register it in any registry."""

    def __init__(self, pools: Iterable[HasPoolStatistics]) -> None:
        self._pools = list(pools)

    def collect(self) -> Iterator[Metric]:
        """The series at this moment; reads counters only, never the database."""
        looks = [pool.statistics() for pool in self._pools]
        for name, text in _GAUGES.items():
            gauge = GaugeMetricFamily(f"redaptive_pool_{name}_connections", text, labels=["pool"])
            for look in looks:
                gauge.add_metric([look.name], float(getattr(look, name)))
            yield gauge
        for name, text in _COUNTERS.items():
            yield _counter(f"redaptive_pool_{name}", text, [(look.name, float(getattr(look, name))) for look in looks])
        for name, text in {"wait": "Time spent waiting.", "usage": "Time connections were held."}.items():
            rows = [(look.name, getattr(look, f"{name}_ms") / 1000) for look in looks]
            yield _counter(f"redaptive_pool_{name}_seconds", text, rows)


def _counter(name: str, text: str, rows: list[tuple[str, float]]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=["pool"])
    for pool, value in rows:
        family.add_metric([pool], value)
    return family
