"""Health of the database connections: one look, judged, with alerts that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.statistics import PoolHealth, PoolStatistics

ERROR_RATE_LIMIT = 0.05
MIN_OPERATIONS = 20
USE_LIMIT = 0.9


class AlertLevel(StrEnum):
    """How bad it is."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class ConnectionAlert:
    """One finding about a pool."""

    pool: str
    code: str
    level: AlertLevel
    message: str


@dataclass(frozen=True)
class ConnectionReport:
    """All pools at one moment; `ok` unless a finding is critical."""

    pools: tuple[PoolHealth, ...]
    alerts: tuple[ConnectionAlert, ...]

    @property
    def ok(self) -> bool:
        """Whether work can go on."""
        return not any(alert.level is AlertLevel.CRITICAL for alert in self.alerts)


class ConnectionHealthMonitor:
    """Looks at pools; rates are over the time since the previous look."""

    def __init__(self, pools: Sequence[ConnectionPoolManager]) -> None:
        self._pools = tuple(pools)
        self._before: dict[str, PoolStatistics] = {}

    async def check(self) -> ConnectionReport:
        """One round trip per pool and the findings; never raises for a database that is down."""
        healths = [await pool.health() for pool in self._pools]
        alerts = [alert for health in healths for alert in self._judge(health)]
        self._before = {health.statistics.name: health.statistics for health in healths}
        return ConnectionReport(tuple(healths), tuple(alerts))

    def _judge(self, health: PoolHealth) -> list[ConnectionAlert]:
        alerts = judge(health.statistics, self._before.get(health.statistics.name))
        if not health.ok:
            down = ConnectionAlert(health.statistics.name, "down", AlertLevel.CRITICAL, health.message)
            return [down, *alerts]
        return alerts


def judge(now: PoolStatistics, before: PoolStatistics | None = None) -> list[ConnectionAlert]:
    """Findings from two looks at a pool: exhaustion, nearly full, error rate, vain waits."""
    findings = [_exhausted(now), _nearly_full(now), _errors(now, before), _timeouts(now, before)]
    return [finding for finding in findings if finding is not None]


def _exhausted(now: PoolStatistics) -> ConnectionAlert | None:
    if not (now.waiting > 0 and now.available == 0):
        return None
    text = f"{now.waiting} callers wait and no connection of {now.max_size} is free; raise REDAPTIVE_POOL_MAX."
    return ConnectionAlert(now.name, "exhausted", AlertLevel.CRITICAL, text)


def _nearly_full(now: PoolStatistics) -> ConnectionAlert | None:
    if now.waiting > 0 or now.in_use < USE_LIMIT * now.max_size:
        return None
    text = f"{now.in_use} of {now.max_size} connections are in use."
    return ConnectionAlert(now.name, "nearly_full", AlertLevel.WARNING, text)


def _errors(now: PoolStatistics, before: PoolStatistics | None) -> ConnectionAlert | None:
    operations = now.transactions + now.queries - (before.transactions + before.queries if before else 0)
    errors = now.errors - (before.errors if before else 0)
    if operations < MIN_OPERATIONS or errors / operations <= ERROR_RATE_LIMIT:
        return None
    text = f"{errors} of {operations} operations failed ({100 * errors / operations:.1f} %); see the log."
    return ConnectionAlert(now.name, "error_rate", AlertLevel.CRITICAL, text)


def _timeouts(now: PoolStatistics, before: PoolStatistics | None) -> ConnectionAlert | None:
    vain = now.acquire_timeouts - (before.acquire_timeouts if before else 0)
    if vain <= 0:
        return None
    return ConnectionAlert(now.name, "acquire_timeouts", AlertLevel.WARNING, f"{vain} requests got no connection.")
