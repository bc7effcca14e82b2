"""A fake agent for tests of calls between processes: it says who answers, takes its time, and keeps what it wrote.

Files in its home are its store: `runs-<tool>` gets a line per run, `audit` one per call, `release` lets waiting calls
end.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import anyio
from valkey.asyncio import Valkey

from redaptive.agents.base import AgentBase
from redaptive.agents.calls.discovery import announced
from redaptive.agents.keys import delegation
from redaptive.agents.principal import LocalAuthenticator, local_principal
from redaptive.agents.registry import scopes
from redaptive.agents.services import AgentServices, AuditEvent
from redaptive.agents.serving import Serving, serve_http
from redaptive.agents.tool import tool
from redaptive.domain.answers import Answer, DataQuality
from redaptive.infrastructure.discovery.service_registry import ServiceRegistry
from redaptive.infrastructure.logging.structured_logger import configure_logging
from redaptive.infrastructure.resilience.idempotency import ValkeyIdempotencyStore
from redaptive.settings import Settings

READ, WRITE = "lake:read", "lake:write"
TENANT = UUID(int=9)


@dataclass(frozen=True)
class Level:
    """Who measured a lake."""

    by: str


@dataclass(frozen=True)
class FileAudit:
    """An audit whose lines are JSON in a file."""

    path: Path

    async def record(self, event: AuditEvent) -> None:
        with self.path.open("a") as lines:
            lines.write(json.dumps(asdict(event), default=str) + "\n")


class LakeAgent(AgentBase):
    """Levels of lakes."""

    id, version, title, purpose = "lake", "1", "Lake", "Measures lakes."
    name: ClassVar[str] = ""
    home: ClassVar[Path]

    @tool(scope=READ, latency_p50_ms=1, latency_p95_ms=5)
    async def measure(self) -> Answer[Level]:
        """Who answers."""
        return self._done("measure")

    @tool(scope=READ, latency_p50_ms=1, latency_p95_ms=5)
    async def wait(self) -> Answer[Level]:
        """Who answers, once the test lets it."""
        return await self._waited("wait")

    @tool(scope=WRITE, side_effect="write", latency_p50_ms=1, latency_p95_ms=5)
    async def fill(self) -> Answer[Level]:
        """Who filled the lake, once the test lets it."""
        return await self._waited("fill")

    async def _waited(self, what: str) -> Answer[Level]:
        (self.home / f"began-{what}-{self.name}").touch()
        while not (self.home / "release").exists():  # noqa: ASYNC110 -- a file of the test
            await anyio.sleep(0.01)
        return self._done(what)

    def _done(self, what: str) -> Answer[Level]:
        with (self.home / f"runs-{what}").open("a") as runs:
            runs.write(self.name + "\n")
        return Answer(Level(self.name), "name", "test", {}, (), DataQuality(100.0))


def main() -> None:
    """Serve the agent to a test."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--valkey", type=int)
    options = parser.parse_args()
    LakeAgent.name, LakeAgent.home = options.name, options.home
    settings = Settings(home=options.home)
    configure_logging(settings)
    principal = local_principal(TENANT, "acme", scopes(LakeAgent))
    valkey = Valkey(port=options.valkey) if options.valkey else None
    store = ValkeyIdempotencyStore(valkey) if valkey else None
    audit = FileAudit(options.home / "audit")
    agent = LakeAgent(AgentServices(settings, idempotency=store, audit=audit, delegation=delegation(settings)))
    url = f"http://127.0.0.1:{options.port}"
    announce = partial(announced, ServiceRegistry(valkey, ttl_ms=2_000), [agent], base_url=url, replica_id=options.name)
    serving = Serving(LocalAuthenticator(principal), lifespan=announce if valkey else None)
    anyio.run(lambda: serve_http([agent], serving, port=options.port))


if __name__ == "__main__":
    main()
