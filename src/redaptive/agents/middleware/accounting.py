"""Metrics and audit: both stand outside the refusals, so that a refused call is counted and recorded too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import anyio
import structlog
from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR
from opentelemetry import trace

from redaptive.agents.call import Call, RequestContext
from redaptive.agents.envelope import ERRORS, outcome
from redaptive.agents.services import AuditEvent, AuditSink
from redaptive.errors import Internal, InvalidInput, RedaptiveError
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.infrastructure.tracing.distributed_tracer import current_trace_id

log = structlog.get_logger(__name__)
AUDIT_TIMEOUT_S = 5.0


def failure_code(error: RedaptiveError | MCPError) -> str:
    """The code of a failure; an MCP error made from one of ours carries it in its data."""
    if isinstance(error, RedaptiveError):
        return error.code
    data = error.error.data
    code = data.get("code") if isinstance(data, dict) else None
    if code in ERRORS:
        return str(code)
    return Internal.code if error.error.code == INTERNAL_ERROR else InvalidInput.code


@dataclass(frozen=True)
class MetricsLayer:
    """Counts and times each call; writes the outcome on the span."""

    metrics: MetricsCollector

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers, counted."""
        started, code = time.perf_counter(), Internal.code
        try:
            with self.metrics.active(call.agent):
                result = await call_next(context)
            code = outcome(result)
            return result
        except (RedaptiveError, MCPError) as error:
            code = failure_code(error)
            raise
        finally:
            self.metrics.observe_call(call.agent, call.label, code, time.perf_counter() - started)
            trace.get_current_span().set_attributes({"redaptive.agent": call.agent, "redaptive.outcome": code})


@dataclass(frozen=True)
class AuditLayer:
    """Records who called what with which outcome. A sink that fails is counted and logged, never hidden."""

    sink: AuditSink | None
    metrics: MetricsCollector
    clock: Callable[[], datetime]

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers, recorded."""
        code = Internal.code
        try:
            result = await call_next(context)
            code = outcome(result)
            return result
        except (RedaptiveError, MCPError) as error:
            code = failure_code(error)
            raise
        finally:
            await self._record(self._event(call, code))

    def _event(self, call: Call, code: str) -> AuditEvent:
        who = call.principal
        return AuditEvent(
            at=self.clock(),
            tenant_id=who.tenant_id if who else None,
            subject=who.subject if who else None,
            on_behalf_of=who.on_behalf_of if who else None,
            agent=call.agent,
            action=call.target,
            arguments_sha256=call.arguments_sha256,
            side_effect=call.spec.side_effect if call.spec else "none",
            outcome=code,
            idempotency_key=call.idempotency_key,
            trace_id=current_trace_id(),
        )

    async def _record(self, event: AuditEvent) -> None:
        log.info("agent_call", agent=event.agent, action=event.action, outcome=event.outcome)
        if self.sink is None:
            return
        try:
            # A caller who went away must not take the record of the call along.
            with anyio.fail_after(AUDIT_TIMEOUT_S, shield=True):
                await self.sink.record(event)
        except (RedaptiveError, OSError) as error:
            self.metrics.audit_failures.labels(event.agent).inc()
            log.error("audit_not_recorded", action=event.action, outcome=event.outcome, error=str(error))
