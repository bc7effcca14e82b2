"""`redaptive db`: schema, check, address of the database."""

from __future__ import annotations

from typing import Annotated

import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.output import out, print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.errors import Conflict
from redaptive.infrastructure.database import migrate
from redaptive.infrastructure.database.inspection import SchemaFinding, inspect_schema
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="The energy database: schema, health, address.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the schema to the newest revision (done by itself at the first start)."""

    async def run(running: App) -> str | None:
        return await to_thread.run_sync(migrate.upgrade, running.urls.owner)

    say(f"The schema is at revision {with_app(run)}.")


@app.command()
def history() -> None:
    """Show the revisions of the schema, oldest first."""
    columns = (Column("id", "revision"), Column("title", "what it does"))
    print_table(Table("history", "Schema revisions", columns, tuple((r.id, r.title) for r in migrate.history())))


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Check that the database answers, the schema is current and tenants are kept apart."""

    async def run(running: App) -> list[SchemaFinding]:
        return await to_thread.run_sync(inspect_schema, running.urls.owner)

    findings = with_app(run, quiet=as_json)
    if as_json:
        print_json([vars(f) for f in findings])
    else:
        columns = (Column("ok", "ok"), Column("check", "check"), Column("detail", "what was found"))
        print_table(Table("check", "Database check", columns, tuple((f.ok, f.check, f.detail) for f in findings)))
    if failed := [f.check for f in findings if not f.ok]:
        raise Conflict(f"The database failed: {', '.join(failed)}.", fix="Run `redaptive db upgrade`.")


@app.command()
def url(
    owner: Annotated[bool, typer.Option("--owner", help="The owner's address instead of the application's.")] = False,
) -> None:
    """Print the connection string, password included, for psql and other tools (start the services first)."""

    async def run(running: App) -> str:
        return running.urls.owner if owner else running.urls.app

    out.print(with_app(run, quiet=True), soft_wrap=True, markup=False)
