"""How calls to an agent are protected; one policy for all agents, with exceptions by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redaptive.infrastructure.resilience.bulkhead import BulkheadPolicy
from redaptive.infrastructure.resilience.circuit_breaker import BreakerPolicy
from redaptive.infrastructure.resilience.retry_manager import BudgetPolicy, RetryPolicy


@dataclass(frozen=True)
class AgentPolicy:
    """Breaker per replica; retry, budget and bulkhead per agent.

    `grace_s` is what an agent gets beyond the deadline that it was told, to say so itself; after that it counts as
    hanging. `unknown_timeout_s` is the limit of a tool that no catalogue knows.
    """

    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    bulkhead: BulkheadPolicy = field(default_factory=BulkheadPolicy)
    grace_s: float = 2.0
    unknown_timeout_s: float = 30.0


@dataclass(frozen=True)
class CallPolicy:
    """The policy of every agent that has none of its own."""

    default: AgentPolicy = field(default_factory=AgentPolicy)
    agents: Mapping[str, AgentPolicy] = field(default_factory=dict)

    def of(self, agent_id: str) -> AgentPolicy:
        """The policy of an agent."""
        return self.agents.get(agent_id, self.default)
