"""Serving agents: over HTTP with `/mcp`, `/health`, `/ready`, `/metrics`, or over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Final

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from redaptive.agents.base import AgentBase
from redaptive.agents.principal import LOOPBACK, SCOPE_KEY, Authenticator, Principal, acting_as
from redaptive.errors import InvalidInput, Unauthorized
from redaptive.infrastructure.health.health_checker import HealthChecker
from redaptive.infrastructure.metrics.metrics_collector import CONTENT_TYPE

Lifespan = Callable[[], AbstractAsyncContextManager[None]]
PROBLEM: Final = "application/problem+json"
LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Serving:
    """How agents are served: who may call, which names the server answers to, what readiness means.

    `hosts` are further host names of a deployment (`agents.example.org`), beside loopback.
    """

    authenticator: Authenticator
    host: str = "127.0.0.1"
    hosts: Sequence[str] = ()
    health: HealthChecker = field(default_factory=HealthChecker)
    lifespan: Lifespan | None = None

    def __post_init__(self) -> None:
        """Refuse to show an unproven identity to the network."""
        if self.authenticator.loopback_only and self.host not in LOOPBACK:
            raise InvalidInput(
                f"Agents without authentication may not listen on {self.host}.",
                field="REDAPTIVE_AGENT_HOST",
                fix="Listen on 127.0.0.1, or configure an identity provider.",
            )

    def transport_security(self) -> TransportSecuritySettings:
        """Host and Origin values that are served; all others are refused (DNS rebinding)."""
        names = [*LOCAL_HOSTS, *self.hosts]
        return TransportSecuritySettings(
            allowed_hosts=[*(f"{name}:*" for name in names), *names],
            allowed_origins=[f"{scheme}://{name}{port}" for scheme in _schemes() for name in names for port in _PORTS],
        )


_PORTS = ("", ":*")


class AuthenticationGate:
    """ASGI: lets authenticated requests through, with their principal in the scope; answers 401 to the rest."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        principal = await self._authenticator.authenticate(HTTPConnection(scope))
        if principal is None:
            await _refusal()(scope, receive, send)
            return
        await self._app({**scope, SCOPE_KEY: principal}, receive, send)


def agent_app(agent: AgentBase, serving: Serving) -> Starlette:
    """One agent at the root: `/mcp`, `/health`, `/ready`, `/metrics`."""
    mcp = _mcp_app(agent, serving)
    return Starlette(routes=[*_operations([agent], serving), Mount("/", app=mcp)], lifespan=_lifespan([agent], serving))


def agents_app(agents: Sequence[AgentBase], serving: Serving) -> Starlette:
    """Several agents in one process, each at `/<id>/mcp`; operations at the root."""
    routes: list[BaseRoute] = _operations(agents, serving)
    routes += [Mount(f"/{agent.id}", app=_mcp_app(agent, serving)) for agent in agents]
    return Starlette(routes=routes, lifespan=_lifespan(agents, serving))


async def serve_http(agents: Sequence[AgentBase], serving: Serving, *, port: int) -> None:
    """Serve until stopped: one agent at the root, several under their ids."""
    app = agent_app(agents[0], serving) if len(agents) == 1 else agents_app(agents, serving)
    config = uvicorn.Config(app, host=serving.host, port=port, log_config=None, access_log=False, lifespan="on")
    await uvicorn.Server(config).serve()


async def serve_stdio(agent: AgentBase, principal: Principal, *, lifespan: Lifespan | None = None) -> None:
    """Serve one client over stdin and stdout, as `principal`. Logs must go to stderr: stdout is the protocol."""
    async with AsyncExitStack() as stack:
        if lifespan is not None:
            await stack.enter_async_context(lifespan())
        stack.enter_context(acting_as(principal))
        await agent.server.run_stdio_async()


def _mcp_app(agent: AgentBase, serving: Serving) -> ASGIApp:
    app = agent.server.streamable_http_app(transport_security=serving.transport_security(), host=serving.host)
    return AuthenticationGate(app, serving.authenticator)


def _operations(agents: Sequence[AgentBase], serving: Serving) -> list[BaseRoute]:
    async def health(_: Request) -> Response:
        return JSONResponse({"status": (await serving.health.live()).status, "agents": [each.id for each in agents]})

    async def ready(_: Request) -> Response:
        report = await serving.health.ready()
        checks = [{"name": check.name, "ok": check.ok} for check in report.checks]
        return JSONResponse({"status": report.status, "checks": checks}, status_code=200 if report.ready else 503)

    async def deep(_: Request) -> Response:
        return JSONResponse(asdict(await serving.health.deep()))

    async def metrics(_: Request) -> Response:
        pages = {id(agent.metrics): agent.metrics for agent in agents}
        return Response(b"".join(page.exposition() for page in pages.values()), media_type=CONTENT_TYPE)

    guarded = AuthenticationGate(Starlette(routes=[Route("/", deep)]), serving.authenticator)
    return [
        Route("/health", health),
        Mount("/health/deep", app=guarded),
        Route("/ready", ready),
        Route("/metrics", metrics),
    ]


def _lifespan(
    agents: Sequence[AgentBase], serving: Serving
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if serving.lifespan is not None:
                await stack.enter_async_context(serving.lifespan())
            for agent in agents:
                await stack.enter_async_context(agent.server.session_manager.run())
            yield

    return run


def _schemes() -> tuple[str, str]:
    return ("http", "https")


def _refusal() -> Response:
    error = Unauthorized("The request proves no identity.", fix="Send a bearer token.")
    body = {"type": "about:blank", "title": "Unauthorized", "status": 401, **error.as_dict()}
    return JSONResponse(body, status_code=401, media_type=PROBLEM, headers={"WWW-Authenticate": "Bearer"})
