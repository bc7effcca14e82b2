"""The metrics page and the health checks."""

from __future__ import annotations

import anyio
import pytest
from prometheus_client.parser import text_string_to_metric_families

from redaptive.infrastructure.health.health_checker import Check, HealthChecker
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _value(metrics: MetricsCollector, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_calls_are_counted_by_outcome_and_timed() -> None:
    metrics = MetricsCollector()
    metrics.observe_call("water", "water.find", "ok", 0.02)
    metrics.observe_call("water", "water.find", "invalid", 0.5)
    labels = {"agent": "water", "tool": "water.find"}
    assert _value(metrics, "redaptive_agent_tool_calls_total", **labels, outcome="invalid") == 1
    assert _value(metrics, "redaptive_agent_tool_seconds_count", **labels) == 2
    assert _value(metrics, "redaptive_agent_tool_seconds_bucket", **labels, le="0.025") == 1


def test_active_calls_rise_and_fall_even_after_a_failure() -> None:
    metrics = MetricsCollector()

    def fail() -> None:
        with metrics.active("water"):
            seen.append(_value(metrics, "redaptive_agent_active_calls", agent="water"))
            raise KeyError

    seen: list[float | None] = []
    with pytest.raises(KeyError):
        fail()
    assert seen == [1]
    assert _value(metrics, "redaptive_agent_active_calls", agent="water") == 0


def test_attached_figures_are_read_at_each_scrape() -> None:
    metrics, size = MetricsCollector(), {"size": 3.0}
    metrics.attach("pool", lambda: size)
    size["size"] = 5.0
    families = {each.name: each for each in text_string_to_metric_families(metrics.exposition().decode())}
    assert families["redaptive_pool_size"].samples[0].value == 5
    assert "redaptive_pool_size" in metrics.names()


async def _well() -> str:
    return "3 of 20 connections"


async def _ill() -> str:
    raise OSError("no route to 10.0.0.1")


async def _stuck() -> str:
    await anyio.sleep(60)
    return "never"


@pytest.mark.anyio
async def test_only_required_dependencies_decide_readiness() -> None:
    optional = HealthChecker([Check("database", _well), Check("llm", _ill, required=False)])
    required = HealthChecker([Check("database", _ill), Check("llm", _well, required=False)])
    assert ((await optional.ready()).status, (await optional.deep()).status) == ("ok", "degraded")
    assert (await optional.deep()).ready
    assert ((await required.ready()).status, (await required.live()).status) == ("failing", "ok")


@pytest.mark.anyio
async def test_a_probe_that_hangs_fails_alone_and_order_is_kept() -> None:
    report = await HealthChecker([Check("a", _stuck, timeout_s=0.02), Check("b", _well), Check("c", _ill)]).deep()
    assert [(each.name, each.ok) for each in report.checks] == [("a", False), ("b", True), ("c", False)]
    assert report.checks[1].detail == "3 of 20 connections"
    assert "10.0.0.1" not in report.checks[2].detail
