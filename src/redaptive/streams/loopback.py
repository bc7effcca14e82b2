"""Serving an application to this machine only; a reverse proxy brings it out."""

from __future__ import annotations

import uvicorn
from starlette.applications import Starlette


async def serve_on_loopback(app: Starlette, port: int) -> None:
    """Serve until cancelled; signals are left to the program."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    # uvicorn would take the signals for itself.
    await uvicorn.Server(config)._serve()
