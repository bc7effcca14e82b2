"""Idempotency keys: the stored result of a call that was already made."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkey.exceptions import TimeoutError as ValkeyTimeoutError

from redaptive.errors import Conflict, Unavailable

log = structlog.get_logger(__name__)
RUNNING: Final = "running"
RUNNING_MS = 10_000
"""How long a claim survives a process that died; a living one renews it three times in that time."""
KEPT_MS = 24 * 3_600_000
"""How long a result is kept."""


IF_MINE: Final = """
local held = redis.call('GET', KEYS[1])
local owner = held and cjson.decode(held).owner
"""
RENEW: Final = IF_MINE + "if owner == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
FINISH: Final = (
    IF_MINE + "if not held or owner == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end return 1"
)
ABANDON: Final = IF_MINE + "if owner == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
"""Only the owner of a claim changes it: one whose claim ran out may have been replaced meanwhile."""


@dataclass(frozen=True)
class Claim:
    """One use of a key: whose, for which tool and arguments; `owner` tells this call from others with the key."""

    tenant_id: UUID
    key: str
    arguments_sha256: str
    owner: str = field(default_factory=lambda: secrets.token_hex(8), compare=False)


class IdempotencyStore(Protocol):
    """Remembers results by key, so that a repeated call has no second effect."""

    async def begin(self, claim: Claim) -> str | None:
        """The stored result as JSON text, or None when the caller now holds the key and must run.

        :raises Conflict: the key was used with other arguments, or its first call is still running.
        :raises Unavailable: the store does not answer; without it nothing can be promised.
        """
        ...

    async def renew(self, claim: Claim) -> None:
        """Say that the call is still running; without that for `RUNNING_MS` the key is free again."""
        ...

    async def finish(self, claim: Claim, result: str) -> None:
        """Store the result."""
        ...

    async def abandon(self, claim: Claim) -> None:
        """Give the key back after a failure, so that a retry runs."""
        ...


class ValkeyIdempotencyStore:
    """Keys in Valkey; a claim is one `SET NX`, so two replicas cannot both run.

    This answers repeats quickly. A tool with an effect also writes the key in its own
    database transaction: that is what survives the loss of Valkey.
    """

    def __init__(self, client: Valkey, *, prefix: str = "idempotency:") -> None:
        self._client = client
        self._prefix = prefix
        self._renew, self._finish, self._abandon = map(client.register_script, (RENEW, FINISH, ABANDON))

    async def begin(self, claim: Claim) -> str | None:
        """The stored result, or None when the caller now holds the key."""
        mine = json.dumps({"arguments": claim.arguments_sha256, "state": RUNNING, "owner": claim.owner})
        try:
            if await self._client.set(self._name(claim), mine, nx=True, px=RUNNING_MS):
                return None
            found = await self._client.get(self._name(claim))
        except (ValkeyConnectionError, ValkeyTimeoutError, OSError) as error:
            raise Unavailable(
                "The store of idempotency keys does not answer.", fix="Try again shortly with the same key."
            ) from error
        return _stored(claim, found) if found is not None else await self.begin(claim)

    async def renew(self, claim: Claim) -> None:
        """Let the claim live on; an outage of Valkey is ridden over, as the claim lives longer than that."""
        try:
            await self._renew(keys=[self._name(claim)], args=[claim.owner, RUNNING_MS])
        except (ValkeyConnectionError, ValkeyTimeoutError, OSError) as error:
            log.warning("claim_not_renewed", key=claim.key, error=str(error))

    async def finish(self, claim: Claim, result: str) -> None:
        """Store the result for a day."""
        text = json.dumps(
            {"arguments": claim.arguments_sha256, "state": "done", "owner": claim.owner, "result": result}
        )
        await self._finish(keys=[self._name(claim)], args=[claim.owner, text, KEPT_MS])

    async def abandon(self, claim: Claim) -> None:
        """Forget the key."""
        await self._abandon(keys=[self._name(claim)], args=[claim.owner])

    def _name(self, claim: Claim) -> str:
        return f"{self._prefix}{claim.tenant_id}:{claim.key}"


def _stored(claim: Claim, found: bytes | str) -> str:
    record = json.loads(found)
    return check_stored(claim, arguments_sha256=record["arguments"], result=record.get("result"))


def check_stored(claim: Claim, *, arguments_sha256: str, result: str | None) -> str:
    """The stored result, once it is certain that it answers this very call.

    :raises Conflict: other arguments under the same key, or no result yet.
    """
    if arguments_sha256 != claim.arguments_sha256:
        raise Conflict(
            f"The idempotency key {claim.key} was already used with other arguments.",
            field="idempotency_key",
            fix="Use a new key for a new call.",
        )
    if result is None:
        raise Conflict(
            f"The first call with the idempotency key {claim.key} is still running.",
            field="idempotency_key",
            fix="Wait for it, then repeat the call to get its result.",
            retry_after_ms=1_000,
        )
    return result
