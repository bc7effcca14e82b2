"""`redaptive meters`: the tenant's meters, and a simulated fleet that sends like a real one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import anyio
import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.meters_fleet import LiveSample, live_sample, register_sample
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.domain.portfolio.records import Meter
from redaptive.errors import InvalidInput
from redaptive.streams.ingest.registration import attach_meters, register_gateway
from redaptive.streams.ingest.service import broker_url
from redaptive.streams.ingest.simulation.clock import FleetRun
from redaptive.streams.ingest.simulation.gateway import SimulatedGateway, gateways_of
from redaptive.streams.ingest.simulation.senders import HttpSender, MqttSender, Sender
from redaptive.streams.ingest.simulation.sparkplug import SparkplugSender, data_encoder
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="The tenant's meters, and a simulated fleet that feeds the platform.", no_args_is_help=True)
METERS_A_GATEWAY = 500
REPORT_EVERY_S = 5.0
WAIT_S = 20.0


class Protocol(StrEnum):
    """How the simulated gateways send."""

    MQTT = "mqtt"
    HTTP = "http"
    SPARKPLUG = "sparkplug"


@dataclass(frozen=True)
class SimulationReport:
    """What was sent and acknowledged; `rate` is acknowledged readings a second."""

    meters: int
    gateways: int
    intervals: int
    messages: int
    sent: int
    acked: int
    refused: int
    seconds: float
    rate: float


@app.command("list")
def list_meters(
    building: Annotated[str | None, typer.Option(help="Only this building's.")] = None,
    limit: Annotated[int, typer.Option(help="Rows to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="All of them, machine-readable.")] = False,
) -> None:
    """Show the tenant's meters with their number, unit of time and multiplier."""

    async def run(running: App) -> list[Meter]:
        store = running.portfolio(await running.tenant_id())
        return await store.meters([building] if building else None)

    found = with_app(run, quiet=as_json)
    if as_json:
        print_json([asdict(meter) for meter in found])
        return
    names = ("meter", "building", "commodity", "role", "every", "multiplier", "number")
    columns = tuple(Column(name, name, "s" if name == "every" else "") for name in names)
    rows = tuple(
        (m.code, m.building_code, m.commodity.value, m.role.value, m.interval_s, m.multiplier, str(m.meter_no))
        for m in found
    )
    print_table(Table("meters", "Meters", columns, rows), limit=limit)


