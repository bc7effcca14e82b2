"""What the calls to agents tell of themselves: counters, breaker states and the Prometheus series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from redaptive.agents.calls.outcomes import CallOutcome
from redaptive.agents.calls.replicas import Replica
from redaptive.agents.calls.resilient_invoker import AgentRoute, ResilientInvoker
from redaptive.infrastructure.resilience.bulkhead import BulkheadStatistics
from redaptive.infrastructure.resilience.circuit_breaker import BreakerStatistics
from redaptive.infrastructure.resilience.retry_manager import RetryStatistics


@dataclass(frozen=True)
class ReplicaStatistics:
    """One replica: whether it is connected, its calls now and since start, its breaker, and how the last ones went.

    The latencies are of the last calls that were answered, in ms; None before the first.
    """

    connected: bool
    outstanding: int
    calls: int
    breaker: BreakerStatistics
    p50_ms: float | None = None
    p95_ms: float | None = None
    last_fault: CallOutcome | None = None


@dataclass(frozen=True)
class AgentCallStatistics:
    """One agent: its replicas by id, its bulkhead and its retries."""

    replicas: Mapping[str, ReplicaStatistics]
    bulkhead: BulkheadStatistics
    retries: RetryStatistics


def call_statistics(invoker: ResilientInvoker) -> dict[str, AgentCallStatistics]:
    """Agent id -> its figures now."""
    return {agent_id: _agent(route) for agent_id, route in sorted(invoker.routes.items())}


def _agent(route: AgentRoute) -> AgentCallStatistics:
    replicas = {key: _replica(each) for key, each in route.replicas.items()}
    return AgentCallStatistics(replicas, route.bulkhead.statistics(), route.retries.statistics())


def _replica(known: Replica) -> ReplicaStatistics:
    return ReplicaStatistics(
        known.link.connected,
        known.outstanding,
        known.calls,
        known.breaker.statistics(),
        known.latency_ms(0.5),
        known.latency_ms(0.95),
        known.last_fault,
    )


Rows = dict[tuple[str, ...], dict[str, float]]
"""Figures by labels."""
STATE_NUMBER: Final = {"closed": 0, "half_open": 1, "open": 2}
REPLICA_GAUGES: Final = {
    "connected": "1 while a replica can be reached.",
    "outstanding": "Calls that a replica is busy with.",
    "breaker_state": "0 closed, 1 half open, 2 open.",
}
REPLICA_COUNTERS: Final = {
    "calls": "Attempts sent to a replica.",
    "breaker_opened": "Times that a breaker opened.",
    "breaker_refused": "Calls that an open breaker kept from a replica.",
}
AGENT_GAUGES: Final = {
    "waiting": "Calls that wait for room at an agent.",
    "retry_tokens": "Retries that the budget allows now.",
}
AGENT_COUNTERS: Final = {
    "refused": "Calls refused at a full queue or after too long a wait.",
    "retries": "Attempts that were repeated.",
    "retries_denied": "Retries that the budget did not allow.",
}


class CallsCollector(Collector):
    """Exports `redaptive_calls_*` by agent, and by replica where it is about one; register it in any registry."""

    def __init__(self, invoker: ResilientInvoker) -> None:
        self._invoker = invoker

    def collect(self) -> Iterator[Metric]:
        """The series at this moment."""
        agents = call_statistics(self._invoker)
        replicas: Rows = {(a, r): _replica_figures(s) for a, each in agents.items() for r, s in each.replicas.items()}
        whole: Rows = {(a,): _agent_figures(each) for a, each in agents.items()}
        yield from _families(REPLICA_GAUGES, REPLICA_COUNTERS, ("agent", "replica"), replicas)
        yield from _families(AGENT_GAUGES, AGENT_COUNTERS, ("agent",), whole)


def _replica_figures(statistics: ReplicaStatistics) -> dict[str, float]:
    return {
        "connected": float(statistics.connected),
        "outstanding": statistics.outstanding,
        "breaker_state": STATE_NUMBER[statistics.breaker.state],
        "calls": statistics.calls,
        "breaker_opened": statistics.breaker.opened,
        "breaker_refused": statistics.breaker.refused,
    }


def _agent_figures(statistics: AgentCallStatistics) -> dict[str, float]:
    return {
        "waiting": statistics.bulkhead.waiting,
        "retry_tokens": statistics.retries.tokens,
        "refused": statistics.bulkhead.refused + statistics.bulkhead.timed_out,
        "retries": statistics.retries.retries,
        "retries_denied": statistics.retries.out_of_budget,
    }


def _families(
    gauges: Mapping[str, str],
    counters: Mapping[str, str],
    labels: tuple[str, ...],
    rows: Rows,
) -> Iterator[Metric]:
    for name, text in gauges.items():
        yield _filled(GaugeMetricFamily(f"redaptive_calls_{name}", text, labels=labels), name, rows)
    for name, text in counters.items():
        yield _filled(CounterMetricFamily(f"redaptive_calls_{name}", text, labels=labels), name, rows)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, name: str, rows: Rows) -> Metric:
    for labels, figures in rows.items():
        family.add_metric(list(labels), figures[name])
    return family
