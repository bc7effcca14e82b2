"""The servers behind the platform: a URL where one is configured, else a real server started from a wheel."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import valkey
from pydantic import SecretStr

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.services.files import make_folders
from redaptive.infrastructure.services.leases import Leases
from redaptive.infrastructure.services.lifecycle import EmbeddedService
from redaptive.infrastructure.services.mqtt import broker_service
from redaptive.infrastructure.services.postgres import PostgresServer, postgres_version
from redaptive.infrastructure.services.server import Endpoints, Progress, Server, ServiceEndpoint, silent
from redaptive.infrastructure.services.status import ServiceStatus
from redaptive.infrastructure.services.valkey import CACHE_SETTINGS, LOG_SETTINGS, ValkeyServer, valkey_version
from redaptive.infrastructure.services.watch import Watch
from redaptive.settings import Settings

NAMES = ("database", "log", "cache")  # order of stop is the reverse


class ServiceSupervisor:
    """Gives this process the three servers and shares embedded ones with other processes of the same home folder.

    Embedded servers live while anybody uses them: the last process out stops them, unless they were started with
    `keep`. While this process uses them, a server that dies is restarted on its old port.
    """

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home.expanduser().absolute()
        self._configured = _configured_urls(settings)
        self._all = {name: EmbeddedService(_server(name, self._home, settings), self._home) for name in NAMES}
        self._services = {name: self._all[name] for name in NAMES if name not in self._configured}
        self._broker = broker_service(self._home)  # started and ended by those who use it, stopped here with the rest
        self._leases = Leases(self._home / "run")
        self._lease: Path | None = None
        self._owner_pid = os.getpid()
        self._watches: dict[str, Watch] = {}

    def start(self, *, keep: bool = False, progress: Progress | None = None) -> Endpoints:
        """The endpoints of all three servers, ready to use; they stay until `release` (with `keep`: until `stop`).

        Raises Unavailable when a server cannot be brought up (with its last log lines), Conflict for a data folder
        of another major version.
        """
        entering = self._lease is None
        if self._services:
            self._enter(keep)
        try:
            endpoints = self._start_all(progress or silent)
        except BaseException:
            if entering:
                self.release()
            raise
        self._watch()
        return endpoints

    def ensure(self) -> Endpoints:
        """The endpoints after a check of each server: a dead one is restarted; raises Unavailable if it cannot be."""
        return self.start()

    def release(self) -> None:
        """End our use; the last one out stops what is not kept. Safe to call twice."""
        atexit.unregister(self.release)
        if self._lease is None or os.getpid() != self._owner_pid:  # a forked child has no lease of its own
            return
        self._end_watches()
        self._leases.drop(self._lease)
        self._lease = None
        for service in self._in_stop_order():
            service.stop(needed=self._leases.needed)

    def stop(self) -> None:
        """Stop all embedded servers in reverse order, whoever uses them, and end our use."""
        atexit.unregister(self.release)
        self._end_watches()
        self._leases.unkeep()
        if self._lease is not None:
            self._leases.drop(self._lease)
            self._lease = None
        if self._broker.known():
            self._broker.stop(needed=_nobody, forget_deaths=True)
        for service in self._in_stop_order():
            service.stop(needed=_nobody, forget_deaths=True)

    def status(self) -> list[ServiceStatus]:
        """State of the three servers now, and of the broker if there ever was one; starts nothing."""
        found = [
            self._services[name].status() if name in self._services else _external(name, self._configured[name])
            for name in NAMES
        ]
        return [*found, self._broker.status()] if self._broker.known() else found

    @contextmanager
    def session(self) -> Iterator[Endpoints]:
        """The endpoints for the length of a `with` block; inside another use of this supervisor it ends nothing."""
        outermost = self._lease is None
        endpoints = self.start()
        try:
            yield endpoints
        finally:
            if outermost:
                self.release()

    def _enter(self, keep: bool) -> None:
        """Take our lease before any server is looked at, so that nobody who leaves now stops it under us."""
        make_folders(self._home)
        if keep:
            self._leases.keep()
        if self._lease is None:
            self._lease = self._leases.acquire()
            self._owner_pid = os.getpid()
            atexit.register(self.release)

    def _start_all(self, progress: Progress) -> Endpoints:
        found = {name: ServiceEndpoint(name, url, False, None) for name, url in self._configured.items()}
        if self._services:
            with ThreadPoolExecutor(len(self._services), thread_name_prefix="start-service") as pool:
                started = pool.map(lambda service: service.ensure(progress), self._services.values())
                found.update({endpoint.name: endpoint for endpoint in started})
        return Endpoints(**found)

    def _watch(self) -> None:
        self._end_watches()
        self._watches = {name: Watch(service) for name, service in self._services.items()}
        for watch in self._watches.values():
            watch.start()

    def _end_watches(self) -> None:
        for watch in self._watches.values():
            watch.end()
        self._watches = {}

    def failures(self) -> dict[str, RedaptiveError]:
        """Why a server is no longer restarted, by service; empty while all is well."""
        return {name: watch.failure for name, watch in self._watches.items() if watch.failure is not None}

    def _in_stop_order(self) -> list[EmbeddedService]:
        """All that may run, also one started before a URL was configured in its place."""
        return [service for service in reversed(self._all.values()) if service.known()]


def _configured_urls(settings: Settings) -> dict[str, str]:
    given: dict[str, SecretStr | None] = {
        "database": settings.database_url,
        "log": settings.log_url,
        "cache": settings.cache_url,
    }
    return {name: url.get_secret_value() for name, url in given.items() if url is not None}


def _server(name: str, home: Path, settings: Settings) -> Server:
    if name == "database":
        return PostgresServer(home, settings.db_os_user)
    return ValkeyServer(home, name, LOG_SETTINGS if name == "log" else CACHE_SETTINGS)


def _external(name: str, url: str) -> ServiceStatus:
    """Status of a configured server; version None if it does not answer within two seconds."""
    try:
        version = postgres_version(url, timeout_s=2) if name == "database" else valkey_version(url, timeout_s=2.0)
    except (psycopg.Error, valkey.ValkeyError, ValueError):  # ValueError: not a URL
        version = None
    return ServiceStatus(name, "external", version=version, embedded=False)


def _nobody() -> bool:
    return False
