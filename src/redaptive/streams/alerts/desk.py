"""The alert desk: judges what workers confirmed, tells people, sends, escalates, closes. Several may run at once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import anyio
import psycopg
import structlog
from anyio import to_thread

from redaptive.domain.alerts.comparable import Episode
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S
from redaptive.domain.alerts.pricing import BEYOND_MONEY
from redaptive.domain.alerts.triage import triage
from redaptive.domain.alerts.weighing import WEIGHED, Weighed, weigh
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.database.session import session
from redaptive.infrastructure.database.statistics import PoolCollector
from redaptive.infrastructure.messaging.events.alert_events import AlertOpened
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.reference.loader import ReferenceData
from redaptive.settings import Settings
from redaptive.streams.alerts.closing import close_gone, close_over
from redaptive.streams.alerts.delivery import deliver
from redaptive.streams.alerts.dossier import Dossier, compile_dossiers
from redaptive.streams.alerts.escalation import escalate
from redaptive.streams.alerts.history import MOST_METERS, read_episodes
from redaptive.streams.alerts.intake import CHANNEL
from redaptive.streams.alerts.links import Links, kept_secret
from redaptive.streams.alerts.playbook import Playbook
from redaptive.streams.alerts.policy import Policies, read_policies
from redaptive.streams.alerts.reviewing import adopt, postpone, read_standing, review, write_figures
from redaptive.streams.alerts.routing import Roster, read_roster, route
from redaptive.streams.alerts.surroundings import read_pending, read_queue, waiting_tenants
from redaptive.streams.alerts.verdicts import write

PAUSE_S: Final = 2.0
FAILED_PAUSE_S: Final = 5.0
STORE_MB: Final = 256
"""Memory for reading stored hours."""
LOOK_EVERY: Final = timedelta(seconds=30)
log = structlog.get_logger(__name__)


@dataclass
class DeskStatistics:
    """Counts since the start."""

    passes: int = 0
    judged: int = 0
    opened: int = 0
    closed: int = 0
    escalated: int = 0
    sent: int = 0
    failed: int = 0
    dead: int = 0


@dataclass
class AlertDesk:
    """One desk over all tenants. `pools` is of the role redaptive_worker; `budget` alerts per engineer and day."""

    pools: ConnectionPoolManager
    channels: Channels
    playbook: Playbook
    budget: int = 30
    links: Links | None = None
    store: ReadingsStore | None = None
    """Stored readings, by which episodes of use are weighed and priced; None: by the alarms alone."""
    statistics: DeskStatistics = field(default_factory=DeskStatistics)
    standing: dict[str, float] = field(default_factory=dict)
    """Alerts of all tenants that are open by severity, and times of the last 30 days; no older than half a minute."""
    _looked: datetime | None = None
    _written: anyio.Event = field(default_factory=anyio.Event)

    async def run_once(self, now: datetime | None = None) -> DeskStatistics:
        """One pass over everything; `now` None is the database's clock. Returns the counts since the start."""
        await self.tend(now)
        await self.send(now)
        return self.statistics

    async def tend(self, now: datetime | None = None) -> None:
        """Judge, close and escalate: what people shall be told of is in the outbox then."""
        await self.judge(now)
        async with self.pools.transaction(None) as connection:
            at = now or await _clock(connection)
            self.statistics.closed += await close_gone(connection, at)
            self.statistics.escalated += await escalate(connection, self.budget, at, self.links)
            await self._look(connection, at)
        self.statistics.passes += 1
        self._written.set()

    async def send(self, now: datetime | None = None) -> None:
        """Send a batch of what is due; a receiver that hangs keeps this waiting, and nothing else."""
        done = await deliver(self.pools, self.channels, now)
        self.statistics.sent += done.sent
        self.statistics.failed += done.again
        self.statistics.dead += done.dead

    async def sends(self) -> None:
        """Send until cancelled: after each look, and at least every two seconds. Outages are logged and sat out."""
        while True:
            try:
                await self.send()
            except RedaptiveError as error:
                log.warning("alert_sending_waits", error=error.message, code=error.code)
                await anyio.sleep(FAILED_PAUSE_S)
            with anyio.move_on_after(PAUSE_S):
                await self._written.wait()
            self._written = anyio.Event()

    async def _look(self, connection: Connection, at: datetime) -> None:
        """Count what stands open, every now and then: metrics are read from here, not from the database."""
        if self._looked is not None and at - self._looked < LOOK_EVERY:
            return
        row = await (await connection.execute(_STANDING, {"since": at - timedelta(days=30)})).fetchone()
        self._looked, self.standing = at, {name: float(value or 0) for name, value in (row or {}).items()}

    async def _roster(self, connection: Connection, tenant: UUID, at: datetime) -> Roster:
        return await read_roster(connection, tenant, self.budget, at, self.links)

    async def judge(self, now: datetime | None = None) -> None:
        """Triage, price and route what is confirmed, one transaction per tenant; a tenant's failure stops no other."""
        async with self.pools.transaction(None) as connection:
            tenants = await waiting_tenants(connection, now or await _clock(connection))
        for tenant in tenants:
            try:
                async with self.pools.transaction(None) as connection:
                    await self._judge_tenant(connection, tenant, now)
            except RedaptiveError as error:
                log.error("alert_judging_failed", tenant=str(tenant), error=error.message)

    async def _judge_tenant(self, connection: Connection, tenant: UUID, now: datetime | None) -> None:
        if not await _alone(connection, tenant):
            return
        at = now or await _clock(connection)
        pending, weighed = await self._weighed(connection, tenant, await read_pending(connection, tenant, at), at)
        queue = await read_queue(connection, tenant, pending)
        outcome = triage(queue.pending, replace(queue.around, weighed=weighed), int(at.timestamp()))
        opened = await write(connection, tenant, outcome, queue.around, at)
        await postpone(connection, tenant, outcome.waits)
        await adopt(connection, tenant, {key: weighed[key] for key in opened.fresh if key in weighed})
        opened = replace(opened, touched=(*opened.touched, *await self._reviewed(connection, tenant, at)))
        self.statistics.judged += len(outcome.verdicts)
        policies = await read_policies(connection, tenant)
        alerts = [*opened.fresh, *opened.touched]
        dossiers = await compile_dossiers(connection, tenant, alerts, self.playbook, policies)
        fresh = set(opened.fresh)
        told = await _drop_cheap(connection, tenant, [d for d in dossiers if d.id in fresh], policies)
        self.statistics.opened += len(told)
        await _announce(connection, tenant, told)
        told += [d for d in dossiers if d.id not in fresh and d.worse]
        await route(connection, tenant, told, await self._roster(connection, tenant, at), policies, at)

    async def _weighed(
        self, connection: Connection, tenant: UUID, pending: tuple[Fault, ...], at: datetime
    ) -> tuple[tuple[Fault, ...], Mapping[UUID, Weighed]]:
        """The faults that can be judged now, and what readings say of those in use; more than a pass can take wait."""
        if self.store is None:
            return pending, {}
        in_use = [f for f in pending if f.kind in WEIGHED and f.meter_no]
        taken = set(list(dict.fromkeys(f.meter_no for f in in_use))[:MOST_METERS])
        looked_at = [f for f in in_use if f.meter_no in taken]
        episodes = await self._episodes(connection, tenant, looked_at, at)
        if episodes is None:
            episodes, looked_at = {}, []
        now_s, left = int(at.timestamp()), {f.id for f in in_use} - {f.id for f in looked_at}
        weighed = await to_thread.run_sync(_all_weighed, looked_at, episodes, now_s)  # up to a second, messages go on
        return tuple(f for f in pending if f.id not in left), weighed

    async def _reviewed(self, connection: Connection, tenant: UUID, at: datetime) -> list[UUID]:
        """Look again at open alerts that opened by readings: close what is over, renew the figures of the others."""
        standing = await read_standing(connection, tenant, at) if self.store is not None else []
        faults = [each.fault for each in standing]
        episodes = await self._episodes(connection, tenant, faults, at) if faults else None
        if episodes is None:
            return []
        found = await to_thread.run_sync(review, standing, episodes)
        await write_figures(connection, tenant, found.figures)
        unsaid = {f.id: f.look_s + DAY_S for f in faults if f.id not in found.figures and f.id not in found.over}
        await postpone(connection, tenant, unsaid, open_ones=True)
        self.statistics.closed += await close_over(connection, tenant, found.over, at)
        return list(found.figures)

    async def _episodes(
        self, connection: Connection, tenant: UUID, faults: Sequence[Fault], at: datetime
    ) -> Mapping[UUID, Episode] | None:
        """What is stored of these alerts' meters; None where it cannot be read now."""
        if self.store is None:
            return None
        try:
            return await read_episodes(connection, self.store, tenant, faults, at)
        except RedaptiveError as error:
            log.warning("alert_readings_away", tenant=str(tenant), error=error.message)
            return None


