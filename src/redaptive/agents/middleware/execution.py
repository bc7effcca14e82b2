"""How a call runs: within its deadline and budget, and once per idempotency key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult

from redaptive.agents.call import BUDGET_USD, DEADLINE_MS, Call, RequestContext
from redaptive.agents.envelope import wire_form
from redaptive.agents.middleware.access import caller
from redaptive.errors import Exhausted, InvalidInput
from redaptive.infrastructure.resilience.idempotency import RUNNING_MS, Claim, IdempotencyStore

DEFAULT_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class DeadlineLayer:
    """Refuses what cannot finish in time or within budget, and stops what does not."""

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers, or Exhausted."""
        limit_s = call.spec.timeout_s if call.spec else DEFAULT_TIMEOUT_S
        left_ms, budget_usd = _number(call, DEADLINE_MS), _number(call, BUDGET_USD)
        if call.spec and left_ms is not None and left_ms < call.spec.latency_p50_ms:
            raise Exhausted(
                f"{call.target} usually takes {call.spec.latency_p50_ms:g} ms and {left_ms:g} ms are left.",
                field=DEADLINE_MS,
                fix="Give it more time.",
            )
        if call.spec and budget_usd is not None and budget_usd < call.spec.usd_per_call:
            raise Exhausted(
                f"{call.target} costs {call.spec.usd_per_call:g} USD a call and {budget_usd:g} USD are left.",
                field=BUDGET_USD,
                fix="Raise the budget.",
            )
        seconds = limit_s if left_ms is None else min(limit_s, left_ms / 1000)
        with anyio.move_on_after(seconds) as scope:
            return await call_next(context)
        assert scope.cancelled_caught
        raise Exhausted(
            f"{call.target} did not finish within {seconds:g} s.", fix="Ask for less, or give it more time."
        )


@dataclass(frozen=True)
class IdempotencyLayer:
    """A repeated call with a known key gets the stored result; the tool does not run again.

    Only tools with a side effect and only calls with a key take part.
    Errors and questions back to the caller are not stored.
    """

    store: IdempotencyStore

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The stored result, or that of the inner layers, now stored."""
        if call.idempotency_key is None or call.spec is None or call.spec.reads_only:
            return await call_next(context)
        claim = Claim(caller(call).tenant_id, call.idempotency_key, call.arguments_sha256)
        stored = await self.store.begin(claim)
        if stored is not None:
            found: dict[str, Any] = json.loads(stored)
            return found
        return await self._run(claim, context, call_next)

    async def _run(self, claim: Claim, context: RequestContext, call_next: CallNext) -> HandlerResult:
        finished = False
        try:
            result = await self._while_claimed(claim, context, call_next)
            wire = wire_form(result)
            if not wire.get("isError") and wire.get("resultType") != "input_required":
                await self.store.finish(claim, json.dumps(wire))
                finished = True
            return result
        finally:
            if not finished:
                with anyio.CancelScope(shield=True):
                    await self.store.abandon(claim)

    async def _while_claimed(self, claim: Claim, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers; meanwhile the claim is renewed, so it ends soon when this process does."""
        failure: Exception
        async with anyio.create_task_group() as group:
            group.start_soon(self._keep, claim)
            try:
                return await call_next(context)
            except Exception as error:  # raised below, where no group wraps it
                failure = error
            finally:
                group.cancel_scope.cancel()
        raise failure

    async def _keep(self, claim: Claim) -> None:
        while True:
            await anyio.sleep(RUNNING_MS / 3000)
            await self.store.renew(claim)


def _number(call: Call, key: str) -> float | None:
    value = call.meta.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{key} must be a number.", field=key)
    return float(value)
