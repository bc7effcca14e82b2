"""A complete MCP client in 60 lines: lists an agent's tools and calls one, over stdio or streamable HTTP.

    python scripts/mcp/working_mcp_client.py                                # starts the agent over stdio
    python scripts/mcp/working_mcp_client.py --url http://127.0.0.1:8801/mcp # talks to a running agent

It uses nothing of Redaptive but the command that starts the agent, so it can be copied into your own program.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters

AGENT = "portfolio-intelligence"


def target(url: str | None) -> str | StdioServerParameters:
    """Where to connect: a URL, or a command that speaks MCP on its standard input and output."""
    if url:
        return url
    command = [sys.executable, "-m", "redaptive", "agents", "start", AGENT, "--stdio"]
    return StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))


async def show_progress(done: float, total: float | None, message: str | None) -> None:
    """Prints one line for each progress notification of a long tool."""
    print(f"  ... {done:g}/{total:g} {message or ''}" if total else f"  ... {message or done}", file=sys.stderr)


async def talk(url: str | None, tool: str, arguments: dict[str, object]) -> int:
    """Connects, lists what the agent offers, calls one tool; 0 when the call succeeded."""
    async with Client(target(url)) as client:
        tools = (await client.list_tools()).tools
        print(f"{len(tools)} tools:")
        for each in tools:
            print(f"  {each.name:<52} {(each.description or '').splitlines()[0]}")
        print(f"\ncalling {tool} with {json.dumps(arguments)}")
        result = await client.call_tool(tool, arguments, progress_callback=show_progress)
        print(json.dumps(result.structured_content, indent=2)[:4000])
        return 1 if result.is_error else 0


def main() -> int:
    """Parses the command line and runs the conversation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="streamable HTTP endpoint of a running agent; default: start it over stdio")
    parser.add_argument("--tool", default=f"{AGENT}.analyze_portfolio_usage")
    parser.add_argument("--json", default="{}", help="arguments of the tool")
    args = parser.parse_args()
    return asyncio.run(talk(args.url, args.tool, json.loads(args.json)))


if __name__ == "__main__":
    sys.exit(main())