def _all_weighed(faults: Sequence[Fault], episodes: Mapping[UUID, Episode], now_s: int) -> dict[UUID, Weighed]:
    """What readings say of each fault, where they say anything."""
    found = {f.id: weigh(f, episodes[f.id], now_s) for f in faults if f.id in episodes}
    return {key: weighed for key, weighed in found.items() if weighed is not None}


Serve = Callable[[AlertDesk], Coroutine[Any, Any, None]]
"""Serves a desk until cancelled."""


async def run_desk(
    settings: Settings,
    worker_url: str,
    reference: ReferenceData,
    serve: Serve | None = None,
) -> None:
    """Run a desk until cancelled; woken by confirmations, and every two seconds. Outages are logged and sat out.

    `serve` is run beside it.
    """
    pool = ConnectionPoolManager(
        worker_url, name="alerts", min_size=1, max_size=4, statement_timeout_s=settings.statement_timeout_s
    )
    store = ReadingsStore.open(settings.readings_root, memory_mb=STORE_MB)
    with closing(store):
        async with pool as pools:
            channels, links = Channels.from_settings(settings), links_of(settings)
            desk = AlertDesk(pools, channels, Playbook(reference), settings.alerts_per_engineer_day, links, store)
            try:
                async with anyio.create_task_group() as group:
                    if serve is not None:
                        group.start_soon(serve, desk)
                    group.start_soon(desk.sends)
                    while True:
                        try:
                            await _listen(worker_url, desk)
                        except psycopg.OperationalError as error:
                            log.warning("alert_desk_waits_for_database", error=" ".join(str(error).split()))
                            await anyio.sleep(FAILED_PAUSE_S)
            finally:
                log.info("alert_desk_stopped", **asdict(desk.statistics))


