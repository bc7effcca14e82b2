"""`redaptive gateway`: who may send readings, and our own gateways for Modbus and BACnet devices."""

from __future__ import annotations

from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.output import out, print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.streams.ingest.registration import (
    GatewayRow,
    Registered,
    attach_meters,
    list_gateways,
    register_gateway,
)
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
        return await list_gateways(running.pools, await running.tenant_id(create=True))

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
