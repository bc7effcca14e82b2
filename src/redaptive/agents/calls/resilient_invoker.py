"""Calling tools so that the failure of one replica is not the caller's: choose, protect, repeat within limits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Self

import anyio
import structlog
from anyio.abc import TaskGroup

from redaptive.agents.calls.asked import Asked
from redaptive.agents.calls.attempt import CallInProgress
from redaptive.agents.calls.links import DirectLink, HttpLink, Link, Opener
from redaptive.agents.calls.outcomes import Listener, StandingOf, unwatched
from redaptive.agents.calls.policy import AgentPolicy, CallPolicy
from redaptive.agents.calls.replicas import Replica
from redaptive.agents.catalogue import catalogue, require_built
from redaptive.agents.delegation import Delegation
from redaptive.agents.invoker import Json, Progress, Terms, ToolInvoker, ToolResult
from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec
from redaptive.errors import Conflict, NotFound
from redaptive.infrastructure.resilience.bulkhead import Bulkhead
from redaptive.infrastructure.resilience.circuit_breaker import CircuitBreaker
from redaptive.infrastructure.resilience.retry_manager import Deadline, RetryBudget, RetryManager

log = structlog.get_logger(__name__)
RESTART_S = 1.0
SpecOf = Callable[[str], ToolSpec | None]


@dataclass
class AgentRoute:
    """What stands between callers and one agent."""

    policy: AgentPolicy
    retries: RetryManager
    bulkhead: Bulkhead
    replicas: dict[str, Replica] = field(default_factory=dict)


class ResilientInvoker:
    """A `ToolInvoker` over the replicas of all agents. Order: deadline, bulkhead, retry, choice, breaker, attempt.

    Enter and leave it in the same task: connections to agents elsewhere live in tasks below it. `standing_of` is
    asked at each choice, `listeners` are told of each attempt; the health monitor is both.
    """

    def __init__(
        self,
        policy: CallPolicy | None = None,
        *,
        standing_of: StandingOf = unwatched,
        listeners: Sequence[Listener] = (),
        spec_of: SpecOf | None = None,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
    ) -> None:
        self.policy = policy or CallPolicy()
        self.routes: dict[str, AgentRoute] = {}
        self._standing_of = standing_of
        self._listeners = list(listeners)
        self._spec_of = spec_of or _catalogued
        self._clock = clock
        self._random = random or Random()  # noqa: S311 -- spreads load, guards nothing
        self._links: dict[tuple[str, str], HttpLink] = {}
        self._group: TaskGroup | None = None
        self._scopes: list[anyio.CancelScope] = []

    async def __aenter__(self) -> Self:
        """Ready to connect to agents elsewhere."""
        self._group = await anyio.create_task_group().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections; an error of the body stays what it is."""
        for scope in self._scopes:
            scope.cancel()
        for link in self._links.values():
            link.close()
        group, self._group = self._group, None
        if group is not None:
            await group.__aexit__(None, None, None)

    def attach(self, agent_id: str, invoker: ToolInvoker, *, replica_id: str = "local") -> Replica:
        """Take up a replica that an open invoker reaches, e.g. `InProcessInvoker`; raises Conflict for a known id."""
        return self._add(agent_id, replica_id, DirectLink(invoker))

    def connect(
        self,
        agent_id: str,
        opener: Opener,
        *,
        replica_id: str,
        identity: Principal | None = None,
        delegation: Delegation | None = None,
    ) -> Replica:
        """Take up a replica elsewhere; the connection is opened in the background, and again whenever it breaks.

        `identity` is whom its token stands for; with `delegation` it is told for whom that one calls.

        :raises Conflict: the id is known already, or this invoker was not entered.
        """
        if self._group is None:
            raise Conflict("The invoker is not open.", fix="Use it in `async with`.")
        name = f"{agent_id} at {replica_id}"
        link = HttpLink(name, opener, identity=identity, delegation=delegation, random=self._random)
        replica = self._add(agent_id, replica_id, link)
        self._links[agent_id, replica_id] = link
        self._group.start_soon(link.run)
        return replica

    def detach(self, agent_id: str, replica_id: str) -> None:
        """Forget a replica; a call that it is busy with moves on where that can do no harm."""
        route = self.routes.get(agent_id)
        if route is not None and route.replicas.pop(replica_id, None) is not None and not route.replicas:
            del self.routes[agent_id]
        link = self._links.pop((agent_id, replica_id), None)
        if link is not None:
            link.close()

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run something beside the calls until this invoker is left, e.g. discovery; begun again when it fails."""
        if self._group is None:
            raise Conflict("The invoker is not open.", fix="Use it in `async with`.")
        self._scopes.append(anyio.CancelScope())
        self._group.start_soon(self._beside, work, self._scopes[-1])

    def listen(self, listener: Listener) -> None:
        """Tell one more listener of each attempt."""
        self._listeners.append(listener)

    async def call(
        self,
        tool: str,
        arguments: Json,
        *,
        principal: Principal | None = None,
        progress: Progress | None = None,
        terms: Terms | None = None,
    ) -> ToolResult:
        """The answer of some replica.

        :raises NotFound: nobody knows the agent.
        :raises Unavailable: the tool is declared but not built (not retryable), or no replica answered.
        :raises Exhausted: no room at the agent, or the deadline passed.
        """
        route = self._route(tool)
        asked = Asked(tool, arguments, self._spec_of(tool), principal, progress, terms or Terms())
        limit_ms = asked.terms.deadline_ms
        deadline = Deadline(None if limit_ms is None else limit_ms / 1000.0, clock=self._clock)
        running = CallInProgress(
            asked,
            lambda: tuple(route.replicas.values()),
            route.policy,
            deadline,
            self._standing_of,
            self._listeners,
            self._random,
        )
        async with route.bulkhead.slot(deadline.left_s()):
            return await route.retries.run(running.attempt, deadline=deadline, repeatable=running.repeatable)

    async def _beside(self, work: Callable[[], Awaitable[None]], scope: anyio.CancelScope) -> None:
        with scope:
            while True:
                try:
                    await work()
                except Exception as error:  # calls must not end because what serves them did
                    log.exception("background_work_failed", error=str(error))
                await anyio.sleep(RESTART_S)

    def _route(self, tool: str) -> AgentRoute:
        agent_id = tool.partition(".")[0]
        if agent_id in self.routes:
            return self.routes[agent_id]
        require_built(tool)
        known = ", ".join(sorted(self.routes)) or "none"
        raise NotFound(f"No agent {agent_id}.", field="tool", fix=f"Agents that are known: {known}.")

    def _add(self, agent_id: str, replica_id: str, link: Link) -> Replica:
        route = self.routes.setdefault(agent_id, self._new_route(agent_id))
        if replica_id in route.replicas:
            raise Conflict(f"{agent_id} has a replica {replica_id} already.", field="replica_id")
        breaker = CircuitBreaker(
            f"{agent_id} at {replica_id}", route.policy.breaker, clock=self._clock, random=self._random
        )
        route.replicas[replica_id] = Replica(agent_id, replica_id, link, breaker)
        return route.replicas[replica_id]

    def _new_route(self, agent_id: str) -> AgentRoute:
        policy = self.policy.of(agent_id)
        retries = RetryManager(policy.retry, RetryBudget(policy.budget, clock=self._clock), random=self._random)
        return AgentRoute(policy, retries, Bulkhead(f"The agent {agent_id}", policy.bulkhead))


def _catalogued(tool: str) -> ToolSpec | None:
    known = catalogue().get(tool)
    return known.spec if known is not None else None
