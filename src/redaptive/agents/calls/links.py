"""The way to a replica: an invoker in this process, or a connection over HTTP that is opened again when it breaks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from random import Random
from typing import Protocol

import anyio
import structlog

from redaptive.agents.calls.asked import Asked
from redaptive.agents.delegation import Delegation
from redaptive.agents.invoker import ToolInvoker, ToolResult
from redaptive.agents.principal import Principal
from redaptive.errors import Unauthorized, Unavailable

log = structlog.get_logger(__name__)

Opener = Callable[[], AbstractAsyncContextManager[ToolInvoker]]
"""Opens a connection, e.g. `lambda: HttpInvoker({"water": url})`."""
FIRST_WAIT_S, MOST_WAIT_S = 0.05, 5.0


class Link(Protocol):
    """What a replica is called through."""

    @property
    def connected(self) -> bool:
        """Whether a call can be sent now."""
        ...

    async def call(self, asked: Asked) -> ToolResult:
        """The answer."""
        ...


class DirectLink:
    """An invoker that somebody else keeps open; the caller's identity passes through it."""

    def __init__(self, invoker: ToolInvoker) -> None:
        self._invoker = invoker

    @property
    def connected(self) -> bool:
        """Always."""
        return True

    async def call(self, asked: Asked) -> ToolResult:
        """The answer of the invoker."""
        return await self._invoker.call(
            asked.tool, asked.arguments, principal=asked.principal, progress=asked.progress, terms=asked.terms
        )


class HttpLink:
    """A connection kept open by a task of its own (`run`).

    The SDK's client ends with all its calls when one request breaks, and takes the task that opened it along: here
    that task is ours. `identity` is whom the connection's token stands for: principals of its tenant may call through
    it, and with `delegation` the agent is told which of them does.
    """

    def __init__(
        self,
        name: str,
        opener: Opener,
        *,
        identity: Principal | None = None,
        delegation: Delegation | None = None,
        random: Random,
    ) -> None:
        self._name = name
        self._opener = opener
        self._identity = identity
        self._delegation = delegation
        self._random = random
        self._invoker: ToolInvoker | None = None
        self._closing = anyio.Event()
        self.opened = self.broken = 0

    @property
    def connected(self) -> bool:
        """Whether the connection is open."""
        return self._invoker is not None

    async def run(self) -> None:
        """Hold the connection until `close`; open it again at once when it breaks, then less and less often."""
        failures = 0
        while not self._closing.is_set():
            was_open = await self._hold()
            failures = 0 if was_open else failures + 1
            if not self._closing.is_set():
                self.broken += 1
                longest = min(MOST_WAIT_S, FIRST_WAIT_S * 2.0**failures)
                with anyio.move_on_after(self._random.uniform(longest / 2, longest)):
                    await self._closing.wait()

    def close(self) -> None:
        """Let `run` end; calls in progress fail as with any lost connection."""
        self._invoker = None
        self._closing.set()

    async def call(self, asked: Asked) -> ToolResult:
        """The answer over HTTP, as the identity of the connection once it is sure that the principal may use it."""
        terms = asked.terms
        if asked.principal is not None:
            caller = self._vouched(asked.principal, asked.scope)
            if self._delegation is not None:
                claim = self._delegation.claim(asked.principal, caller.subject, asked.agent_id)
                terms = replace(terms, on_behalf_of=claim)
        invoker = self._invoker
        if invoker is None:
            raise Unavailable(f"{self._name} is not connected.", field="tool")
        return await invoker.call(asked.tool, asked.arguments, progress=asked.progress, terms=terms)

    def _vouched(self, principal: Principal, scope: str | None) -> Principal:
        """The identity that the call is made under."""
        if self._identity is None or principal.tenant_id != self._identity.tenant_id:
            raise Unauthorized(
                f"{self._name} is called under a token of its own, which does not stand for {principal.subject}.",
                field="principal",
                fix="Connect to it with a token of the principal's tenant.",
            )
        if scope is not None:
            principal.require(scope)
        elif self._delegation is None and not principal.scopes >= self._identity.scopes:
            raise Unauthorized(
                f"{self._name} has a tool whose scope is not known here, and {principal.subject} has fewer scopes than "
                "the token that it would be called under.",
                field="scope",
            )
        return self._identity

    async def _hold(self) -> bool:
        """Whether the connection was open before it ended."""
        was_open = False
        try:
            async with self._opener() as invoker:
                self._invoker, was_open = invoker, True
                self.opened += 1
                await self._closing.wait()
        except Exception as error:  # of any kind, grouped or not: the connection is what failed
            log.info("agent_connection_lost", replica=self._name, was_open=was_open, error=str(error) or repr(error))
        finally:
            self._invoker = None
        return was_open
