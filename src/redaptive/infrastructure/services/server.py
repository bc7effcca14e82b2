"""What the supervisor must know of a kind of server, and the endpoint that users of a server get."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from redaptive.infrastructure.services.os_user import Account

Progress = Callable[[str], None]
"""Told in a few words what is being done, for a person who waits."""


@dataclass(frozen=True)
class ServiceEndpoint:
    """How to reach a server. `url` holds the password and is left out of the repr; `version` is None if not asked."""

    name: str
    url: str = field(repr=False)
    embedded: bool
    version: str | None


@dataclass(frozen=True)
class Endpoints:
    """The three servers; an embedded database is given as its superuser."""

    database: ServiceEndpoint
    log: ServiceEndpoint
    cache: ServiceEndpoint


class Server(Protocol):
    """A server that can be started from a wheel: PostgreSQL or a Valkey."""

    name: str
    title: str
    process_name: str
    stop_signal: signal.Signals
    stop_timeout_s: float

    @property
    def account(self) -> Account | None:
        """The system user that runs it, if not ourselves."""

    @property
    def data_folder(self) -> Path:
        """Where it keeps its data and works; nothing is created by asking."""

    def prepare(self, progress: Progress) -> None:
        """Make the data folder and all else that the command needs; called under the service's lock."""

    def command(self, port: int) -> list[str]:
        """The command that runs it in the foreground on `port` of the loopback address; holds no password."""

    def url(self, port: int) -> str:
        """The URL of the server on `port`, with its password."""

    def probe(self, port: int, pid: int) -> str | None:
        """Its version if it answers a query now, else None; raises Unavailable if it never will."""


def silent(message: str) -> None:
    """A `Progress` for those who do not want to be told."""
