"""The money of runs: the price of a call is taken from the budget before the call is made, durably.

Every attempt has a row of its own, named by node, item and attempt. One that is made again, because the process was
killed before its result was recorded, finds its row and is not paid twice: its call carries the same key. A price
is taken from the run and from every run above it, or from none, so children side by side never spend together more
than their parent has. Accounts are locked from the top down, so that nobody waits in a circle.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import structlog

from redaptive.errors import Exhausted, RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.line import passes
from redaptive.orchestration.plans.schema import Budget

RETRY_S: Final = 0.25
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Charge:
    """The price of one attempt of a node's call; `item` is -1 where the node is no foreach."""

    node: str
    item: int
    attempt: int
    tool: str
    usd: float


@dataclass(frozen=True)
class Account:
    """The money of a run, USD."""

    run_id: str
    limit: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What is not spent."""
        return self.limit - self.spent


class Accounts:
    """Takes prices from accounts; outages of the database are waited out."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def reserve(self, key: WorkflowKey, charge: Charge) -> float:
        """Take the price, once; what was left before it, USD, to the run and to those above it.

        :raises Exhausted: when the price is more than that; nothing is taken then.
        """
        price = Decimal(str(charge.usd))
        while True:
            try:
                async with self._pools.transaction(None) as connection:
                    tightest = await _reserved(connection, key, charge, price)
                break
            except RedaptiveError as error:
                if not passes(error):
                    raise
                log.warning("charge_waits", run=key.run_id, node=charge.node, code=error.code, error=error.message)
                await asyncio.sleep(RETRY_S)
        if tightest.left < price:
            raise _too_dear(charge, tightest, key.run_id)
        return float(tightest.left)


async def _reserved(connection: Connection, key: WorkflowKey, charge: Charge, price: Decimal) -> Account:
    """The account that has least, as it was before the charge, which is made unless that is too little."""
    names: dict[str, Any] = {
        "tenant": key.tenant_id, "run": key.run_id, "node": charge.node, "item": charge.item,
        "attempt": charge.attempt, "price": price, "budget": Budget().usd,
    }  # fmt: skip
    await connection.execute(_OPEN, names)
    cursor = await connection.execute(_LOCK, names)
    accounts = [Account(row["run_id"], row["limit_usd"], row["spent_usd"]) for row in await cursor.fetchall()]
    tightest = min(accounts, key=lambda each: each.left)
    cursor = await connection.execute(_KNOWN, names)
    if await cursor.fetchone():
        return Account(tightest.run_id, tightest.limit, tightest.spent - price)
    if tightest.left >= price:
        await connection.execute(_CHARGE, names)
        await connection.execute(_TAKE, {**names, "runs": [each.run_id for each in accounts]})
    return tightest


def _too_dear(charge: Charge, account: Account, run_id: str) -> Exhausted:
    most = f"{account.limit:f} USD"
    whose = f"the run's {most}" if account.run_id == run_id else f"the {most} of its parent run {account.run_id}"
    return Exhausted(
        f"{charge.tool} costs {charge.usd:g} USD a call, and {account.left:f} of {whose} are left.",
        field="budget.usd",
        fix="Raise the budget of the plan.",
        retryable=False,
    )


_UP: Final = """
WITH RECURSIVE up AS (
  SELECT r.*, 0 AS height FROM runs r WHERE r.tenant_id = %(tenant)s AND r.id = %(run)s
  UNION ALL
  SELECT r.*, up.height + 1 FROM runs r JOIN up ON r.tenant_id = up.tenant_id AND r.id = up.parent_run_id
)"""
# A run that began under a release without accounts goes on with what it had spent.
_OPEN: Final = (
    _UP
    + """
INSERT INTO run_accounts (tenant_id, run_id, limit_usd, spent_usd)
SELECT tenant_id, id, own.most, least(own.most, spent_usd::numeric)
FROM up CROSS JOIN LATERAL (SELECT coalesce((plan #>> '{budget,usd}')::numeric, %(budget)s::numeric) AS most) own
ORDER BY height DESC ON CONFLICT (tenant_id, run_id) DO NOTHING
"""
)
_LOCK: Final = (
    _UP
    + """
SELECT a.run_id, a.limit_usd, a.spent_usd FROM up JOIN run_accounts a ON a.tenant_id = up.tenant_id AND a.run_id = up.id
ORDER BY up.height DESC FOR NO KEY UPDATE OF a
"""
)
_KNOWN: Final = """
SELECT true AS paid FROM run_charges WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND node = %(node)s
  AND item_index = %(item)s AND attempt = %(attempt)s
"""
_CHARGE: Final = """
INSERT INTO run_charges (tenant_id, run_id, node, item_index, attempt, usd)
VALUES (%(tenant)s, %(run)s, %(node)s, %(item)s, %(attempt)s, %(price)s)
"""
_TAKE: Final = """
UPDATE run_accounts SET spent_usd = spent_usd + %(price)s WHERE tenant_id = %(tenant)s AND run_id = ANY(%(runs)s)
"""
