"""The audit sink of the product: each call of a tool becomes a line of the tenant's hash-chained log."""

from __future__ import annotations

import structlog

from redaptive.agents.services import AuditEvent
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.audit_store import AuditStore

log = structlog.get_logger(__name__)


class DatabaseAudit:
    """Writes events to the audit log of the caller's tenant; a call without a tenant only reaches the log."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def record(self, event: AuditEvent) -> None:
        """Keep the event for good."""
        if event.tenant_id is None:
            log.warning("call_without_tenant", agent=event.agent, action=event.action, outcome=event.outcome)
            return
        await AuditStore(self._pools, event.tenant_id).append(
            event.action,
            "tool",
            event.agent,
            subject=event.subject or "unknown",
            on_behalf_of=event.on_behalf_of,
            after={
                "outcome": event.outcome,
                "arguments_sha256": event.arguments_sha256,
                "side_effect": event.side_effect,
                "idempotency_key": event.idempotency_key,
                "trace_id": event.trace_id,
            },
        )