async def _listen(worker_url: str, desk: AlertDesk) -> None:
    """A pass at once, then whenever something is confirmed and at least every two seconds."""
    async with session(worker_url, connect_timeout=5) as listener:
        await listener.execute(f"LISTEN {CHANNEL}".encode())
        while True:
            try:
                await desk.tend()
            except RedaptiveError as error:
                log.warning("alert_pass_failed", error=error.message, code=error.code)
                await anyio.sleep(FAILED_PAUSE_S)
            async for _ in listener.notifies(timeout=PAUSE_S, stop_after=1):
                pass


def links_of(settings: Settings) -> Links | None:
    """What signs links, if messages shall carry any."""
    if settings.alert_link_url is None:
        return None
    given = settings.alert_link_secret
    secret = given.get_secret_value().encode() if given else kept_secret(settings.home / "secrets" / "alert-links")
    return Links(secret, settings.alert_link_url)


def desk_metrics(desk: AlertDesk) -> MetricsCollector:
    """Metrics of a desk's process: `redaptive_alert_desk_*` counts, `redaptive_alerts_*` what stands open, the pool."""
    metrics = MetricsCollector()
    metrics.registry.register(PoolCollector([desk.pools]))
    metrics.attach("alert_desk", lambda: asdict(desk.statistics))
    metrics.attach("alerts", lambda: desk.standing)
    return metrics


async def _clock(connection: Connection) -> datetime:
    row = await (await connection.execute("SELECT clock_timestamp() AS now")).fetchone()
    assert row is not None
    now: datetime = row["now"]
    return now


async def _alone(connection: Connection, tenant: UUID) -> bool:
    """Whether no other desk judges this tenant now; held until the transaction ends."""
    cursor = await connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 77)) AS mine", (str(tenant),)
    )
    row = await cursor.fetchone()
    return bool(row and row["mine"])


async def _drop_cheap(
    connection: Connection, tenant: UUID, dossiers: Sequence[Dossier], policies: Policies
) -> list[Dossier]:
    """Suppress what costs less than the tenant wants to hear of, unless people may come to harm; the others."""
    minor = (d for d in dossiers if d.judgement.risk not in BEYOND_MONEY)
    cheap = [d.id for d in minor if policies.too_cheap(d.kind, d.cost.usd_per_day)]
    if cheap:
        await connection.execute(_CHEAP, {"tenant": tenant, "ids": cheap})
    return [d for d in dossiers if d.id not in cheap]


async def _announce(connection: Connection, tenant: UUID, dossiers: Sequence[Dossier]) -> None:
    events = [
        new_event(
            AlertOpened(
                alert_id=d.id, kind=d.kind, severity=d.severity, building_id=d.building_id, meter_id=d.meter_id,
                since=d.since, decided_at=d.decided_at, excess_kwh_per_day=d.excess_kwh_per_day,
                usd_per_day=d.cost.usd_per_day, sentence=d.evidence,
            ),
            tenant=tenant, source="alerts", key=str(d.id),
        )
        for d in dossiers
    ]  # fmt: skip
    await add_to_outbox(connection, events)


_STANDING: Final = """
SELECT count(*) FILTER (WHERE state = 'open') AS open,
  count(*) FILTER (WHERE state = 'open' AND severity = 'critical') AS open_critical,
  count(*) FILTER (WHERE state IN ('acknowledged', 'in_progress')) AS in_hand,
  avg(extract(epoch FROM acknowledged_at - raised_at)) FILTER (WHERE raised_at >= %(since)s)
    AS mean_to_acknowledge_seconds,
  avg(extract(epoch FROM diagnosed_at - raised_at)) FILTER (WHERE raised_at >= %(since)s) AS mean_to_diagnose_seconds,
  avg(extract(epoch FROM resolved_at - raised_at)) FILTER (WHERE raised_at >= %(since)s) AS mean_to_resolve_seconds
FROM alerts WHERE state IN ('open', 'acknowledged', 'in_progress') OR raised_at >= %(since)s"""
_CHEAP: Final = """
WITH moved AS (
  UPDATE alerts SET state = 'suppressed', suppressed_by = 'policy'
  WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) AND state = 'open' RETURNING tenant_id, id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'desk', 'suppress', 'open', 'suppressed', 'less than the tenant wants to hear of' FROM moved"""
