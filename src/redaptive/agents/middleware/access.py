"""Who may call what, and how often: principal, scope, rate."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from mcp.server.context import CallNext, HandlerResult

from redaptive.agents.call import Call, RequestContext
from redaptive.agents.delegation import ON_BEHALF_OF, Delegation
from redaptive.agents.principal import SCOPE_KEY, Principal, acting_as, current_principal
from redaptive.errors import Exhausted, NotFound, Unauthorized
from redaptive.infrastructure.logging.structured_logger import tenant_hash
from redaptive.infrastructure.resilience.limiter import RateLimiter


@dataclass(frozen=True)
class PrincipalLayer:
    """Finds the caller. An HTTP request must bring its own identity; in process and on stdio it is inherited.

    A claim to act for somebody is checked with `delegation`; a call without one is that of the caller alone.
    """

    delegation: Delegation | None = None

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers, run as the caller."""
        principal = request_principal(context)
        if principal is None:
            raise Unauthorized("The call has no identity.", fix="Authenticate, or set the principal of the process.")
        call.principal = principal  # of a claim that is refused, the audit names who brought it
        call.principal = principal = self._acting(call, principal)
        tenant = tenant_hash(principal.tenant_id)
        with acting_as(principal), structlog.contextvars.bound_contextvars(agent=call.agent, tenant=tenant):
            return await call_next(context)

    def _acting(self, call: Call, principal: Principal) -> Principal:
        claim = call.meta.get(ON_BEHALF_OF)
        if claim is None:
            return principal
        if self.delegation is None:
            raise Unauthorized(
                "This agent cannot check for whom it is called.",
                field=ON_BEHALF_OF,
                fix="Start it through `redaptive agents`, with the keys of the deployment.",
            )
        return self.delegation.accept(claim, principal, call.agent)


@dataclass(frozen=True)
class ScopeLayer:
    """Refuses a tool that is not declared, and a caller without its scope. There is no wildcard.

    A resource checks the scope of its own declaration once its URI is matched.
    """

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers, if the caller may have it."""
        if call.method == "tools/call":
            if call.spec is None:
                raise NotFound(
                    f"Unknown tool: {call.target}.", field="name", fix="List the agent's tools and use one of them."
                )
            caller(call).require(call.spec.scope)
        return await call_next(context)


@dataclass(frozen=True)
class RateLimitLayer:
    """One token bucket per tenant and tool class: reads, writes, external, destructive."""

    limiter: RateLimiter

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers, while tokens last."""
        kind = call.spec.side_effect if call.spec else call.method
        decision = await self.limiter.acquire(f"{caller(call).tenant_id}:{kind}")
        if not decision.allowed:
            raise Exhausted(
                "The tenant's rate limit is used up.",
                fix=f"Try again in {decision.retry_after_ms} ms.",
                retry_after_ms=decision.retry_after_ms,
            )
        return await call_next(context)


def request_principal(context: RequestContext) -> Principal | None:
    """The identity of a request: from its HTTP scope if it came by HTTP, else of the surrounding context."""
    if context.request is None:
        return current_principal()
    found = context.request.scope.get(SCOPE_KEY)
    return found if isinstance(found, Principal) else None


def caller(call: Call) -> Principal:
    """The principal of a call that passed the principal layer."""
    if call.principal is None:
        raise Unauthorized("The call has no identity.")
    return call.principal
