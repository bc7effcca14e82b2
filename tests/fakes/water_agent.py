"""A small agent for tests of the base: it reads, writes, earns money, dawdles, refuses and crashes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import UUID

import anyio
from pydantic import Field

from redaptive.agents.base import AgentBase
from redaptive.agents.principal import LocalAuthenticator, local_principal
from redaptive.agents.registry import scopes
from redaptive.agents.services import AgentServices
from redaptive.agents.serving import Serving, serve_http, serve_stdio
from redaptive.agents.tool import prompt, resource, tool
from redaptive.domain.answers import Answer, DataQuality
from redaptive.errors import Exhausted, NotFound
from redaptive.infrastructure.logging.structured_logger import configure_logging
from redaptive.settings import Settings

READ, WRITE = "water:read", "water:write"
TENANT = UUID(int=7)
SECRET = "postgresql://redaptive:hunter2@db/prod"


@dataclass(frozen=True)
class Leak:
    """Night flow of one meter in litres per hour, and what it costs in USD a day."""

    meter: str
    litres_per_hour: float
    usd_per_day: Decimal


@dataclass(frozen=True)
class Count:
    """How often something ran."""

    runs: int


@dataclass(frozen=True)
class Name:
    """Who is there."""

    name: str


def _answer(value: object, unit: str) -> Answer[object]:
    return Answer(value, unit, "test", {}, (), DataQuality(100.0), warnings=("only a test",))


class WaterAgent(AgentBase):
    """Water use and leak advice."""

    id, version, title, purpose = "water", "1", "Water", "Finds leaks."
    runs = 0

    @tool(scope=READ, latency_p50_ms=20)
    async def find_leaks(self, site: Annotated[str, Field(min_length=1)], days: int = 30) -> Answer[list[Leak]]:
        """Leaks at `site` over the last `days`, largest first."""
        if site == "nowhere":
            raise NotFound("No site nowhere.", field="site", fix="List the sites first.")
        if site == "busy":
            raise Exhausted("Too much at once.", retry_after_ms=250)
        return _answer([Leak("M-1", 12.5, Decimal("9.50"))], "litres/h")

    @tool(scope=WRITE, side_effect="write", compensate_with="water.close_valve", usd_per_call=0.5)
    async def open_valve(self, valve: str) -> Answer[Count]:
        """How often a valve was opened so far."""
        self.runs += 1
        if valve == "stuck":
            raise NotFound("No such valve.", field="valve")
        return _answer(Count(self.runs), "runs")

    @tool(scope=WRITE, side_effect="write")
    async def fill_slowly(self) -> Answer[Count]:
        """How often it ran, after a while."""
        await anyio.sleep(0.3)
        return _answer(Count(1), "runs")

    @tool(scope=READ, timeout_s=0.05, latency_p50_ms=10)
    async def dawdle(self) -> Answer[Count]:
        """Nothing, far too late."""
        await anyio.sleep(60)
        raise AssertionError("the deadline did not stop this")

    @tool(scope=READ)
    async def crash(self) -> Answer[Count]:
        """Never anything."""
        raise RuntimeError(f"cannot reach {SECRET}")

    @tool(scope=READ)
    async def undefined(self) -> Answer[float]:
        """A figure that JSON cannot carry."""
        return _answer(float("nan"), "1")

    @tool(scope=READ)
    async def whoami(self) -> Answer[Name]:
        """The caller, asked for twice with others running in between."""
        before = self.principal.subject
        await anyio.sleep(0.01)
        assert self.principal.subject == before
        return _answer(Name(before), "name")

    @tool(scope=READ)
    async def count_up(self, to: int) -> Answer[Count]:
        """How far it counted; reports progress at each step."""
        for step in range(1, to + 1):
            await self.progress(step, to, f"step {step}")
        return _answer(Count(to), "steps")

    @resource("energy://sites/{code}", scope=READ)
    async def site(self, code: str) -> Name:
        """The name of a site."""
        if code == "nowhere":
            raise NotFound("No site nowhere.", field="code")
        return Name(f"Site {code} of {self.principal.tenant}")

    @prompt(title="Morning round")
    async def morning_round(self, site: str) -> str:
        """The first thing to ask in the morning."""
        return f"Find leaks at {site} and rank them by cost."


def main() -> None:
    """Serve the agent to a test."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    settings = Settings(home=options.home)
    configure_logging(settings)
    principal = local_principal(TENANT, "acme", scopes(WaterAgent))
    agent = WaterAgent(AgentServices(settings))
    if options.port is None:
        anyio.run(serve_stdio, agent, principal)
    else:
        anyio.run(lambda: serve_http([agent], Serving(LocalAuthenticator(principal)), port=options.port))


if __name__ == "__main__":
    main()
