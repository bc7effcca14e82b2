"""Idempotency keys: the stored result of a call that was already made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkey.exceptions import TimeoutError as ValkeyTimeoutError

from redaptive.errors import Conflict, Unavailable

RUNNING: Final = "running"
RUNNING_MS = 120_000
"""How long a claim survives a caller that died; longer than the deadline of any tool with an effect."""
KEPT_MS = 24 * 3_600_000
"""How long a result is kept."""


@dataclass(frozen=True)
class Claim:
    """One use of a key: whose, for which tool and arguments."""

    tenant_id: UUID
    key: str
    arguments_sha256: str


class IdempotencyStore(Protocol):
    """Remembers results by key, so that a repeated call has no second effect."""

    async def begin(self, claim: Claim) -> str | None:
        """The stored result as JSON text, or None when the caller now holds the key and must run.

        :raises Conflict: the key was used with other arguments, or its first call is still running.
        :raises Unavailable: the store does not answer; without it nothing can be promised.
        """
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

    async def begin(self, claim: Claim) -> str | None:
        """The stored result, or None when the caller now holds the key."""
        mine = json.dumps({"arguments": claim.arguments_sha256, "state": RUNNING})
        try:
            if await self._client.set(self._name(claim), mine, nx=True, px=RUNNING_MS):
                return None
            found = await self._client.get(self._name(claim))
        except (ValkeyConnectionError, ValkeyTimeoutError, OSError) as error:
            raise Unavailable(
                "The store of idempotency keys does not answer.", fix="Try again shortly with the same key."
            ) from error
        return _stored(claim, found) if found is not None else await self.begin(claim)

    async def finish(self, claim: Claim, result: str) -> None:
        """Store the result for a day."""
        text = json.dumps({"arguments": claim.arguments_sha256, "state": "done", "result": result})
        await self._client.set(self._name(claim), text, px=KEPT_MS)

    async def abandon(self, claim: Claim) -> None:
        """Forget the key."""
        await self._client.delete(self._name(claim))

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
