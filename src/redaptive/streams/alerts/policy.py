"""A tenant's own rules by kind, with the defaults where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.domain.alerts.kinds import Severity
from redaptive.infrastructure.database.connection_pool import Connection

ESCALATE_AFTER_S: Final = {Severity.CRITICAL: 900, Severity.WARNING: 14_400}
"""Without an answer for so long the next person is told; notices never escalate."""
_ANY: Final = "*"


@dataclass(frozen=True)
class Policies:
    """Rows of `alert_policies` by kind; `*` holds for kinds without a row."""

    rows: Mapping[str, DictRow]

    def severity(self, kind: str) -> Severity | None:
        """The severity that the tenant gives the kind."""
        found = self._get(kind, "severity")
        return Severity(str(found)) if found else None

    def too_cheap(self, kind: str, usd_per_day: Decimal | None) -> bool:
        """Whether the tenant does not want to hear of so little money."""
        least = self._get(kind, "least_usd_per_day")
        return isinstance(least, float) and usd_per_day is not None and float(usd_per_day) < least

    def team(self, kind: str) -> UUID | None:
        """The team that gets the kind wherever it occurs."""
        found = self._get(kind, "team_id")
        return found if isinstance(found, UUID) else None

    def escalate_after_s(self, kind: str, severity: Severity) -> int | None:
        """Seconds until the next person is told; None: never."""
        own = self._get(kind, "escalate_after_s")
        return own if isinstance(own, int) else ESCALATE_AFTER_S.get(severity)

    def _get(self, kind: str, column: str) -> object:
        row = self.rows.get(kind) or self.rows.get(_ANY)
        return row[column] if row else None


async def read_policies(connection: Connection, tenant: UUID) -> Policies:
    """The tenant's rules."""
    cursor = await connection.execute("SELECT * FROM alert_policies WHERE tenant_id = %s", (tenant,))
    return Policies({row["kind"]: row for row in await cursor.fetchall()})
