"""Rate limits: a token bucket in Valkey, shared by all replicas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkey.exceptions import TimeoutError as ValkeyTimeoutError

log = structlog.get_logger(__name__)

BUCKET: Final = """
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local capacity, per_ms, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or capacity, tonumber(state[2]) or now_ms
tokens = math.min(capacity, tokens + math.max(0, now_ms - at) * per_ms)
local allowed = tokens >= cost
if allowed then tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now_ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / per_ms) + 1000)
if allowed then return {1, 0} end
return {0, math.ceil((cost - tokens) / per_ms)}
"""
"""Refill by elapsed server time, then take; one round trip, atomic, on the server's own clock."""


@dataclass(frozen=True)
class Decision:
    """Whether a call may proceed, and if not, after how many milliseconds to try again."""

    allowed: bool
    retry_after_ms: int = 0


@dataclass(frozen=True)
class LimiterStatistics:
    """Counts since start: decisions each way, and calls let through because Valkey did not answer."""

    allowed: int
    refused: int
    failed_open: int


class RateLimiter(Protocol):
    """Decides whether one more call fits."""

    async def acquire(self, key: str) -> Decision:
        """Take one token from the bucket named `key`."""
        ...


class ValkeyLimiter:
    """Token buckets of `per_minute` tokens a minute and the same capacity.

    A limit protects fairness, not correctness: when Valkey does not answer, calls pass and are counted.
    """

    def __init__(self, client: Valkey, *, per_minute: int, capacity: int | None = None, prefix: str = "limit:") -> None:
        self._script = client.register_script(BUCKET)
        self._per_ms = per_minute / 60_000
        self._capacity = capacity or per_minute
        self._prefix = prefix
        self._allowed = self._refused = self._failed_open = 0

    async def acquire(self, key: str) -> Decision:
        """Take one token from the bucket named `key`; allowed when Valkey is down."""
        try:
            allowed, wait_ms = await self._script(
                keys=[self._prefix + key], args=[self._capacity, repr(self._per_ms), 1]
            )
        except (ValkeyConnectionError, ValkeyTimeoutError, OSError) as error:
            self._failed_open += 1
            log.warning("limiter_failed_open", key=key, error=str(error))
            return Decision(True)
        self._allowed += int(allowed)
        self._refused += 1 - int(allowed)
        return Decision(bool(allowed), int(wait_ms))

    def statistics(self) -> LimiterStatistics:
        """Counts since start."""
        return LimiterStatistics(self._allowed, self._refused, self._failed_open)
