"""Processes that the kill tests kill: workers that may die at a given step, and a sender that resends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

WORKER = """
import os, random, signal, sys
import anyio, structlog, logging
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.serving import open_tools
from redaptive.streams.worker import StreamWorker
from dataclasses import replace

worker_url, log_url, die_at, die_after = os.environ["W_URL"], os.environ["L_URL"], sys.argv[1], int(sys.argv[2])
left = [die_after]

def step(name):
    if name == die_at:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

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


def start_worker(
    environment: dict[str, str], errors: Path, *, die_at: str = "never", die_after: int = 1
) -> subprocess.Popen[str]:
    """A worker process; with `die_at` it kills itself when it reaches that step for the `die_after`-th time."""
    with errors.open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, die_at, str(die_after)],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=sink,
            text=True,
        )


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9, and wait for the end."""
    process.send_signal(signal.SIGKILL)
    process.wait(30)
