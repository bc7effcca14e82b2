"""What a tenant may spend on language models a day, in tokens and USD; counted in Valkey, or in this process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, cast

from valkey.asyncio import Valkey

from redaptive.errors import Exhausted

KEEP_S: Final = 172_800


@dataclass(frozen=True)
class Spent:
    """Tokens in and out together, and USD, of one tenant on one day (UTC)."""

    tokens: int = 0
    usd: float = 0.0


class Ledger(Protocol):
    """Where spending is counted."""

    async def spent(self, tenant: str, day: str) -> Spent:
        """What was spent so far."""
        ...

    async def add(self, tenant: str, day: str, spent: Spent) -> None:
        """Count more."""
        ...


class MemoryLedger:
    """Counts in this process only."""

    def __init__(self) -> None:
        self._spent: dict[tuple[str, str], Spent] = defaultdict(Spent)

    async def spent(self, tenant: str, day: str) -> Spent:
        """What was spent so far."""
        return self._spent[tenant, day]

    async def add(self, tenant: str, day: str, spent: Spent) -> None:
        """Count more."""
        before = self._spent[tenant, day]
        self._spent[tenant, day] = Spent(before.tokens + spent.tokens, before.usd + spent.usd)


class ValkeyLedger:
    """Counts for all processes; a day's counters go two days later."""

    def __init__(self, cache: Valkey) -> None:
        self._cache = cache

    async def spent(self, tenant: str, day: str) -> Spent:
        """What was spent so far."""
        found = cast("Awaitable[list[bytes | None]]", self._cache.hmget(_key(tenant, day), ["tokens", "usd"]))
        tokens, usd = await found
        return Spent(int(tokens or 0), float(usd or 0.0))

    async def add(self, tenant: str, day: str, spent: Spent) -> None:
        """Count more."""
        key = _key(tenant, day)
        async with self._cache.pipeline(transaction=True) as pipe:
            pipe.hincrby(key, "tokens", spent.tokens)
            pipe.hincrbyfloat(key, "usd", spent.usd)
            pipe.expire(key, KEEP_S)
            await pipe.execute()


@dataclass(frozen=True)
class LlmBudget:
    """A bound a day and tenant; what is over it is refused before the call, what was paid is counted after it."""

    ledger: Ledger
    tokens_per_day: int
    usd_per_day: float
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def require(self, tenant: str) -> None:
        """Nothing, while something is left.

        :raises Exhausted: when the day's tokens or USD are spent.
        """
        spent = await self.ledger.spent(tenant, self._day)
        if spent.tokens >= self.tokens_per_day or spent.usd >= self.usd_per_day:
            raise Exhausted(
                f"Tenant {tenant} has spent today's budget of language models: "
                f"{spent.tokens:,} tokens, {spent.usd:.2f} USD.",
                field="REDAPTIVE_LLM_USD_PER_DAY",
                fix="Wait until tomorrow (UTC), or raise the budget.",
                retryable=False,
            )

    async def charge(self, tenant: str, tokens: int, usd: float) -> None:
        """Count what a call cost."""
        await self.ledger.add(tenant, self._day, Spent(tokens, usd))

    @property
    def _day(self) -> str:
        return self.clock().astimezone(UTC).date().isoformat()


def _key(tenant: str, day: str) -> str:
    return f"llm:spent:{tenant}:{day}"
