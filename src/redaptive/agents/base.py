"""What an agent is: a class that declares tools, resources and prompts, and becomes an MCP server."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, TypeVar

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.request_state import RequestStateSecurity
from mcp_types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)
from pydantic import TypeAdapter

from redaptive.agents.middleware.access import request_principal
from redaptive.agents.middleware.production import production
from redaptive.agents.principal import Principal, current_principal
from redaptive.agents.server import AgentServer, mcp_context, typed_tool
from redaptive.agents.services import AgentServices
from redaptive.agents.tool import META, PromptSpec, ResourceSpec, ToolSpec, declared
from redaptive.errors import Unauthorized, Unavailable
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.infrastructure.readings.store import ReadingsStore

ServiceT = TypeVar("ServiceT")
AGENT_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
CACHE_HINTS: Final[dict[CacheableMethod, CacheHint]] = {
    "tools/list": CacheHint(ttl_ms=300_000, scope="public"),
    "prompts/list": CacheHint(ttl_ms=300_000, scope="public"),
    "resources/list": CacheHint(ttl_ms=300_000, scope="public"),
    "resources/templates/list": CacheHint(ttl_ms=300_000, scope="public"),
    "resources/read": CacheHint(ttl_ms=5_000, scope="private"),
}
"""Lists are the same for everybody; what a resource says belongs to one caller and ages quickly."""


class AgentBase:
    """One agent. A subclass sets the four class attributes and decorates methods; the rest follows.

    Tools are named `<id>.<method>` everywhere. A tool parses, checks rows, calls `domain/` and stores,
    and returns an `Answer`; it holds no formula and no SQL.
    """

    id: ClassVar[str]
    version: ClassVar[str]
    title: ClassVar[str]
    purpose: ClassVar[str]

    def __init__(self, services: AgentServices, *, request_state: RequestStateSecurity | None = None) -> None:
        """Build the MCP server; `request_state` holds the keys that all replicas share."""
        _check_identity(type(self))
        self.services = services
        self.metrics = services.metrics or MetricsCollector()
        self.specs = {f"{self.id}.{name}": spec for name, (_, spec) in declared(type(self), ToolSpec).items()}
        self.server = AgentServer(
            self.id,
            title=self.title,
            version=self.version,
            instructions=self.purpose,
            tools=[self._tool(name) for name in declared(type(self), ToolSpec)],
            request_state_security=request_state,
            cache_hints=CACHE_HINTS,
            middleware=production(self.id, self.specs, services, self.metrics),
        )
        self._publish()
        self.extend(self.server)

    @property
    def principal(self) -> Principal:
        """The caller of the tool in progress."""
        principal = current_principal()
        if principal is None:
            raise Unauthorized("The call has no identity.")
        return principal

    async def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Tell the caller how far the work is; without effect when nobody asked for progress."""
        context = mcp_context()
        if context is not None:
            await context.report_progress(done, total, message)

    def need(self, service: ServiceT | None, name: str) -> ServiceT:
        """The service, e.g. `self.need(self.services.pools, "database")`.

        :raises Unavailable: when this process was started without it.
        """
        if service is None:
            raise Unavailable(f"This process has no {name}.", fix="Start the agent through `redaptive agents`.")
        return service

    @property
    def pools(self) -> ConnectionPoolManager:
        """The database; raises Unavailable when this process was started without it."""
        return self.need(self.services.pools, "database")

    @property
    def readings(self) -> ReadingsStore:
        """The readings store; raises Unavailable when this process was started without it."""
        return self.need(self.services.readings, "readings store")

    def extend(self, server: AgentServer) -> None:
        """Hook: add to the server what a declaration cannot say; give each such tool its row in `self.specs`."""

    async def complete(
        self,
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        """Hook: values that begin like `argument.value`, for the arguments of prompts and resource templates."""

    def _tool(self, name: str) -> Any:
        function, spec = declared(type(self), ToolSpec)[name]
        return typed_tool(
            f"{self.id}.{name}", function, getattr(self, name), spec, inspect.cleandoc(function.__doc__ or "")
        )

    def _publish(self) -> None:
        for name, (function, spec) in declared(type(self), ResourceSpec).items():
            self.server.resource(
                spec.uri,
                name=f"{self.id}.{name}",
                title=spec.title,
                description=inspect.getdoc(function),
                mime_type=spec.mime_type,
                meta={META + "scope": spec.scope},
            )(self._reader(getattr(self, name), spec))
        for name, (function, prompt_spec) in declared(type(self), PromptSpec).items():
            self.server.add_prompt(
                Prompt.from_function(
                    getattr(self, name),
                    name=f"{self.id}.{name}",
                    title=prompt_spec.title,
                    description=inspect.getdoc(function),
                )
            )
        if type(self).complete is not AgentBase.complete:
            self.server.completion()(self.complete)  # type: ignore[no-untyped-call]  # untyped in the SDK

    def _reader(self, read: Callable[..., Awaitable[object]], spec: ResourceSpec) -> Callable[..., Awaitable[object]]:
        adapter: TypeAdapter[object] = TypeAdapter(inspect.signature(read, eval_str=True).return_annotation)

        @functools.wraps(read)
        async def reader(**given: str) -> str | bytes:
            self.principal.require(spec.scope)
            content = await read(**given)
            return content if isinstance(content, str | bytes) else adapter.dump_json(content).decode()

        return reader


def state_owner(context: Any) -> str | None:
    """Whom a sealed request state belongs to: a retry by anybody else is refused."""
    principal = request_principal(context)
    return f"{principal.tenant_id}:{principal.subject}" if principal else None


def _check_identity(agent: type[AgentBase]) -> None:
    for name in ("id", "version", "title", "purpose"):
        if not getattr(agent, name, None):
            raise TypeError(f"{agent.__name__} must set the class attribute {name}")
    if not AGENT_ID.fullmatch(agent.id):
        raise TypeError(f"{agent.__name__}.id is {agent.id!r}; use lower-case words joined by '-'")
