"""Calling tools: in this process or over HTTP, behind one protocol."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, cast

import anyio
import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.dispatcher import ProgressFnT
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, RequestParamsMeta

from redaptive.agents.call import BUDGET_USD, DEADLINE_MS, IDEMPOTENCY_KEY
from redaptive.agents.catalogue import require_built
from redaptive.agents.delegation import ON_BEHALF_OF
from redaptive.agents.envelope import error_of, text_of
from redaptive.agents.principal import Principal, acting_as
from redaptive.agents.registry import AgentRegistry
from redaptive.errors import InvalidInput, NotFound, Unavailable

Json = dict[str, Any]
Progress = ProgressFnT
"""Called with done, total and message as the tool reports them."""


@dataclass(frozen=True)
class ToolResult:
    """A successful call: the answer as JSON (`value`, `unit`, `method`, ...) and its readable text."""

    answer: Json
    text: str

    @property
    def value(self) -> Any:
        """The value inside the answer."""
        return self.answer.get("value")


@dataclass(frozen=True)
class Terms:
    """Conditions of a call: a key under which its result is kept, time left in ms, money left in USD.

    `on_behalf_of`: the signed claim for whom the call is made, over HTTP (`delegation.py`).
    """

    idempotency_key: str | None = None
    deadline_ms: float | None = None
    budget_usd: float | None = None
    on_behalf_of: str | None = None

    def meta(self) -> Json:
        """The conditions as `_meta`; what is not set is left out."""
        named = {
            IDEMPOTENCY_KEY: self.idempotency_key,
            DEADLINE_MS: self.deadline_ms,
            BUDGET_USD: self.budget_usd,
            ON_BEHALF_OF: self.on_behalf_of,
        }
        return {key: value for key, value in named.items() if value is not None}


class ToolInvoker(Protocol):
    """Calls a tool by its full name."""

    async def call(
        self,
        tool: str,
        arguments: Json,
        *,
        principal: Principal | None = None,
        progress: Progress | None = None,
        terms: Terms | None = None,
    ) -> ToolResult:
        """The answer.

        :raises RedaptiveError: the error of the tool, as the class of its code.
        """
        ...


class _Clients:
    """Open clients by agent id; enter and leave in the same task.

    They cache nothing: the SDK's cache knows one caller per client, and here many callers share one.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._clients: dict[str, Client] = {}

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every client."""
        self._clients.clear()
        await self._stack.aclose()

    async def _open(self, agent_id: str, client: Client) -> None:
        try:
            self._clients[agent_id] = await self._stack.enter_async_context(client)
        except Exception as error:
            await self._stack.aclose()
            cause = _unreachable(error)
            if cause is None:
                raise
            raise Unavailable(f"The agent {agent_id} did not answer: {cause}.", field="agent") from error

    def _client(self, tool: str) -> Client:
        agent_id = tool.partition(".")[0]
        if agent_id not in self._clients:
            require_built(tool)
            known = ", ".join(sorted(self._clients)) or "none"
            raise NotFound(f"No agent {agent_id}.", field="tool", fix=f"Agents that are connected: {known}.")
        return self._clients[agent_id]

    async def _call(self, tool: str, arguments: Json, progress: Progress | None, terms: Terms | None) -> ToolResult:
        meta = cast(RequestParamsMeta, terms.meta()) if terms else None
        try:
            result = await self._client(tool).call_tool(tool, arguments, progress_callback=progress, meta=meta)
        except (MCPError, httpx2.TransportError, anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            agent_id = tool.partition(".")[0]
            raise Unavailable(f"The agent {agent_id} did not answer: {error}.", field="tool") from error
        return _success(result)


class InProcessInvoker(_Clients):
    """Calls agents of this process: the same middleware, no framing, the caller's context variables."""

    def __init__(self, registry: AgentRegistry) -> None:
        super().__init__()
        self._registry = registry

    async def __aenter__(self) -> Self:
        """Open one client per agent."""
        for agent in self._registry:
            await self._open(agent.id, Client(agent.server, cache=None))
        return self

    async def call(
        self,
        tool: str,
        arguments: Json,
        *,
        principal: Principal | None = None,
        progress: Progress | None = None,
        terms: Terms | None = None,
    ) -> ToolResult:
        """The answer, called as `principal` or else as the principal of this context."""
        with acting_as(principal) if principal else nullcontext():
            return await self._call(tool, arguments, progress, terms)


class HttpInvoker(_Clients):
    """Calls agents at their URLs (`http://host:port/mcp`); identity is the bearer token of the connection."""

    def __init__(self, urls: Mapping[str, str], *, token: str | None = None) -> None:
        super().__init__()
        self._urls = dict(urls)
        self._headers = {"Authorization": f"Bearer {token}"} if token else None

    async def __aenter__(self) -> Self:
        """Open one client per agent."""
        http = await self._stack.enter_async_context(create_mcp_http_client(headers=self._headers))
        for agent_id, url in self._urls.items():
            await self._open(agent_id, Client(streamable_http_client(url, http_client=http), cache=None))
        return self

    async def call(
        self,
        tool: str,
        arguments: Json,
        *,
        principal: Principal | None = None,
        progress: Progress | None = None,
        terms: Terms | None = None,
    ) -> ToolResult:
        """The answer. A principal cannot be asserted over HTTP: the token says who calls."""
        if principal is not None:
            raise InvalidInput("An HTTP call takes its identity from its token.", field="principal")
        return await self._call(tool, arguments, progress, terms)


def _unreachable(error: Exception) -> Exception | None:
    """The failure to reach a peer inside an error; task groups wrap it in exception groups."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, MCPError | httpx2.HTTPError) else None


def _success(result: CallToolResult) -> ToolResult:
    error = error_of(result)
    if error is not None:
        raise error
    return ToolResult(answer=cast(Json, result.structured_content or {}), text=text_of(result))
