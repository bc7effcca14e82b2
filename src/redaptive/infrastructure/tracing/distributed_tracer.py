"""Traces: spans are held until their root ends, then kept if they failed, were slow, or fell in the sample."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from redaptive.errors import InvalidInput
from redaptive.settings import Settings

log = structlog.get_logger(__name__)

SLOW_MS: Final = 1_000.0
"""A root that takes longer is always kept."""
HELD_TRACES: Final = 2_000
"""Most traces held at once; beyond it the oldest is dropped and counted."""


class HoldUntilRootEnds(SpanProcessor):
    """Keeps the spans of a trace back until its local root ends, then passes all of them on or none.

    Failures and slow roots always pass; of the rest `sample_pct` percent, chosen by trace id, so that
    every process decides alike.
    """

    def __init__(self, target: SpanProcessor, *, sample_pct: float, slow_ms: float = SLOW_MS) -> None:
        self._target = target
        self._sample_pct = sample_pct
        self._slow_ms = slow_ms
        self._held: dict[int, list[ReadableSpan]] = {}
        self._lock = Lock()
        self.dropped_traces = 0

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing: a span counts when it ends."""

    def on_end(self, span: ReadableSpan) -> None:
        """Hold the span; at the local root decide for the whole trace."""
        if span.context is None:
            return
        with self._lock:
            spans = self._held.setdefault(span.context.trace_id, [])
            spans.append(span)
            if not _is_local_root(span):
                self._make_room()
                return
            del self._held[span.context.trace_id]
        if self._keep(span, spans):
            for each in spans:
                self._target.on_end(each)

    def shutdown(self) -> None:
        """Pass the shutdown on; traces without an ended root are given up."""
        self._target.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Whether everything decided was exported in time."""
        return self._target.force_flush(timeout_millis)

    def _make_room(self) -> None:
        if len(self._held) > HELD_TRACES:
            del self._held[next(iter(self._held))]
            self.dropped_traces += 1

    def _keep(self, root: ReadableSpan, spans: Sequence[ReadableSpan]) -> bool:
        if any(span.status.status_code is trace.StatusCode.ERROR for span in spans):
            return True
        elapsed_ms = ((root.end_time or 0) - (root.start_time or 0)) / 1e6
        return elapsed_ms >= self._slow_ms or _in_sample(root, self._sample_pct)


class NdjsonExporter(SpanExporter):
    """Appends each span as one JSON line; the default when no collector is configured."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Whether the lines were written."""
        lines = "".join(json.dumps(as_record(span), default=str) + "\n" for span in spans)
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            log.warning("spans_not_written", path=str(self._path), error=str(error))
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


def as_record(span: ReadableSpan) -> Mapping[str, object]:
    """The span as plain JSON: ids in hex, times in ns since 1970, attributes."""
    context = span.get_span_context()
    return {
        "trace": f"{context.trace_id:032x}" if context else None,
        "span": f"{context.span_id:016x}" if context else None,
        "parent": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name,
        "attributes": dict(span.attributes or {}),
    }


def tracer_provider(settings: Settings, *, service: str, exporter: SpanExporter | None = None) -> TracerProvider:
    """A provider that samples at the tail and exports to the collector, or to `<home>/log/spans.ndjson`."""
    chosen = exporter or _exporter(settings)
    provider = TracerProvider(resource=Resource.create({"service.name": service}), sampler=ALWAYS_ON)
    batches = BatchSpanProcessor(chosen)
    provider.add_span_processor(HoldUntilRootEnds(batches, sample_pct=settings.trace_sample_pct))
    return provider


def configure_tracing(settings: Settings, *, service: str) -> TracerProvider:
    """The provider, installed for the whole process; call `shutdown()` on it before leaving."""
    provider = tracer_provider(settings, service=service)
    trace.set_tracer_provider(provider)
    return provider


def current_trace_id() -> str | None:
    """The trace id of this context in hex, or None outside of a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _exporter(settings: Settings) -> SpanExporter:
    if not settings.otlp_endpoint:
        return NdjsonExporter(settings.home / "log" / "spans.ndjson")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise InvalidInput(
            "An OpenTelemetry collector is configured but the exporter is not installed.",
            field="REDAPTIVE_OTLP_ENDPOINT",
            fix="Install it: pip install 'redaptive[otlp]'.",
        ) from error
    return OTLPSpanExporter(endpoint=settings.otlp_endpoint.rstrip("/") + "/v1/traces")


def _is_local_root(span: ReadableSpan) -> bool:
    return span.parent is None or span.parent.is_remote


def _in_sample(span: ReadableSpan, sample_pct: float) -> bool:
    # The low 56 bits of a trace id are random by W3C Trace Context level 2.
    low = span.context.trace_id & ((1 << 56) - 1) if span.context else 0
    return low < sample_pct / 100 * (1 << 56)
