"""Processes that the kill tests kill: workers that may die at a given step, and an ingester over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

DIES_AT_A_STEP = """
import os, signal

left = [die_after]

def step(name):
    if name == die_at:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
"""
"""For scripts that name `die_at` and `die_after` before it: the process kills itself at that step, the n-th time."""

WORKER = (
    """
import os, random, signal, sys
import anyio, structlog, logging
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.serving import open_tools
from redaptive.streams.worker import StreamWorker
from dataclasses import replace

worker_url, log_url, die_at, die_after = os.environ["W_URL"], os.environ["L_URL"], sys.argv[1], int(sys.argv[2])
"""
    + DIES_AT_A_STEP
    + """
async def main():
    settings = Settings()
    store = ReadingsStore.open(settings.readings_root)
    async with open_tools(settings, worker_url=worker_url, log_url=log_url, store=store) as tools:
        worker = StreamWorker(replace(tools, step=step))
        async with anyio.create_task_group() as group:
            async def stops():
                with anyio.open_signal_receiver(signal.SIGTERM) as signals:
                    async for _ in signals:
                        worker.stop()
            group.start_soon(stops)
            print("ready", flush=True)
            await worker.run()
            group.cancel_scope.cancel()

anyio.run(main)
"""
)


INGESTER = """
import os, sys
import anyio, structlog, logging, uvicorn
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from redaptive.settings import Settings
from redaptive.streams.ingest.http import ingest_app
from redaptive.streams.ingest.service import open_gate

async def main():
    async with open_gate(Settings(), worker_url=os.environ["W_URL"], log_url=os.environ["L_URL"]) as gate:
        app = ingest_app(gate.admission, gate.tokens)
        config = uvicorn.Config(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
        await uvicorn.Server(config).serve()

while True:
    try:
        anyio.run(main)
        break
    except Exception as error:  # the database may be down when it starts: as under a supervisor
        print(repr(error), file=sys.stderr)
"""


def start_worker(
    environment: dict[str, str], errors: Path, *, die_at: str = "never", die_after: int = 1
) -> subprocess.Popen[str]:
    """A worker process; with `die_at` it kills itself when it reaches that step for the `die_after`-th time."""
    return _start([WORKER, die_at, str(die_after)], environment, errors)


def start_ingester(environment: dict[str, str], errors: Path, port: int) -> subprocess.Popen[str]:
    """The product's ingest over HTTP on this port, as a process."""
    return _start([INGESTER, str(port)], environment, errors)


def _start(command: list[str], environment: dict[str, str], errors: Path) -> subprocess.Popen[str]:
    with errors.open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-c", *command],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=sink,
            text=True,
        )


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9, and wait for the end."""
    process.send_signal(signal.SIGKILL)
    process.wait(30)
