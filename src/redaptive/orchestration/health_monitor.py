"""Whether agents can be called, as the engine sees it: polled health and the outcomes of calls, with hysteresis."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import anyio
import httpx2
import structlog

from redaptive.agents.calls.outcomes import CallOutcome, Standing
from redaptive.infrastructure.discovery.service_registry import Health, ServiceRegistry, ServiceReplica

log = structlog.get_logger(__name__)

ProbeResult = Literal["ok", "degraded", "failing"]
Probe = Callable[[], Awaitable[ProbeResult]]
"""Asks a replica how it feels; an exception or a late answer counts as failing."""
Key = tuple[str, str]
_AS_HEALTH: Mapping[Standing, Health] = {
    "healthy": "ok",
    "unknown": "unknown",
    "degraded": "degraded",
    "failing": "failing",
}


@dataclass(frozen=True)
class MonitorPolicy:
    """How fast opinions change. Signals are probes and calls; each is good or bad.

    `degrade_after` bad signals in a row make a replica degraded, `fail_after` failing; `recover_after` good ones
    lift it by one step. A share of `fault_share` at fault among the last `recent` calls keeps it degraded.
    """

    interval_s: float = 5.0
    timeout_s: float = 2.0
    degrade_after: int = 2
    fail_after: int = 4
    recover_after: int = 3
    recent: int = 50
    fault_share: float = 0.2


@dataclass(frozen=True)
class ReplicaHealth:
    """One replica: how it stands and since when (seconds of the monitor's clock), and its last calls."""

    replica_id: str
    standing: Standing
    since: float
    calls: int
    fault_share: float
    p95_ms: float | None


@dataclass(frozen=True)
class AgentHealth:
    """One agent: healthy when all replicas are, failing when none answers, else degraded; unknown before any signal."""

    agent_id: str
    standing: Standing
    replicas: tuple[ReplicaHealth, ...]


@dataclass(frozen=True)
class HealthSnapshot:
    """All agents that are watched, at one moment; for the plan validator and the planners."""

    agents: Mapping[str, AgentHealth]

    @property
    def answering(self) -> frozenset[str]:
        """Agents of which some replica is not failing."""
        return frozenset(key for key, each in self.agents.items() if each.standing != "failing")


@dataclass(frozen=True)
class StandingChange:
    """A replica's new standing."""

    agent_id: str
    replica_id: str
    before: Standing
    after: Standing
    at: float


class HealthMonitor:
    """Watches replicas. `standing` and `heard` are what the resilient invoker wants; `snapshot` is for planning.

    `clock` gives seconds that never run backwards. `on_change` is told of each change of standing.
    """

    def __init__(
        self,
        policy: MonitorPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_change: Callable[[StandingChange], None] | None = None,
    ) -> None:
        self.policy = policy or MonitorPolicy()
        self.changes: deque[StandingChange] = deque(maxlen=200)
        self._clock = clock
        self._on_change = on_change
        self._watched: dict[Key, _Watched] = {}

    def watch(self, agent_id: str, replica_id: str, probe: Probe | None = None) -> None:
        """Take a replica up; without a probe it is judged by its calls alone. Known ones keep their standing."""
        known = self._watched.setdefault((agent_id, replica_id), _Watched(self.policy, since=self._clock()))
        known.probe = probe

    def forget(self, agent_id: str, replica_id: str) -> None:
        """Watch a replica no longer."""
        self._watched.pop((agent_id, replica_id), None)

    def follow(self, replicas: Iterable[ServiceReplica], http: httpx2.AsyncClient) -> None:
        """Watch exactly these replicas, over HTTP where they have a health URL."""
        wanted = {(each.service, each.replica_id): each for each in replicas}
        for key in self._watched.keys() - wanted.keys():
            self.forget(*key)
        for (agent_id, replica_id), each in wanted.items():
            self.watch(agent_id, replica_id, http_probe(http, each.health_url) if each.health_url else None)

    def heard(self, outcome: CallOutcome) -> None:
        """Take the outcome of a call into account; replicas that are not watched are ignored."""
        key = (outcome.agent_id, outcome.replica_id)
        if key in self._watched:
            self._watched[key].called(outcome)
            self._signal(key, "failing" if outcome.at_fault else "ok")

    def standing(self, agent_id: str, replica_id: str) -> Standing:
        """How a replica stands; unknown when it is not watched."""
        known = self._watched.get((agent_id, replica_id))
        return known.standing if known is not None else "unknown"

    def snapshot(self) -> HealthSnapshot:
        """All agents as they stand now."""
        agents: dict[str, list[ReplicaHealth]] = {}
        for (agent_id, replica_id), each in sorted(self._watched.items()):
            agents.setdefault(agent_id, []).append(each.health(replica_id))
        return HealthSnapshot({key: AgentHealth(key, _overall(found), tuple(found)) for key, found in agents.items()})

    async def check(self) -> None:
        """Probe every replica once, all at the same time."""
        async with anyio.create_task_group() as group:
            for key, each in list(self._watched.items()):
                if each.probe is not None:
                    group.start_soon(self._probe, key, each.probe)

    async def run(self) -> None:
        """Probe for ever, every `interval_s`."""
        while True:
            await self.check()
            await anyio.sleep(self.policy.interval_s)

    async def run_with(self, registry: ServiceRegistry, http: httpx2.AsyncClient) -> None:
        """Watch what the registry lists, for ever, and tell it what the probes found."""
        while True:
            self.follow(registry.replicas(), http)
            await self.check()
            for (agent_id, replica_id), each in self._watched.items():
                registry.confirm(agent_id, replica_id, _AS_HEALTH[each.standing])
            await anyio.sleep(self.policy.interval_s)

    async def _probe(self, key: Key, probe: Probe) -> None:
        result: ProbeResult = "failing"
        try:
            with anyio.move_on_after(self.policy.timeout_s):
                result = await probe()
        except Exception as error:  # a probe may fail in any way; the failure is the finding
            log.debug("agent_probe_failed", agent=key[0], replica=key[1], error=str(error))
        self._signal(key, result)

    def _signal(self, key: Key, result: ProbeResult) -> None:
        known = self._watched.get(key)
        if known is None:
            return
        before, now = known.standing, self._clock()
        if known.signal(result, now):
            change = StandingChange(*key, before, known.standing, now)
            self.changes.append(change)
            log.info("agent_standing_changed", agent=key[0], replica=key[1], before=before, after=known.standing)
            if self._on_change is not None:
                self._on_change(change)


@dataclass
class _Watched:
    """The opinion of one replica."""

    policy: MonitorPolicy
    since: float
    probe: Probe | None = None
    standing: Standing = "unknown"
    good: int = 0
    bad: int = 0
    outcomes: deque[CallOutcome] = field(default_factory=deque)

    @property
    def fault_share(self) -> float:
        """Share of the last calls at fault."""
        return sum(each.at_fault for each in self.outcomes) / max(1, len(self.outcomes))

    def called(self, outcome: CallOutcome) -> None:
        """Remember a call."""
        self.outcomes.append(outcome)
        while len(self.outcomes) > self.policy.recent:
            self.outcomes.popleft()

    def signal(self, result: ProbeResult, now: float) -> bool:
        """Whether the standing changed."""
        good = result == "ok"
        self.good, self.bad = (self.good + 1, 0) if good else (0, self.bad + (result == "failing"))
        after = self._better() if good else self._worse(result)
        changed, self.standing = after != self.standing, after
        if changed:
            self.since, self.good = now, 0
        return changed

    def health(self, replica_id: str) -> ReplicaHealth:
        """What a snapshot says of it."""
        times = sorted(each.seconds for each in self.outcomes if not each.at_fault)
        p95_ms = 1000.0 * times[int(0.95 * (len(times) - 1))] if times else None
        return ReplicaHealth(replica_id, self.standing, self.since, len(self.outcomes), self.fault_share, p95_ms)

    def _worse(self, result: ProbeResult) -> Standing:
        if self.bad >= self.policy.fail_after:
            return "failing"
        if self.standing != "failing" and (result == "degraded" or self.bad >= self.policy.degrade_after):
            return "degraded"
        return self.standing

    def _better(self) -> Standing:
        if self.standing == "unknown":
            return "healthy"
        if self.standing == "healthy":
            return "degraded" if self._often_at_fault() else "healthy"
        if self.good < self.policy.recover_after:
            return self.standing
        return "degraded" if self.standing == "failing" or self._often_at_fault() else "healthy"

    def _often_at_fault(self) -> bool:
        return len(self.outcomes) >= self.policy.recent // 5 and self.fault_share >= self.policy.fault_share


def http_probe(http: httpx2.AsyncClient, url: str) -> Probe:
    """A probe of a `/health` URL: its JSON `status`, or failing for anything but a 200."""

    async def probe() -> ProbeResult:
        response = await http.get(url)
        if response.status_code != 200:
            return "failing"
        status = response.json().get("status")
        return "degraded" if status == "degraded" else "failing" if status == "failing" else "ok"

    return probe


def _overall(replicas: Iterable[ReplicaHealth]) -> Standing:
    standings = {each.standing for each in replicas}
    if len(standings) == 1:
        return standings.pop()
    return "healthy" if standings == {"healthy", "unknown"} else "degraded"
