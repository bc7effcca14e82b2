"""Who is calling: tenant, subject and scopes, carried by a context variable or an HTTP request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from starlette.requests import HTTPConnection

from redaptive.errors import Unauthorized

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SCOPE_KEY = "redaptive.principal"
"""Key of the ASGI scope under which the authentication gate leaves the principal."""


@dataclass(frozen=True)
class Principal:
    """One caller within one tenant; `on_behalf_of` names the person a program acts for."""

    tenant_id: UUID
    tenant: str
    subject: str
    scopes: frozenset[str]
    on_behalf_of: str | None = None

    def require(self, scope: str) -> None:
        """Nothing, if the scope was granted.

        :raises Unauthorized: when it was not; names the scope.
        """
        if scope not in self.scopes:
            raise Unauthorized(
                f"{self.subject} lacks the scope {scope}.",
                field="scope",
                fix=f"Ask an administrator of tenant {self.tenant} to grant {scope}.",
            )


_principal: ContextVar[Principal | None] = ContextVar("redaptive_principal", default=None)


def current_principal() -> Principal | None:
    """The principal of this context, or None outside of a call."""
    return _principal.get()


@contextmanager
def acting_as(principal: Principal) -> Iterator[Principal]:
    """The principal, in force for this context and the tasks it starts."""
    token = _principal.set(principal)
    try:
        yield principal
    finally:
        _principal.reset(token)


def local_principal(tenant_id: UUID, tenant: str, scopes: Iterable[str], *, subject: str = "local") -> Principal:
    """The person at this machine: every scope given, nothing by wildcard."""
    return Principal(tenant_id=tenant_id, tenant=tenant, subject=subject, scopes=frozenset(scopes))


class Authenticator(Protocol):
    """Turns an HTTP request into a principal."""

    @property
    def loopback_only(self) -> bool:
        """True when the authenticator proves nothing, so only this machine may reach the server."""

    async def authenticate(self, connection: HTTPConnection) -> Principal | None:
        """The caller, or None when the request proves no identity."""
        ...


@dataclass(frozen=True)
class LocalAuthenticator:
    """Gives every request the local principal; servers refuse to leave loopback with it."""

    principal: Principal
    loopback_only: bool = True

    async def authenticate(self, connection: HTTPConnection) -> Principal | None:
        """The local principal, provided that the peer is this machine."""
        peer = connection.client
        return self.principal if peer is None or peer.host in LOOPBACK else None
