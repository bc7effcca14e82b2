"""`redaptive gateway`: who may send readings, and our own gateways for Modbus and BACnet devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import anyio
import typer

from redaptive.app import App
from redaptive.cli.output import out, print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput, Unavailable
from redaptive.settings import Settings
from redaptive.streams.ingest.gateways.bacnet import BacnetReader, FoundObject
from redaptive.streams.ingest.gateways.buffer import SegmentBuffer
from redaptive.streams.ingest.gateways.modbus import ModbusReader
from redaptive.streams.ingest.gateways.points import BacnetMap, ModbusMap, load_map
from redaptive.streams.ingest.gateways.poller import Poller, Uplink
from redaptive.streams.ingest.registration import (
    GatewayRow,
    Registered,
    attach_meters,
    list_gateways,
    register_gateway,
    require_meters,
)
from redaptive.streams.ingest.service import broker_url
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="Gateways: who may send readings, and our own for Modbus and BACnet.", no_args_is_help=True)


@app.command()
def register(
    code: Annotated[str, typer.Argument(help="Code of the gateway, unique in the tenant.")],
    protocol: Annotated[str, typer.Option(help="How it sends, for people.")] = "http",
    site: Annotated[str | None, typer.Option(help="Code of the site where it stands.")] = None,
    meter: Annotated[list[str] | None, typer.Option(help="A meter that reports through it; repeat.")] = None,
) -> None:
    """Register a gateway, or renew its token; the token is shown once."""

    async def run(running: App) -> Registered:
        tenant_id = await running.tenant_id(create=True)
        await require_meters(running.pools, tenant_id, meter or [])
        found = await register_gateway(running.pools, tenant_id, code, protocol, site=site)
        if meter:
            await attach_meters(running.pools, tenant_id, code, meter)
        return found

    found = with_app(run, quiet=True)
    say(f"Gateway {found.code} has number {found.number}. Its token, shown only now:")
    out.print(found.token, soft_wrap=True, markup=False)


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Show the tenant's gateways: protocol, state, meters, when they were last seen."""

    async def run(running: App) -> list[GatewayRow]:
        return await list_gateways(running.pools, await running.tenant_id())

    found = with_app(run, quiet=as_json)
    if as_json:
        print_json([vars(row) for row in found])
        return
    columns = tuple(Column(n, n) for n in ("gateway", "number", "protocol", "state", "site", "meters", "seen"))
    rows = tuple(
        (
            r.code,
            str(r.gateway_no),
            r.protocol,
            r.state,
            r.site or "–",
            r.meters,
            r.last_seen_at.isoformat(timespec="seconds") if r.last_seen_at else "–",
        )
        for r in found
    )
    print_table(Table("gateways", "Gateways", columns, rows))


MapFile = Annotated[Path, typer.Argument(help="The map of devices and points, TOML.", exists=True, dir_okay=False)]
Once = Annotated[bool, typer.Option("--once", help="Read and send once, then stop.")]
SEND_S = 30.0


@app.command()
def modbus(points: MapFile, once: Once = False) -> None:
    """Read Modbus TCP devices at the end of each interval and send what they say; an outage is bridged on disk."""
    found = load_map(points)
    if not isinstance(found, ModbusMap):
        raise InvalidInput("The map is not of a Modbus gateway.", field="protocol", fix="Use `redaptive gateway run`.")
    _run(found, once)


@app.command()
def bacnet(
    points: MapFile,
    once: Once = False,
    discover: Annotated[bool, typer.Option("--discover", help="List devices and objects instead of reading.")] = False,
    address: Annotated[str | None, typer.Option(help="With --discover: ask this address, not everybody.")] = None,
) -> None:
    """Read BACnet/IP devices at the end of each interval and send what they say, or list what there is."""
    found = load_map(points)
    if not isinstance(found, BacnetMap):
        raise InvalidInput("The map is not of a BACnet gateway.", field="protocol", fix='Write protocol = "bacnet".')
    if discover:
        _print_objects(anyio.run(_discover, found, address))
    else:
        _run(found, once)


@app.command()
def run(points: MapFile, once: Once = False) -> None:
    """Run the gateway that the map describes, Modbus or BACnet."""
    _run(load_map(points), once)


def _run(points: ModbusMap | BacnetMap, once: bool) -> None:
    settings = Settings()
    with broker_url(settings, say) as url:
        anyio.run(_serve, points, settings, url, once)


async def _serve(points: ModbusMap | BacnetMap, settings: Settings, url: str, once: bool) -> None:
    device = ModbusReader(points) if isinstance(points, ModbusMap) else BacnetReader(points)
    buffer = SegmentBuffer(settings.home / "gateways" / points.gateway)
    poller = Poller(device, buffer, points.gateway, points.interval_s)
    uplink = Uplink(buffer, url, settings.tenant, points.gateway)
    try:
        if once:
            read, wanted = await poller.poll(), sum(len(each.point) for each in points.device)
            if not read:
                raise Unavailable(f"None of {wanted} values could be read.", field="device",
                                  fix="The lines above say which device is silent, or refuses what.")  # fmt: skip
            say(f"{read} of {wanted} values read.")
            await uplink.drain(SEND_S)
            return
        say(f"Gateway {points.gateway}: every {points.interval_s} s, {buffer.waiting} messages waiting. Ctrl-C stops.")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(poller.run)
            tasks.start_soon(uplink.run)
    finally:
        device.close()


async def _discover(points: BacnetMap, address: str | None) -> list[FoundObject]:
    reader = BacnetReader(points)
    try:
        return await reader.discover(address)
    finally:
        reader.close()


def _print_objects(found: list[FoundObject]) -> None:
    columns = tuple(Column(n, n) for n in ("device", "address", "object", "name", "value", "unit"))
    rows = tuple((str(o.device), o.address, o.object, o.name, o.value, o.unit) for o in found)
    print_table(Table("objects", "Objects", columns, rows), limit=1_000)
