"""MQTT gateway batches end to end into the log, against one reading per message inserted one by one.

Run: `python benchmarks/bench_ingest.py [readings, in millions]` from the checkout. Broker (fsync always), Valkey
(fsync always), PostgreSQL, publisher and ingester are separate processes on this machine. Prints Markdown.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import psycopg

from redaptive.app import open_app
from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, Site
from redaptive.infrastructure.database.bootstrap import bootstrap
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.services.mqtt import embedded_broker
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
from redaptive.streams.ingest.mqtt_client import mqtt_client
from redaptive.streams.ingest.service import open_gate, open_mqtt

METERS, GATEWAYS, START = 12_000, 24, 1_767_225_600
BATCH = METERS // GATEWAYS
TENANT = "bench"


async def prepare(settings: Settings) -> None:
    """The tenant with its meters."""
    async with open_app(settings) as app:
        store = PortfolioStore(app.pools, await app.tenant_id(TENANT, create=True))
        await store.upsert_customers([Customer("C", "C", "office")])
        await store.upsert_sites([Site("S", "S", "C", "America/New_York")])
        await store.upsert_buildings([Building("B", "B", "S", "office", 1e4)])
        await store.upsert_meters(
            [Meter(f"M-{i:05}", "B", Commodity.ELECTRICITY, interval_s=900) for i in range(METERS)]
        )


def rows_payload(gateway: int, number: int) -> bytes:
    """500 readings, an object each."""
    first, start = gateway * BATCH, START + 900 * number
    rows = [
        {"meter": f"M-{first + i:05}", "start": start, "value": 10.25 + (i * 7 + number) % 50, "unit": "kWh"}
        for i in range(BATCH)
    ]
    return json.dumps({"sequence": number, "sent": start, "readings": rows}).encode()


def grid_payload(gateway: int, number: int) -> bytes:
    """The same number of readings as a grid: 125 meters, 4 intervals."""
    first = gateway * BATCH + number % 4 * 125
    values = [[10.25 + (i * 7 + number + j) % 50 for j in range(4)] for i in range(125)]
    meters = [f"M-{first + i:05}" for i in range(125)]
    grid = {"sequence": number, "unit": "kWh", "meters": meters, "start": START + 3_600 * number, "step_s": 900}
    return json.dumps({**grid, "values": values}).encode()


def single_payload(gateway: int, number: int) -> bytes:
    """One reading."""
    row = {
        "meter": f"M-{gateway * BATCH + number % BATCH:05}",
        "start": START + 900 * (number // BATCH),
        "value": 10.25,
    }
    return json.dumps({"sequence": number, "readings": [row]}).encode()


def publish(
    url: str, payload: Callable[[int, int], bytes], messages: int, rate: float, go: Event, results: Any
) -> None:
    """Publish round-robin over the gateways; puts (begin, end, publish -> PUBACK seconds)."""
    client, address = mqtt_client(url, f"bench-{os.getpid()}")
    client.max_inflight_messages_set(256)
    sent: dict[int, float] = {}
    acked: list[float] = []
    room = threading.Semaphore(256)

    def on_publish(_c: Any, _d: Any, mid: int, _r: Any, _p: Any) -> None:
        acked.append(time.time() - sent.get(mid, time.time()))
        room.release()

    client.on_publish = on_publish
    client.connect(address.host, address.port)
    client.loop_start()
    bodies = [payload(i % GATEWAYS, i // GATEWAYS) for i in range(messages)]
    go.wait()
    began = time.time()
    for i, body in enumerate(bodies):
        if rate and (ahead := began + i / rate - time.time()) > 0:
            time.sleep(ahead)
        room.acquire()
        info = client.publish(f"redaptive/{TENANT}/G-{i % GATEWAYS:02}/readings", body, qos=1)
        sent[info.mid] = time.time()
    while len(acked) < messages:
        time.sleep(0.005)
    results.put((began, time.time(), acked))
    client.disconnect()
    client.loop_stop()


async def ours(
    settings: Settings, worker_url: str, log_url: str, broker: str, form: str, messages: int, rate: float = 0.0
) -> tuple[float, list[float], list[float]]:
    """Readings a second from the first publish to the last in the log; publish -> PUBACK, and -> in the log."""
    payload = {"rows": rows_payload, "grid": grid_payload, "single": single_payload}[form]
    context = multiprocessing.get_context("spawn")
    go, results = context.Event(), context.Queue()
    each = 1 if form == "single" else BATCH
    publisher = context.Process(target=publish, args=(broker, payload, messages, rate, go, results))
    async with open_gate(settings, worker_url=worker_url, log_url=log_url) as gate:
        async with open_mqtt(gate, broker, client_id=f"bench-{form}-{time.time_ns()}") as feed:
            admit, in_log, all_in = gate.admission.admit, [], asyncio.Event()

            async def timed(submissions: Any) -> Any:
                receipts = await admit(submissions)
                now = time.time()
                in_log.extend(now - s.received_us / 1e6 for s in submissions)
                if gate.admission.statistics.accepted >= messages * each:
                    all_in.set()
                return receipts

            gate.admission.admit = timed  # type: ignore[method-assign]
            task = asyncio.create_task(feed.run())
            publisher.start()
            await asyncio.sleep(2.0 + messages * (0.0015 if form == "rows" else 0.0003))
            go.set()
            await all_in.wait()
            ended = time.time()
            began, _, acked = await asyncio.to_thread(results.get)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            publisher.join()
    return messages * each / (ended - began), acked, in_log


def peer(url: str, broker: str, messages: int) -> float:
    """The usual build: one reading a message, the callback inserts it and commits."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("DROP TABLE IF EXISTS bench_reading")
    connection.execute("CREATE TABLE bench_reading (meter text, at bigint, value float8, PRIMARY KEY (meter, at))")
    context = multiprocessing.get_context("spawn")
    go, results = context.Event(), context.Queue()
    publisher = context.Process(target=publish, args=(broker, single_payload, messages, 0.0, go, results))
    client, address = mqtt_client(broker, f"peer-{time.time_ns()}")
    done, ready = threading.Event(), threading.Event()
    count = 0

    def on_message(_c: Any, _d: Any, message: Any) -> None:
        nonlocal count
        row = json.loads(message.payload)["readings"][0]
        connection.execute(
            "INSERT INTO bench_reading VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (row["meter"], row["start"], row["value"]),
        )
        count += 1
        if count == messages:
            done.set()

    client.on_message = on_message
    client.on_subscribe = lambda *_: ready.set()
    client.connect(address.host, address.port)
    client.loop_start()
    client.subscribe(f"redaptive/{TENANT}/+/readings", qos=1)
    ready.wait()
    publisher.start()
    time.sleep(3.0)
    go.set()
    done.wait()
    ended = time.time()
    began, _, _ = results.get()
    client.disconnect()
    client.loop_stop()
    connection.close()
    publisher.join()
    return messages / (ended - began)


