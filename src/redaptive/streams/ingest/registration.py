"""Gateways of a tenant: register one and give it a secret, list them, look one up by the token that it shows."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.ingest.directory import is_code

TRUST_S: Final = 10.0
"""A token that was good stays so for so long, without asking again."""
_MAX_TRUSTED: Final = 10_000


@dataclass(frozen=True)
class Registered:
    """A new or renewed gateway; the token is shown once and kept nowhere."""

    code: str
    number: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class GatewayRow:
    """A gateway as people see it."""

    code: str
    gateway_no: int
    protocol: str
    state: str
    site: str | None
    meters: int
    last_seen_at: datetime | None


async def register_gateway(
    pools: ConnectionPoolManager, tenant_id: UUID, code: str, protocol: str, *, site: str | None = None
) -> Registered:
    """Register `code`, or give it a new token in place of the old one; raises NotFound for an unknown site."""
    if not is_code(code):
        raise InvalidInput(
            f"{code!r} cannot be a gateway's code.", field="code", fix="Use 1 to 100 characters without / + #."
        )
    secret = secrets.token_urlsafe(24)
    async with pools.transaction(tenant_id) as connection:
        site_id = None
        if site is not None:
            row = await (await connection.execute("SELECT id FROM sites WHERE code = %s", (site,))).fetchone()
            if row is None:
                raise NotFound(f"There is no site {site}.", field="site", fix="Give a site's code.")
            site_id = row["id"]
        cursor = await connection.execute(
            "INSERT INTO gateways (tenant_id, code, protocol, site_id, secret_hash) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, code) DO UPDATE SET secret_hash = excluded.secret_hash,"
            " protocol = excluded.protocol, site_id = coalesce(excluded.site_id, gateways.site_id)"
            " RETURNING gateway_no",
            (tenant_id, code, protocol, site_id, hash_of(secret)),
        )
        row = await cursor.fetchone()
    assert row is not None  # it was written
    return Registered(code, row["gateway_no"], f"{row['gateway_no']}.{secret}")


async def require_meters(pools: ConnectionPoolManager, tenant_id: UUID, meters: Sequence[str]) -> None:
    """Raise NotFound, with the first of them, when the tenant has no meter of one of these codes."""
    rows = await pools.query("SELECT code FROM meters WHERE code = ANY(%s)", (list(meters),), tenant_id=tenant_id)
    unknown = sorted(set(meters) - {row["code"] for row in rows})
    if unknown:
        more = f" (nor {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        raise NotFound(f"There is no meter {unknown[0]}{more}.", field="meter",
                       fix="Import it first; `redaptive meters list` shows the codes.")  # fmt: skip


async def attach_meters(pools: ConnectionPoolManager, tenant_id: UUID, gateway: str, meters: Sequence[str]) -> int:
    """How many meters were newly said to report through the gateway; codes that are unknown are left out."""
    async with pools.transaction(tenant_id) as connection:
        cursor = await connection.execute(
            "INSERT INTO gateway_meters (tenant_id, gateway_id, meter_id, point)"
            " SELECT m.tenant_id, g.id, m.id, m.code FROM meters m"
            " JOIN gateways g ON g.tenant_id = m.tenant_id AND g.code = %s WHERE m.code = ANY(%s)"
            " ON CONFLICT (tenant_id, meter_id) DO UPDATE SET gateway_id = excluded.gateway_id"
            " WHERE gateway_meters.gateway_id <> excluded.gateway_id",
            (gateway, list(meters)),
        )
    return cursor.rowcount


async def list_gateways(pools: ConnectionPoolManager, tenant_id: UUID) -> list[GatewayRow]:
    """The tenant's gateways by code."""
    rows = await pools.query(
        "SELECT g.code, g.gateway_no, g.protocol, g.state, s.code AS site, g.last_seen_at,"
        " (SELECT count(*) FROM gateway_meters m WHERE m.tenant_id = g.tenant_id AND m.gateway_id = g.id) AS meters"
        " FROM gateways g LEFT JOIN sites s ON s.tenant_id = g.tenant_id AND s.id = g.site_id ORDER BY g.code",
        tenant_id=tenant_id,
    )
    return [GatewayRow(**row) for row in rows]


def hash_of(secret: str) -> str:
    """What is kept of a secret; it is 144 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Sender:
    """Who a token belongs to."""

    tenant: str
    gateway: str


class TokenCheck:
    """Senders by token; reads as redaptive_worker."""

    def __init__(self, pools: ConnectionPoolManager, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pools = pools
        self._clock = clock
        self._trusted: dict[str, tuple[float, Sender]] = {}

    async def sender(self, token: str) -> Sender | None:
        """The sender that a token proves; None for a wrong token or a retired gateway."""
        key, now = hash_of(token), self._clock()
        cached = self._trusted.get(key)
        if cached is not None and now - cached[0] < TRUST_S:
            return cached[1]
        found = await self._look_up(token)
        if found is not None:
            if len(self._trusted) >= _MAX_TRUSTED:
                self._trusted.clear()
            self._trusted[key] = (now, found)
        return found

    async def _look_up(self, token: str) -> Sender | None:
        number, _, secret = token.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 10 and secret):
            return None
        rows = await self._pools.query(
            "SELECT t.name, g.code, g.secret_hash FROM gateways g JOIN tenants t ON t.id = g.tenant_id"
            " WHERE g.gateway_no = %s AND g.secret_hash IS NOT NULL AND g.state <> 'retired'",
            (int(number),),
            tenant_id=None,
        )
        if not rows or not hmac.compare_digest(rows[0]["secret_hash"], hash_of(secret)):
            return None
        return Sender(rows[0]["name"], rows[0]["code"])
