"""`redaptive call AGENT.TOOL --json '{...}'`: one tool call, JSON out."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from redaptive.agents.catalogue import require_built
from redaptive.agents.invoker import HttpInvoker, InProcessInvoker
from redaptive.app import App
from redaptive.cli.output import err, print_json
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput


def call(
    tool: Annotated[str, typer.Argument(help="Full name, e.g. portfolio-intelligence.analyze_portfolio_usage")],
    arguments: Annotated[str, typer.Option("--json", help="The tool's arguments as a JSON object.")] = "{}",
    url: Annotated[str | None, typer.Option(help="A running agent's /mcp address; default: in this process.")] = None,
) -> None:
    """Call one tool of an agent and print its answer as JSON: value, unit, method, inputs, provenance."""
    parsed = _object(arguments)
    agent_id = tool.partition(".")[0]

    async def show(progress: float, total: float | None, message: str | None) -> None:
        if err.is_terminal:
            err.print(f"[dim]{message or ''} {progress:g}{f'/{total:g}' if total else ''}[/]")

    async def run(running: App) -> dict[str, Any]:
        if url:
            async with HttpInvoker({agent_id: url}) as remote:
                return (await remote.call(tool, parsed, progress=show)).answer
        require_built(tool)
        registry = running.agents([agent_id])
        async with InProcessInvoker(registry) as local:
            principal = await running.local_principal()
            return (await local.call(tool, parsed, principal=principal, progress=show)).answer

    print_json(with_app(run, quiet=True))


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"--json is not JSON: {error.msg} at {place}.", field="--json") from error
    if not isinstance(value, dict):
        raise InvalidInput("--json is not a JSON object.", field="--json", fix='Give e.g. \'{"group_by": "state"}\'.')
    return value
