"""Writing corrections: into the store as revisions, into the audit log with what stood there, who and why."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from anyio import to_thread

from redaptive.agents.monitoring.results import Written
from redaptive.agents.monitoring.validating import Validated, changes
from redaptive.agents.principal import Principal
from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.audit_store import AuditStore
from redaptive.infrastructure.readings.committing import commit_once
from redaptive.infrastructure.readings.store import ReadingsStore


async def write_corrections(
    pools: ConnectionPoolManager,
    readings: ReadingsStore,
    principal: Principal,
    found: Validated,
    rows: pl.DataFrame,
    reason: str | None,
    author: str | None,
    now: datetime,
) -> Written:
    """Correct the rows and record them; without a reason nothing is written."""
    if not reason or not reason.strip():
        raise InvalidInput("A correction needs a reason.", field="reason", fix="Say why the values change.")
    who, code = author or principal.subject, found.meter.meter.code
    before, after = changes(found, rows)
    source = f"vee:{principal.tenant_id}"
    async with pools.transaction(principal.tenant_id) as connection:
        # The record is rolled back with a write that fails; it commits right after one that does not.
        await AuditStore(pools, principal.tenant_id).append(
            "readings.correct",
            "meter",
            code,
            subject=who,
            on_behalf_of=principal.on_behalf_of or (principal.subject if author else None),
            before=before,
            after=after,
            reason=reason,
            connection=connection,
        )
        await to_thread.run_sync(
            commit_once,
            lambda token: readings.correct(rows, source=source, token=token),
            lambda: readings.last_token(source),
            now,
        )
    edited = rows.filter((pl.col("quality") & int(Quality.EDITED)) != 0).height
    return Written(rows.height - edited, edited, reason, who, f"meter {code}")
