"""The registry of services: each process announces its replicas with an expiry, so that processes find each other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import anyio
import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkey.exceptions import TimeoutError as ValkeyTimeoutError

from redaptive.errors import InvalidInput

log = structlog.get_logger(__name__)

Health = Literal["unknown", "ok", "degraded", "failing"]
IN_PROCESS: Final = "in-process"
"""Endpoint of a replica that lives in this process; others never see it."""
NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)
TTL_MS: Final = 15_000
"""A replica that is silent for so long is gone."""


@dataclass(frozen=True)
class ServiceReplica:
    """One running instance of a service. `tools` maps a tool's name to the hash of its schemas.

    `endpoint` is the URL that it answers at, or `IN_PROCESS`; `health_url` answers 200 while it is alive. `tenant` is
    that of every caller where the replica proves no identity itself (loopback); None where tokens say who calls.
    """

    service: str
    replica_id: str
    endpoint: str
    version: str
    health_url: str | None = None
    tools: Mapping[str, str] = field(default_factory=dict)
    health: Health = "unknown"
    last_seen: datetime = NEVER
    ttl_ms: int = TTL_MS
    tenant: str | None = None

    def __post_init__(self) -> None:
        """Refuse ids that would collide as keys."""
        if not self.service or not self.replica_id or ":" in self.service + self.replica_id:
            raise InvalidInput("A replica needs a service and an id, without ':'.", field="replica_id")

    @property
    def local(self) -> bool:
        """Whether it lives in this process."""
        return self.endpoint == IN_PROCESS

    def alive(self, now: datetime) -> bool:
        """Whether it was seen within its time to live."""
        return now - self.last_seen < timedelta(milliseconds=self.ttl_ms)

    def to_json(self) -> str:
        """The replica as JSON text."""
        return json.dumps({**asdict(self), "tools": dict(self.tools), "last_seen": self.last_seen.isoformat()})

    @classmethod
    def from_json(cls, text: str | bytes) -> ServiceReplica:
        """The replica that `to_json` wrote; fields of newer versions are ignored."""
        wire = {key: value for key, value in json.loads(text).items() if key in cls.__dataclass_fields__}
        return cls(**{**wire, "last_seen": datetime.fromisoformat(wire["last_seen"])})


@dataclass(frozen=True)
class RegistryStatistics:
    """Replicas known and announced by us, and how often Valkey was read and did not answer."""

    known: int
    announced: int
    refreshes: int
    failures: int


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


class ServiceRegistry:
    """Replicas of all services, as announced in Valkey and in this process.

    Without Valkey it knows this process only. While Valkey is away the last view ages: replicas drop out as their
    time to live ends, unless health checks `confirm` them.
    """

    def __init__(
        self,
        client: Valkey | None = None,
        *,
        ttl_ms: int = TTL_MS,
        prefix: str = "services:",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._ttl_ms = ttl_ms
        self._prefix = prefix
        self._clock = clock
        self._own: dict[str, ServiceReplica] = {}
        self._seen: dict[str, ServiceReplica] = {}
        self._refreshes = self._failures = 0

    def replicas(self, service: str | None = None) -> tuple[ServiceReplica, ...]:
        """Replicas that are alive, of one service or of all, by service and id."""
        now = self._clock()
        known = {**self._seen, **self._own}
        found = (each for each in known.values() if (each.local or each.alive(now)) and service in (None, each.service))
        return tuple(sorted(found, key=lambda each: (each.service, each.replica_id)))

    def services(self) -> tuple[str, ...]:
        """Names of services with a replica that is alive."""
        return tuple(sorted({each.service for each in self.replicas()}))

    def tools(self) -> Mapping[str, str]:
        """Tool -> schema hash over all replicas; of replicas that differ, the one with the newest version counts."""
        newest: dict[str, str] = {}
        for each in sorted(self.replicas(), key=lambda replica: (replica.version, replica.last_seen)):
            newest.update(each.tools)
        return newest

    async def announce(self, replica: ServiceReplica) -> None:
        """Make a replica of this process known; `refresh` repeats it until it is withdrawn."""
        self._own[_key(replica)] = replace(replica, last_seen=self._clock(), ttl_ms=self._ttl_ms)
        await self._write([self._own[_key(replica)]])

    async def withdraw(self, service: str, replica_id: str) -> None:
        """Take a replica back at once, so that nobody waits for its time to live."""
        key = f"{service}:{replica_id}"
        self._own.pop(key, None)
        self._seen.pop(key, None)
        if self._client is not None:
            async with self._valkey():
                await self._client.delete(self._prefix + key)
                await self._client.zrem(self._prefix + "index", key)

    def confirm(self, service: str, replica_id: str, health: Health, tools: Mapping[str, str] | None = None) -> None:
        """What a health check found: the replica was seen now, feels so, and has these tools (None: as before)."""
        key = f"{service}:{replica_id}"
        for known in (self._own, self._seen):
            if key in known:
                seen = known[key].last_seen if health == "failing" else self._clock()
                known[key] = replace(
                    known[key], health=health, last_seen=seen, tools=known[key].tools if tools is None else tools
                )

    async def refresh(self) -> None:
        """Announce our own replicas again and read everybody's; keeps the last view when Valkey does not answer."""
        now = self._clock()
        self._own = {key: replace(each, last_seen=now) for key, each in self._own.items()}
        await self._write(self._own.values())
        found = await self._read()
        if found is not None:
            self._refreshes += 1
            self._seen = {_key(each): self._merged(each) for each in found}

    async def run(self) -> None:
        """Refresh for ever, three times in a time to live."""
        while True:
            await self.refresh()
            await anyio.sleep(self._ttl_ms / 3000)

    def statistics(self) -> RegistryStatistics:
        """Counts since start."""
        return RegistryStatistics(len(self.replicas()), len(self._own), self._refreshes, self._failures)

    def _merged(self, read: ServiceReplica) -> ServiceReplica:
        """A replica as read; what our own checks found of it lasts until its announcer says more than "unknown"."""
        known = self._seen.get(_key(read))
        return replace(read, health=known.health) if known is not None and read.health == "unknown" else read

    async def _write(self, replicas: Iterable[ServiceReplica]) -> None:
        public = [each for each in replicas if not each.local]
        if self._client is None or not public:
            return
        async with self._valkey(), self._client.pipeline(transaction=False) as batch:
            for each in public:
                batch.set(self._prefix + _key(each), each.to_json(), px=each.ttl_ms)
            batch.zadd(self._prefix + "index", {_key(each): each.last_seen.timestamp() for each in public})
            await batch.execute()

    async def _read(self) -> list[ServiceReplica] | None:
        if self._client is None:
            return []
        async with self._valkey():
            keys = [key.decode() for key in await self._client.zrange(self._prefix + "index", 0, -1)]
            texts = await self._client.mget([self._prefix + key for key in keys]) if keys else []
            gone = [key for key, text in zip(keys, texts, strict=True) if text is None]
            if gone:
                await self._client.zrem(self._prefix + "index", *gone)
            return [ServiceReplica.from_json(text) for text in texts if text is not None]
        return None

    @asynccontextmanager
    async def _valkey(self) -> AsyncIterator[None]:
        try:
            yield
        except (ValkeyConnectionError, ValkeyTimeoutError, OSError) as error:
            self._failures += 1
            log.warning("service_registry_unreachable", error=str(error))


def _key(replica: ServiceReplica) -> str:
    return f"{replica.service}:{replica.replica_id}"
