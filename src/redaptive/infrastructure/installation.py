"""The servers of an installation and the URLs of its database: what each process needs before anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from anyio import to_thread

from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap, urls_from_settings
from redaptive.infrastructure.services.server import Endpoints, Progress
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings


@dataclass(frozen=True)
class Installation:
    """Where the servers are, and the database's URLs by role."""

    settings: Settings
    endpoints: Endpoints
    urls: DatabaseUrls


@asynccontextmanager
async def open_installation(settings: Settings, *, progress: Progress | None = None) -> AsyncIterator[Installation]:
    """The installation; starts the servers that no URL is configured for and releases them at the end."""
    supervisor = ServiceSupervisor(settings)
    try:
        endpoints = await to_thread.run_sync(lambda: supervisor.start(progress=progress))
        yield Installation(settings, endpoints, await _database(settings, endpoints))
    finally:
        await to_thread.run_sync(supervisor.release)


async def _database(settings: Settings, endpoints: Endpoints) -> DatabaseUrls:
    configured = urls_from_settings(settings)
    if configured is not None:
        return configured
    return await to_thread.run_sync(bootstrap, endpoints.database.url, settings.home / "secrets")