def _cuts(values: list[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return f"{cuts[49] * 1000:.1f} / {cuts[98] * 1000:.1f}"


def main() -> None:
    """Run all and print the table."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    home = Path(tempfile.mkdtemp(prefix="redaptive-bench-"))
    home.chmod(0o755)
    settings = Settings(home=home, log_level="WARNING", tenant=TENANT, log_memory_mb=2_000)
    supervisor = ServiceSupervisor(settings)
    endpoints = supervisor.start(keep=True)
    try:
        asyncio.run(prepare(settings))
        urls = bootstrap(endpoints.database.url, home / "secrets")
        with embedded_broker(settings) as broker:
            batches = int(millions * 1e6) // BATCH
            print("| | readings/s | publish -> PUBACK p50 / p99 ms | arrival -> in the log p50 / p99 ms |")
            print("|---|---|---|---|")
            shown = [
                ("JSON rows, 500 a message, as fast as possible", "rows", batches, 0.0),
                ("JSON grid, 125 meters x 4, as fast as possible", "grid", batches, 0.0),
                ("JSON rows at 20 messages/s (10,000 readings/s)", "rows", 200, 20.0),
                ("one reading a message, as fast as possible", "single", 20_000, 0.0),
            ]
            rates = {}
            for name, form, messages, rate in shown:
                found, acked, in_log = asyncio.run(
                    ours(settings, urls.worker, endpoints.log.url, broker.url, form, messages, rate)
                )
                rates[name] = found
                print(f"| ours: {name} | {found:,.0f} | {_cuts(acked)} | {_cuts(in_log)} |", flush=True)
            single = peer(urls.owner, broker.url, 5_000)
            print(f"| peer: one reading a message, INSERT each (PostgreSQL, fsync) | {single:,.0f} | | |")
            best, one = max(rates.values()), rates[shown[3][0]]
            rows = rates[shown[0][0]]
            print(f"\nAgainst the peer: rows {rows / single:,.0f} x, grid {best / single:,.0f} x,", end=" ")
            print(f"single messages {one / single:.1f} x.")
    finally:
        supervisor.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
