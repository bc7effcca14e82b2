"""Log lines without secrets, traces that are kept when they matter."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from redaptive.infrastructure.logging.structured_logger import configure_logging, tenant_hash
from redaptive.infrastructure.tracing.distributed_tracer import HELD_TRACES, HoldUntilRootEnds, tracer_provider
from redaptive.settings import Settings


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level, stream = root.handlers[:], root.level, io.StringIO()
    try:
        yield stream
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for name in ("redaptive.agents", "redaptive.infrastructure.agents", "agents"):
            logging.getLogger(name).setLevel(logging.NOTSET)
        structlog.reset_defaults()


def _records(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_secrets_leave_no_trace_in_the_log(lines) -> None:
    configure_logging(Settings(), stream=lines, human=False)
    log = structlog.get_logger("redaptive.x")
    log.info(
        "connecting",
        password="hunter2",
        api_key="hunter2",
        access_token="hunter2",
        url="postgresql://user:hunter2@db/x",
        nested={"Authorization": "hunter2", "list": [SecretStr("hunter2"), "Bearer hunter2"]},
        email="hunter2@example.org",
    )
    logging.getLogger("library").warning("dsn %s", "valkey://:hunter2@cache")
    try:
        raise ValueError("postgresql://u:hunter2@db failed")
    except ValueError:
        log.exception("failed")
    assert "hunter2" not in lines.getvalue()
    assert [record["event"] for record in _records(lines)] == ["connecting", "dsn valkey://***@cache", "failed"]


def test_a_line_has_time_level_logger_and_what_the_context_bound(lines) -> None:
    configure_logging(Settings(), stream=lines, human=False)
    with structlog.contextvars.bound_contextvars(correlation="c-1", tenant=tenant_hash(UUID(int=1))):
        structlog.get_logger("redaptive.y").warning("slow", seconds=2)
    (record,) = _records(lines)
    assert record["level"] == "warning"
    assert record["logger"] == "redaptive.y"
    assert record["correlation"] == "c-1"
    assert record["time"].endswith("Z")
    assert len(record["tenant"]) == 12


def test_levels_are_set_per_component(lines) -> None:
    settings = Settings(log_level="WARNING", log_levels={"agents": "DEBUG"})
    configure_logging(settings, stream=lines, human=False)
    structlog.get_logger("redaptive.agents.base").debug("heard")
    structlog.get_logger("redaptive.streams.log").info("not heard")
    assert [record["event"] for record in _records(lines)] == ["heard"]


def test_a_person_reads_plain_lines(lines) -> None:
    configure_logging(Settings(), stream=lines, human=True)
    structlog.get_logger("redaptive.z").info("started", port=8801)
    assert "started" in lines.getvalue()
    assert not lines.getvalue().startswith("{")


def _traced(sample_pct: float, *, slow_ms: float = 1e9) -> tuple[trace.Tracer, InMemorySpanExporter, HoldUntilRootEnds]:
    memory, provider = InMemorySpanExporter(), TracerProvider()
    hold = HoldUntilRootEnds(SimpleSpanProcessor(memory), sample_pct=sample_pct, slow_ms=slow_ms)
    provider.add_span_processor(hold)
    return provider.get_tracer("test"), memory, hold


def test_nothing_leaves_before_the_root_ends() -> None:
    tracer, memory, _ = _traced(100)
    with tracer.start_as_current_span("root"):
        with tracer.start_as_current_span("child"):
            pass
        assert memory.get_finished_spans() == ()
    assert [span.name for span in memory.get_finished_spans()] == ["child", "root"]


def test_a_failure_deep_down_keeps_the_whole_trace() -> None:
    tracer, memory, _ = _traced(0)
    with tracer.start_as_current_span("dull"):
        pass
    with tracer.start_as_current_span("root"), tracer.start_as_current_span("child") as child:
        child.set_status(trace.StatusCode.ERROR)
    assert [span.name for span in memory.get_finished_spans()] == ["child", "root"]


def test_a_slow_root_is_kept() -> None:
    tracer, memory, _ = _traced(0, slow_ms=0)
    with tracer.start_as_current_span("slow"):
        pass
    assert len(memory.get_finished_spans()) == 1


def test_the_sample_has_the_size_that_was_asked_for() -> None:
    tracer, memory, _ = _traced(25)
    for _ in range(2_000):
        tracer.start_span("each").end()
    # Binomial(2000, 0.25) has a standard deviation of 19.4; 500 +- 8 of them fails once in 10^15 runs.
    assert 345 < len(memory.get_finished_spans()) < 655


def test_traces_whose_root_never_ends_do_not_pile_up() -> None:
    tracer, memory, hold = _traced(100)
    for _ in range(HELD_TRACES + 10):
        root = tracer.start_span("never ended")
        tracer.start_span("child", context=trace.set_span_in_context(root)).end()
    assert hold.dropped_traces == 10
    assert memory.get_finished_spans() == ()


def test_without_a_collector_spans_go_to_a_file(tmp_path) -> None:
    provider = tracer_provider(Settings(home=tmp_path, trace_sample_pct=100), service="test")
    with provider.get_tracer("t").start_as_current_span("root", attributes={"a": 1}):
        pass
    provider.shutdown()
    (line,) = (tmp_path / "log" / "spans.ndjson").read_text().splitlines()
    assert json.loads(line)["name"] == "root"
    assert json.loads(line)["attributes"] == {"a": 1}
