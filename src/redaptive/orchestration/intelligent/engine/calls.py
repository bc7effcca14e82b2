"""Calls of tools as a node makes them: with its key, a deadline for each attempt, repeated by the code of the error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from pydantic import JsonValue

from redaptive.agents.invoker import Progress, Terms, ToolInvoker
from redaptive.agents.principal import Principal
from redaptive.errors import Conflict, Exhausted, RedaptiveError
from redaptive.orchestration.intelligent.engine.outcomes import unexpected
from redaptive.orchestration.plans.schema import Retry
from redaptive.orchestration.state.run_records import JsonObject

LONGEST_PAUSE_S: Final = 3_600.0
STILL_RUNNING_S: Final = 150.0
"""A first call with the same key may be that of an executor that was killed; its claim ends within this time."""
log = structlog.get_logger(__name__)


Pay = Callable[[int], Awaitable[float]]


@dataclass(frozen=True)
class ToolCall:
    """One call to be made: what, with which key, as whom, and how patiently.

    `pay` takes the price of the attempt of that number from the run's budget and says what was left of it, USD.
    """

    tool: str
    arguments: JsonObject
    key: str
    principal: Principal
    retry: Retry = field(default_factory=Retry)
    timeout_s: float | None = None
    pay: Pay | None = None
    every_error: bool = False

    def terms(self, budget_usd: float | None) -> Terms:
        """The conditions as the tool gets them, with the money that was left before this attempt."""
        deadline_ms = None if self.timeout_s is None else self.timeout_s * 1000
        return Terms(idempotency_key=self.key, deadline_ms=deadline_ms, budget_usd=budget_usd)


async def call(
    invoker: ToolInvoker, wanted: ToolCall, tried: Callable[[int], None], progress: Progress | None = None
) -> JsonValue:
    """The tool's answer. `tried` is told the number of each attempt as it begins.

    :raises RedaptiveError: the last attempt's error; unforeseen exceptions become Internal.
    :raises Exhausted: before an attempt that the budget does not pay for.
    """
    attempt, patience_s = 1, STILL_RUNNING_S
    left_usd = await _paid(wanted, attempt)
    while True:
        tried(attempt)
        try:
            return await _once(invoker, wanted, progress, left_usd)
        except RedaptiveError as error:
            if _still_running(error) and patience_s > 0:
                pause_s = _pause_s(error, wanted.retry, 1)
                patience_s -= pause_s
            elif attempt < wanted.retry.max_attempts and _worth_repeating(error, wanted):
                pause_s = _pause_s(error, wanted.retry, attempt)
                attempt += 1
                left_usd = await _paid(wanted, attempt)
            else:
                raise
            log.info("call_repeated", tool=wanted.tool, key=wanted.key, code=error.code, pause_s=pause_s)
            await asyncio.sleep(pause_s)


async def _paid(wanted: ToolCall, attempt: int) -> float | None:
    return None if wanted.pay is None else await wanted.pay(attempt)


async def _once(invoker: ToolInvoker, wanted: ToolCall, progress: Progress | None, left_usd: float | None) -> JsonValue:
    terms = wanted.terms(left_usd)
    try:
        async with asyncio.timeout(wanted.timeout_s):
            result = await invoker.call(
                wanted.tool, wanted.arguments, principal=wanted.principal, progress=progress, terms=terms
            )
            answer: JsonValue = result.answer
            return answer
    except TimeoutError as error:
        raise Exhausted(
            f"{wanted.tool} did not answer within {wanted.timeout_s:g} s.",
            field="timeout_s",
            fix="Give the node more time, or ask for less.",
        ) from error
    except RedaptiveError:
        raise
    except Exception as error:
        log.exception("call_failed", tool=wanted.tool, key=wanted.key)
        raise unexpected(error) from error


def _worth_repeating(error: RedaptiveError, wanted: ToolCall) -> bool:
    return error.retryable or error.retry_after_ms is not None or wanted.every_error


def _still_running(error: RedaptiveError) -> bool:
    return isinstance(error, Conflict) and error.field == "idempotency_key" and error.retry_after_ms is not None


def _pause_s(error: RedaptiveError, retry: Retry, attempt: int) -> float:
    wanted = retry.interval_s * retry.backoff ** (attempt - 1)
    return min(LONGEST_PAUSE_S, max(wanted, (error.retry_after_ms or 0) / 1000))
