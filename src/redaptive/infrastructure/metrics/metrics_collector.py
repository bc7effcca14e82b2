"""Metrics of this process: what is counted, with bounded labels, and the page that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SECONDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class MetricsCollector:
    """The metrics of one process. Labels are agents, tools and outcomes: never a tenant, meter or URL."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.tool_seconds = Histogram(
            "redaptive_agent_tool_seconds",
            "Time of a tool call, refusals included.",
            ("agent", "tool"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.tool_calls = Counter(
            "redaptive_agent_tool_calls",
            "Tool calls by outcome: ok or the code of the error.",
            ("agent", "tool", "outcome"),
            registry=self.registry,
        )
        self.active_calls = Gauge(
            "redaptive_agent_active_calls", "Tool calls in progress.", ("agent",), registry=self.registry
        )
        self.audit_failures = Counter(
            "redaptive_agent_audit_failures", "Calls that could not be audited.", ("agent",), registry=self.registry
        )

    def observe_call(self, agent: str, tool: str, outcome: str, seconds: float) -> None:
        """Count one finished or refused call."""
        self.tool_seconds.labels(agent, tool).observe(seconds)
        self.tool_calls.labels(agent, tool, outcome).inc()

    @contextmanager
    def active(self, agent: str) -> Iterator[None]:
        """A context in which one more call of the agent counts as in progress."""
        with self.active_calls.labels(agent).track_inprogress():
            yield

    def attach(self, part: str, figures: Callable[[], Mapping[str, float]]) -> None:
        """Publish the figures of `part` (a pool, a breaker, a stream) as `redaptive_<part>_<name>`.

        `figures` is called at each scrape and must be quick; its names are fixed by the code, never by data.
        """
        self.registry.register(_Figures(part, figures))

    def exposition(self) -> bytes:
        """All metrics as text in the Prometheus format."""
        return generate_latest(self.registry)

    def names(self) -> list[str]:
        """Names of all metrics now registered, sorted; the reference page is made from it."""
        return sorted(family.name for family in self.registry.collect())


class _Figures(Collector):
    """Gauges read from a part's own statistics at scrape time."""

    def __init__(self, part: str, figures: Callable[[], Mapping[str, float]]) -> None:
        self._part = part
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """One gauge per figure."""
        for name, value in self._figures().items():
            yield GaugeMetricFamily(f"redaptive_{self._part}_{name}", f"{name} of {self._part}.", value=value)
