"""What the alert desk serves: `/health`, `/metrics`, and the page behind a link of a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from redaptive.errors import Conflict, RedaptiveError, Unauthorized
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.metrics.metrics_collector import CONTENT_TYPE
from redaptive.streams.alerts.desk import AlertDesk, desk_metrics
from redaptive.streams.alerts.links import Invitation
from redaptive.streams.loopback import serve_on_loopback

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
_STATUS: Final = {"unauthorized": 403, "not_found": 404, "conflict": 409, "unavailable": 503, "exhausted": 503}


def desk_app(desk: AlertDesk, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Starlette:
    """The application of a desk; without links configured `/a/...` says so."""
    metrics = desk_metrics(desk)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "passes": desk.statistics.passes})

    async def page(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    async def link(request: Request) -> Response:
        act = _acknowledged if request.method == "POST" else _asked
        try:
            if desk.links is None:
                raise Unauthorized("This desk gives out no links.", field="link")
            return await act(desk.pools, desk.links.read(request.path_params["token"], clock()))
        except RedaptiveError as error:
            return _page(error.message, error.fix or "", status=_STATUS.get(error.code, 500))

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/metrics", page),
            Route("/a/{token}", link, methods=["GET", "POST"]),
        ]
    )


async def serve_desk(desk: AlertDesk, port: int) -> None:
    """Serve the application on loopback until cancelled; a reverse proxy brings it out."""
    await serve_on_loopback(desk_app(desk), port)


async def _asked(pools: ConnectionPoolManager, invited: Invitation) -> Response:
    """The page with the button; a GET acknowledges nothing."""
    alert = await _usable(pools, invited)
    button = "<form method=post><button>Acknowledge</button></form>"
    return _page(f"Alert {str(invited.alert)[:8]}: {alert}", f"As {invited.engineer}.", more=button)


async def _acknowledged(pools: ConnectionPoolManager, invited: Invitation) -> Response:
    await _usable(pools, invited)
    store = AlertStore(pools, invited.tenant)
    found = await store.acknowledge(invited.alert, who=invited.engineer, why=_why(invited))
    return _page(f"Alert {str(invited.alert)[:8]} is {found.state}.", "Escalation has stopped.")


async def _usable(pools: ConnectionPoolManager, invited: Invitation) -> str:
    """The alert's sentence; raises Conflict when the link was used, or the alert is another occurrence by now."""
    rows = await pools.query(_STANDING, (_why(invited), invited.tenant, invited.alert), tenant_id=invited.tenant)
    if not rows or rows[0]["used"]:
        raise Conflict("This link was used.", fix="`redaptive alerts show` tells what became of the alert.")
    if rows[0]["state"] not in ("open", "acknowledged") or rows[0]["occurrences"] != invited.occurrence:
        raise Conflict(
            f"The alert is {rows[0]['state'].replace('_', ' ')}, or has come again since.",
            fix="Open the newest message about it.",
        )
    return str(rows[0]["evidence"] or "")


def _why(invited: Invitation) -> str:
    return f"by link {invited.id}"


def _page(title: str, text: str, *, more: str = "", status: int = 200) -> Response:
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Redaptive alert</title><style>body{{font:1.1rem sans-serif;margin:2rem;max-width:40rem}}"
        f"button{{font:inherit;padding:.6rem 1.2rem}}</style><h1>{escape(title)}</h1><p>{escape(text)}</p>{more}</html>"
    )
    return HTMLResponse(body, status_code=status, headers=_HEADERS)


_STANDING: Final = """
SELECT a.state, a.occurrences, a.evidence, EXISTS (
  SELECT FROM alert_events e WHERE e.tenant_id = a.tenant_id AND e.alert_id = a.id AND e.why = %s) AS used
FROM alerts a WHERE a.tenant_id = %s AND a.id = %s"""