@app.command()
def simulate(
    meters: Annotated[int, typer.Option(help="Meters of the fleet, at most 100,000.")] = 200,
    speed: Annotated[str, typer.Option(help="Simulated seconds per second: 1x, 100x, max.")] = "100x",
    gateways: Annotated[int | None, typer.Option(help="Gateways; default one per 500 meters.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after so many real minutes.")] = None,
    intervals: Annotated[int | None, typer.Option(help="Stop after so many intervals.")] = None,
    interval: Annotated[int, typer.Option(help="Seconds between readings: 900, 300 or 60.")] = 900,
    dirty: Annotated[float, typer.Option(help="Share of dirt: copies, late, future, cut off, spikes, gaps.")] = 0.02,
    protocol: Annotated[Protocol, typer.Option(help="How gateways send.")] = Protocol.MQTT,
    start: Annotated[datetime | None, typer.Option(help="First simulated day.", formats=["%Y-%m-%d"])] = None,
    seed: Annotated[int, typer.Option(help="The same seed sends the same readings and dirt.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="The figures at the end, machine-readable.")] = False,
) -> None:
    """Send the sample portfolio's readings like a real fleet, until Ctrl-C or a limit. Needs `redaptive ingest`."""
    if not 0 <= dirty <= 1:
        raise InvalidInput(f"A share of {dirty} is no share.", field="dirty", fix="Give 0 to 1.")
    sample = live_sample(meters, interval, seed, start.date() if start else None)
    wanted = _Wanted(_speed(speed), gateways or max(1, meters // METERS_A_GATEWAY), minutes, intervals, dirty, seed)

    async def run(running: App) -> SimulationReport:
        return await _simulate(running, sample, wanted, protocol)

    report = with_app(run, quiet=as_json)
    if as_json:
        print_json(asdict(report))
    else:
        say(
            f"{report.sent:,} readings sent in {report.messages:,} messages, {report.acked:,} acknowledged"
            f" ({report.rate:,.0f} a second), {report.refused:,} turned away."
        )


@dataclass(frozen=True)
class _Wanted:
    speed: float
    gateways: int
    minutes: float | None
    intervals: int | None
    dirty: float
    seed: int


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    try:
        found = float(text.removesuffix("x"))
    except ValueError:
        found = 0.0
    if not found > 0:
        raise InvalidInput(f"{text!r} is no speed.", field="speed", fix="Give 1x, 100x or max.")
    return found


async def _simulate(running: App, sample: LiveSample, wanted: _Wanted, protocol: Protocol) -> SimulationReport:
    tenant = running.settings.tenant
    tenant_id = await running.tenant_id(tenant, create=True)
    say(f"Tenant {tenant}: registering {len(sample.meters):,} meters.")
    await register_sample(running, tenant_id, sample)
    codes = [meter.code for meter in sample.meters]
    fleet = gateways_of(codes, sample.units, wanted.gateways, seed=wanted.seed, dirt=wanted.dirty)
    for gateway in fleet:
        if protocol is Protocol.SPARKPLUG:
            gateway.encode = data_encoder(gateway.codes)
        gateway.sequence = int(time.time()) * 1_000  # above that of any earlier run: numbers only rise
    tokens = await _register(running, tenant_id, fleet, protocol)
    with ExitStack() as stack:
        sender = await _sender(running, stack, protocol, tokens, fleet)
        run = FleetRun(fleet, sender, sample.interval_s, wanted.speed)
        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_report, run)
            await run.play(sample.ticks(), until=lambda: _is_over(run, wanted, began))
            tasks.cancel_scope.cancel()
        await to_thread.run_sync(sender.close, 30.0)
        seconds = time.monotonic() - began
        sent = sender.statistics
        return SimulationReport(
            len(codes),
            len(fleet),
            run.tick,
            sent.sent_messages,
            sent.sent,
            sent.acked,
            sent.refused,
            round(seconds, 3),
            round(sent.acked / seconds, 1),
        )


def _is_over(run: FleetRun, wanted: _Wanted, began: float) -> bool:
    if wanted.intervals is not None and run.tick >= wanted.intervals:
        return True
    return wanted.minutes is not None and time.monotonic() - began > wanted.minutes * 60


async def _register(
    running: App, tenant_id: UUID, fleet: Sequence[SimulatedGateway], protocol: Protocol
) -> dict[str, str]:
    """Register the gateways with their meters; the token of each."""
    tokens = {}
    for gateway in fleet:
        found = await register_gateway(running.pools, tenant_id, gateway.code, protocol.value)
        await attach_meters(running.pools, tenant_id, gateway.code, list(gateway.codes))
        tokens[gateway.code] = found.token
    return tokens


async def _sender(
    running: App, stack: ExitStack, protocol: Protocol, tokens: dict[str, str], fleet: Sequence[SimulatedGateway]
) -> Sender:
    settings = running.settings
    if protocol is Protocol.HTTP:
        return HttpSender("127.0.0.1", settings.ingest_port, tokens)
    url = await to_thread.run_sync(stack.enter_context, broker_url(settings, say))
    if settings.mqtt_url is None and not await _listens(settings.ingest_port):
        say(f"Waiting up to {WAIT_S:.0f} s for `redaptive ingest` on port {settings.ingest_port}.")
        with anyio.move_on_after(WAIT_S) as waited:
            while not await _listens(settings.ingest_port):  # noqa: ASYNC110 -- asks another process
                await anyio.sleep(0.2)
        if waited.cancelled_caught:
            say("It does not answer: what comes before its first start is acknowledged by the broker and lost.")
    name = f"simulate-{settings.tenant}"
    if protocol is Protocol.SPARKPLUG:
        return await to_thread.run_sync(lambda: SparkplugSender(url, settings.tenant, fleet, name))
    return await to_thread.run_sync(
        lambda: MqttSender(url, lambda code: f"redaptive/{settings.tenant}/{code}/readings", name)
    )


async def _listens(port: int) -> bool:
    """Whether anything takes connections on this port of the machine."""
    try:
        async with await anyio.connect_tcp("127.0.0.1", port):
            return True
    except OSError:
        return False


async def _report(run: FleetRun) -> None:
    last, last_at = 0, time.monotonic()
    while True:
        await anyio.sleep(REPORT_EVERY_S)
        sent, now = run.sender.statistics, time.monotonic()
        rate = (sent.acked - last) / (now - last_at)
        last, last_at = sent.acked, now
        moment = date.fromtimestamp(run.simulated_s)
        behind = f", {run.behind_s:.0f} s behind" if run.behind_s > 1 else ""
        say(f"{moment}  sent {sent.sent:,}  acknowledged {sent.acked:,}  {rate:,.0f}/s{behind}")
