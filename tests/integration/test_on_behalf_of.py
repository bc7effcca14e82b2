"""A real agent over HTTP is told for whom a program calls: it audits the person, and believes no forged claim."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import anyio
import pytest
from tests.integration.replica_processes import ReplicaProcess, start_replicas

from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.delegation import Delegation
from redaptive.agents.invoker import HttpInvoker, Terms, ToolInvoker
from redaptive.agents.keys import delegation
from redaptive.agents.principal import Principal, local_principal
from redaptive.errors import Unauthorized
from redaptive.settings import Settings

pytestmark = pytest.mark.anyio
READ, WRITE = "lake:read", "lake:write"
TENANT = UUID(int=9)
ENGINE = local_principal(TENANT, "acme", {READ, WRITE})
ANN = Principal(TENANT, "acme", "ann", frozenset({READ}))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("lake")
    (found / "release").touch()
    return found


@pytest.fixture(scope="module")
def lake(home: Path) -> ReplicaProcess:
    (started,) = start_replicas(("a",), home)
    yield started
    started.kill()


@pytest.fixture(scope="module")
def keys(home: Path, lake: ReplicaProcess) -> Delegation:
    """The keys that the agent made."""
    return delegation(Settings(home=home))


def _last(home: Path) -> tuple[str, str | None, str]:
    line = json.loads((home / "audit").read_text().splitlines()[-1])
    return line["subject"], line["on_behalf_of"], line["outcome"]


@asynccontextmanager
async def _connected(lake: ReplicaProcess, keys: Delegation | None) -> AsyncIterator[ToolInvoker]:
    async with ResilientInvoker() as invoker:
        opener = partial(HttpInvoker, {"lake": lake.url})
        replica = invoker.connect("lake", opener, replica_id="a", identity=ENGINE, delegation=keys)
        with anyio.fail_after(20):
            while not replica.callable:  # noqa: ASYNC110 -- a connection is opened beside
                await anyio.sleep(0.02)
        yield invoker


async def test_the_agent_audits_the_person_and_not_only_the_token(
    home: Path, lake: ReplicaProcess, keys: Delegation
) -> None:
    async with _connected(lake, keys) as invoker:
        await invoker.call("lake.measure", {}, principal=ANN)
        assert _last(home) == ("local", "ann", "ok")
        program = replace(ANN, subject="reporter", on_behalf_of="bob")
        await invoker.call("lake.measure", {}, principal=program)
        assert _last(home) == ("local", "bob", "ok")
        await invoker.call("lake.measure", {}, principal=ENGINE)
        assert _last(home) == ("local", None, "ok"), "it acts for itself"
    async with _connected(lake, None) as invoker:
        with pytest.raises(Unauthorized, match="fewer scopes"):
            await invoker.call("lake.measure", {}, principal=ANN)
        await invoker.call("lake.measure", {}, principal=replace(ANN, scopes=ENGINE.scopes))
        assert _last(home) == ("local", None, "ok"), "without a claim only the token speaks"


async def test_a_claim_takes_rights_away_and_never_adds_any(home: Path, lake: ReplicaProcess, keys: Delegation) -> None:
    async with HttpInvoker({"lake": lake.url}) as http:
        narrow = Terms(on_behalf_of=keys.claim(ANN, "local", "lake"))
        assert (await http.call("lake.measure", {}, terms=narrow)).value == {"by": "a"}
        with pytest.raises(Unauthorized, match="lake:write"):  # the token has it, the person has not
            await http.call("lake.fill", {}, terms=narrow)
        assert _last(home) == ("local", "ann", "unauthorized")
        mighty = replace(ANN, scopes=frozenset({READ, WRITE, "lake:drain"}))
        assert keys.accept(keys.claim(mighty, "local", "lake"), ENGINE, "lake").scopes == {READ, WRITE}


@pytest.mark.parametrize("what", ["forged", "of another agent", "of another caller", "of another tenant", "no claim"])
async def test_a_claim_that_does_not_hold_is_refused(
    home: Path, lake: ReplicaProcess, keys: Delegation, what: str
) -> None:
    claim = {
        "forged": lambda: Delegation(["x" * 40]).claim(ANN, "local", "lake"),
        "of another agent": lambda: keys.claim(ANN, "local", "river"),
        "of another caller": lambda: keys.claim(ANN, "somebody", "lake"),
        "of another tenant": lambda: keys.claim(replace(ANN, tenant_id=UUID(int=8)), "local", "lake"),
        "no claim": lambda: "ann",
    }[what]()
    async with HttpInvoker({"lake": lake.url}) as http:
        with pytest.raises(Unauthorized, match="claim to act for somebody"):
            await http.call("lake.measure", {}, terms=Terms(on_behalf_of=claim))
        assert _last(home) == ("local", None, "unauthorized"), "nobody else is named"
        await http.call("lake.measure", {})
        assert _last(home) == ("local", None, "ok")
