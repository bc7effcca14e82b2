"""The alert desk: judges what workers confirmed, tells people, sends, escalates, closes. Several may run at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import anyio
import psycopg
import structlog
from psycopg import AsyncConnection

from redaptive.domain.alerts.triage import triage
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.messaging.events.alert_events import AlertOpened
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox
from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import ReferenceData
from redaptive.settings import Settings
from redaptive.streams.alerts.closing import close_gone
from redaptive.streams.alerts.delivery import deliver
from redaptive.streams.alerts.dossier import Dossier, compile_dossiers
from redaptive.streams.alerts.escalation import escalate
from redaptive.streams.alerts.intake import CHANNEL
from redaptive.streams.alerts.playbook import Playbook
from redaptive.streams.alerts.policy import Policies, read_policies
from redaptive.streams.alerts.routing import read_roster, route
from redaptive.streams.alerts.surroundings import read_queue, waiting_tenants
from redaptive.streams.alerts.verdicts import write

PAUSE_S: Final = 2.0
FAILED_PAUSE_S: Final = 5.0
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
    statistics: DeskStatistics = field(default_factory=DeskStatistics)

    async def run_once(self, now: datetime | None = None) -> DeskStatistics:
        """One pass over everything; `now` None is the database's clock. Returns the counts since the start."""
        await self.judge(now)
        async with self.pools.transaction(None) as connection:
            at = now or await _clock(connection)
            self.statistics.closed += await close_gone(connection, at)
            self.statistics.escalated += await escalate(connection, self.budget, at)
        done = await deliver(self.pools, self.channels, now)
        self.statistics.sent += done.sent
        self.statistics.failed += done.again
        self.statistics.dead += done.dead
        self.statistics.passes += 1
        return self.statistics

    async def judge(self, now: datetime | None = None) -> None:
        """Triage, price and route what is confirmed, one transaction per tenant; a tenant's failure stops no other."""
        async with self.pools.transaction(None) as connection:
            tenants = await waiting_tenants(connection)
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
        queue = await read_queue(connection, tenant)
        outcome = triage(queue.pending, queue.around, int(at.timestamp()))
        opened = await write(connection, tenant, outcome, queue.around, at)
        self.statistics.judged += len(outcome.verdicts)
        policies = await read_policies(connection, tenant)
        alerts = [*opened.fresh, *opened.touched]
        dossiers = await compile_dossiers(connection, tenant, alerts, self.playbook, policies)
        fresh = set(opened.fresh)
        told = await _drop_cheap(connection, tenant, [d for d in dossiers if d.id in fresh], policies)
        self.statistics.opened += len(told)
        await _announce(connection, tenant, told)
        told += [d for d in dossiers if d.id not in fresh and d.worse]
        await route(connection, tenant, told, await read_roster(connection, tenant, self.budget, at), policies, at)


async def run_desk(settings: Settings, worker_url: str, reference: ReferenceData) -> None:
    """Run a desk until cancelled; woken by confirmations, and every two seconds. Outages are logged and sat out."""
    pool = ConnectionPoolManager(
        worker_url, name="alerts", min_size=1, max_size=4, statement_timeout_s=settings.statement_timeout_s
    )
    async with pool as pools:
        desk = AlertDesk(pools, Channels.from_settings(settings), Playbook(reference), settings.alerts_per_engineer_day)
        try:
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
    async with await AsyncConnection.connect(worker_url, autocommit=True, connect_timeout=5) as listener:
        await listener.execute(f"LISTEN {CHANNEL}".encode())
        while True:
            try:
                await desk.run_once()
            except RedaptiveError as error:
                log.warning("alert_pass_failed", error=error.message, code=error.code)
                await anyio.sleep(FAILED_PAUSE_S)
            async for _ in listener.notifies(timeout=PAUSE_S, stop_after=1):
                pass


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
    """Suppress what costs less than the tenant wants to hear of; the others."""
    cheap = [d.id for d in dossiers if policies.too_cheap(d.kind, d.cost.usd_per_day)]
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


_CHEAP: Final = """
WITH moved AS (
  UPDATE alerts SET state = 'suppressed', suppressed_by = 'policy'
  WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) AND state = 'open' RETURNING tenant_id, id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'desk', 'suppress', 'open', 'suppressed', 'less than the tenant wants to hear of' FROM moved"""
