"""`redaptive agents`: list them, serve them over HTTP or stdio, print client configurations; status of calls."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from redaptive.agents.calls.discovery import announced
from redaptive.agents.principal import LocalAuthenticator
from redaptive.agents.registry import describe, discover
from redaptive.agents.serving import Serving, serve_http, serve_stdio
from redaptive.app import App
from redaptive.cli.agents_status import status
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.ports import require_free_port
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput
from redaptive.settings import Settings
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="The agents: MCP servers with tools, resources and prompts.", no_args_is_help=True)
app.command()(status)
Ids = Annotated[list[str] | None, typer.Argument(help="Agent ids, e.g. portfolio-intelligence.")]


@app.command("list")
def list_agents(
    tools: Annotated[bool, typer.Option("--tools", help="Show each agent's tools too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, with schemas, machine-readable.")] = False,
) -> None:
    """Show the agents there are."""
    found = [describe(agent) for agent in discover().values()]
    if as_json:
        print_json([asdict(agent) for agent in found])
        return
    rows = tuple((a.id, a.version, len(a.tools), len(a.resources), a.purpose.splitlines()[0]) for a in found)
    names = ("id", "version", "tools", "resources", "purpose")
    print_table(Table("agents", "Agents", tuple(Column(n, n) for n in names), rows))
    if tools:
        each = tuple((t.name, t.spec.scope, t.description.splitlines()[0]) for a in found for t in a.tools)
        print_table(Table("tools", "Tools", tuple(Column(n, n) for n in ("tool", "scope", "returns")), each))


@app.command()
def start(
    ids: Ids = None,
    every: Annotated[bool, typer.Option("--all", help="Serve all agents in this process.")] = False,
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak MCP on standard input and output instead.")] = False,
    port: Annotated[int | None, typer.Option(help="Port; default REDAPTIVE_AGENT_PORT.")] = None,
) -> None:
    """Serve agents until Ctrl-C: one at /mcp, several at /ID/mcp, with /health, /ready and /metrics."""
    if not ids and not every:
        raise InvalidInput("No agent is named.", field="ids", fix=f"Give --all or one of: {', '.join(discover())}.")
    if stdio and len(ids or ()) != 1:
        raise InvalidInput("Over stdio exactly one agent is served.", field="ids", fix="Name one agent.")
    with_app(_stdio(str((ids or [""])[0])) if stdio else _http(ids, port), quiet=stdio)


@app.command()
def config(ids: Ids = None) -> None:
    """Print the configuration with which Claude Desktop or an IDE starts agents over stdio."""
    command = {"command": sys.executable, "env": {"REDAPTIVE_TENANT": Settings().tenant}}
    servers = {
        f"redaptive-{agent_id}": {**command, "args": ["-m", "redaptive", "agents", "start", agent_id, "--stdio"]}
        for agent_id in ids or discover()
    }
    print(json.dumps({"mcpServers": servers}, indent=2))


def _stdio(agent_id: str) -> Callable[[App], Awaitable[None]]:
    async def serve(running: App) -> None:
        agent = running.agents([agent_id]).get(agent_id)
        await serve_stdio(agent, await running.local_principal())

    return serve


def _http(ids: list[str] | None, port: int | None) -> Callable[[App], Awaitable[None]]:
    async def serve(running: App) -> None:
        agents = list(running.agents(ids))
        settings = running.settings
        local = LocalAuthenticator(await running.local_principal())
        chosen = port or settings.agent_port
        require_free_port(chosen, "REDAPTIVE_AGENT_PORT", settings.agent_host)
        present = partial(
            announced,
            running.registry,
            agents,
            base_url=f"http://{settings.agent_host}:{chosen}",
            replica_id=f"{socket.gethostname()}-{os.getpid()}",
            tenant=settings.tenant,
        )
        serving = Serving(local, host=settings.agent_host, health=running.health(), lifespan=present)
        for agent in agents:
            path = "/mcp" if len(agents) == 1 else f"/{agent.id}/mcp"
            say(f"{agent.id}: http://{settings.agent_host}:{chosen}{path}  (tenant {settings.tenant})")
        say("Ctrl-C stops.")
        await serve_http(agents, serving, port=chosen)

    return serve
