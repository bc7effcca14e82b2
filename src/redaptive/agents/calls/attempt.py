"""One call on its way: which replicas it tried, whether it may have run, and what each attempt tells of a replica."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

import anyio

from redaptive.agents.calls.asked import Asked
from redaptive.agents.calls.outcomes import CallOutcome, Listener, StandingOf
from redaptive.agents.calls.policy import AgentPolicy
from redaptive.agents.calls.replicas import Replica, choose
from redaptive.agents.invoker import ToolResult
from redaptive.errors import Exhausted, RedaptiveError, Unavailable
from redaptive.infrastructure.resilience.circuit_breaker import Permit
from redaptive.infrastructure.resilience.retry_manager import Deadline

NO_REPLICA_RETRY_MS = 200


@dataclass
class CallInProgress:
    """The attempts of one call. `sent` turns true with the first that left for a replica."""

    asked: Asked
    replicas: Callable[[], Sequence[Replica]]
    policy: AgentPolicy
    deadline: Deadline
    standing_of: StandingOf
    listeners: Sequence[Listener]
    random: Random
    tried: set[str] = field(default_factory=set)
    sent: bool = False

    def repeatable(self, error: RedaptiveError) -> bool:
        """Whether another attempt can do no harm: nothing was sent yet, or running twice is allowed."""
        del error
        return not self.sent or self.asked.safe_to_repeat

    async def attempt(self, number: int) -> ToolResult:
        """The answer of the replica that is the best choice now.

        :raises Unavailable: none can be called, or the one that was did not answer.
        """
        del number
        replica = choose(self.replicas(), self.tried, self.standing_of, self.random)
        if replica is None:
            raise self._nobody()
        permit = replica.breaker.acquire()
        self.tried.add(replica.replica_id)
        try:
            with replica.busy():
                return await self._judged(replica, permit)
        finally:
            permit.withdrawn()

    async def _judged(self, replica: Replica, permit: Permit) -> ToolResult:
        started, code, at_fault = time.perf_counter(), "cancelled", False
        try:
            result = await self._sent_to(replica)
            code = "ok"
            permit.succeeded()
            return result
        except RedaptiveError as error:
            code = error.code
            # An agent that answers, be it with an internal error, is there: one broken tool must not close the rest.
            at_fault = isinstance(error, Unavailable) and error.retryable
            permit.failed() if at_fault else permit.succeeded()
            raise
        finally:
            if code != "cancelled":
                took = time.perf_counter() - started
                outcome = CallOutcome(replica.agent_id, replica.replica_id, self.asked.tool, code, took, at_fault)
                replica.heard(outcome)
                for listener in self.listeners:
                    listener(outcome)

    async def _sent_to(self, replica: Replica) -> ToolResult:
        asked, left_s = self.asked, self.deadline.left_s()
        own_s = asked.spec.timeout_s if asked.spec else self.policy.unknown_timeout_s
        limit_s = own_s + self.policy.grace_s
        terms = asked.terms if left_s is None else replace(asked.terms, deadline_ms=1000.0 * left_s)
        self.sent = True
        with anyio.move_on_after(limit_s if left_s is None else min(limit_s, left_s + self.policy.grace_s)):
            return await replica.link.call(replace(asked, terms=terms))
        if not self.deadline.allows(0.0):
            raise Exhausted(f"{asked.tool} did not finish in time.", fix="Ask for less, or give it more time.")
        raise Unavailable(f"{replica.agent_id} did not answer within {limit_s:g} s.", field="tool")

    def _nobody(self) -> Unavailable:
        pauses = [each.breaker.statistics().open_left_s for each in self.replicas() if each.link.connected]
        wait_ms = max(NO_REPLICA_RETRY_MS, round(1000 * min(pauses, default=0.0)))
        return Unavailable(
            f"No replica of {self.asked.agent_id} can be called now.",
            field="tool",
            fix="Start the agent, or try again later.",
            retry_after_ms=wait_ms,
        )
