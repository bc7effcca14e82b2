"""Executors that the kill tests kill, with fake tools whose every call is a line in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

EXECUTOR = """
import asyncio, logging, os, sys
from contextlib import AsyncExitStack
from functools import partial
from uuid import UUID
import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
                    logger_factory=structlog.PrintLoggerFactory(sys.stderr))
from redaptive.agents.invoker import ToolResult
from redaptive.errors import InvalidInput
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.invoker import HttpInvoker
from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec
from redaptive.infrastructure.messaging.connections import connect
from redaptive.orchestration.intelligent.engine import checkpoints, dispatch, lease
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions, WorkflowEngine
from redaptive.orchestration.intelligent.event_driven_engine import EventDrivenEngine

calls = os.open(os.environ["E_CALLS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

PRICED = {"t.dear": ToolSpec(scope="t:read", usd_per_call=1.0)}

class FakeTools:
    async def call(self, tool, arguments, *, principal=None, progress=None, terms=None):
        os.write(calls, f"{tool} {terms.idempotency_key}\\n".encode())
        if pause_s := arguments.get("sleep_s", 0.01):
            await asyncio.sleep(pause_s)
        while arguments.get("until") and not os.path.exists(arguments["until"]):
            await asyncio.sleep(0.02)
        if tool == "t.fail":
            raise InvalidInput("No.")
        return ToolResult({"value": arguments.get("x")}, "")

async def main():
    options = EngineOptions(concurrency=int(os.environ["E_CONCURRENCY"]), grace_s=2,
                            park_after_s=float(os.environ["E_PARK_AFTER_S"]))
    if version := os.environ.get("E_VERSION"):  # an executor of another release
        checkpoints.INTERPRETER = dispatch.INTERPRETER = lease.INTERPRETER = version
    async with AsyncExitStack() as stack:
        tools = FakeTools()
        if urls := os.environ.get("E_AGENTS", "").split():  # real agents instead, replicas of one
            tools = await stack.enter_async_context(ResilientInvoker())
            identity = Principal(UUID(int=9), "acme", "engine", frozenset({"lake:read", "lake:write"}))
            for number, url in enumerate(urls):
                opener = partial(HttpInvoker, {"lake": url})
                tools.connect("lake", opener, replica_id=str(number), identity=identity)
        engine = await stack.enter_async_context(WorkflowEngine(os.environ["E_WORKER"], tools, options=options,
                                                                specs=PRICED.get))
        if url := os.environ.get("E_VALKEY"):
            events = EventDrivenEngine(connect(url), engine.pools, engine.executor_id)
            consuming = asyncio.create_task(events.run())
        print(engine.executor_id, flush=True)
        await engine.lost.wait()
    sys.exit(3)

asyncio.run(main())
"""


@dataclass
class Executor:
    """A running executor."""

    process: subprocess.Popen[str]
    id: str

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        """SIGSTOP: it does nothing, and does not know."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)


@dataclass(frozen=True)
class Executors:
    """Starts executors on one database; their calls go to one file."""

    worker_url: str
    folder: Path
    concurrency: int = 8
    park_after_s: float = 3_600.0
    valkey_url: str = ""
    version: str = ""
    agent_urls: tuple[str, ...] = ()

    def start(self) -> Executor:
        """An executor that takes runs already; with `valkey_url` events too, with `agent_urls` it calls real agents."""
        own = {
            "E_WORKER": self.worker_url,
            "E_CALLS": str(self.calls_file),
            "E_CONCURRENCY": str(self.concurrency),
            "E_PARK_AFTER_S": str(self.park_after_s),
            "E_VALKEY": self.valkey_url,
            "E_VERSION": self.version,
            "E_AGENTS": " ".join(self.agent_urls),
        }
        with (self.folder / "executors.log").open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", EXECUTOR],
                env={**os.environ, **own},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        process.stdout.close()
        assert name, (self.folder / "executors.log").read_text()
        return Executor(process, name)

    @property
    def calls_file(self) -> Path:
        return self.folder / "calls"

    def calls(self) -> Counter[str]:
        """How often each call was made, by tool and key."""
        return Counter(self.calls_file.read_text().splitlines()) if self.calls_file.exists() else Counter()
