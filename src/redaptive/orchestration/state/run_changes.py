"""What changed of a run since a moment: read in one statement, put on top of what a viewer already has."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.state.run_records import (
    FINAL_STATES,
    ApprovalRecord,
    ControlRecord,
    JsonObject,
    NodeRecord,
    Run,
    RunState,
    Snapshot,
)

# One statement: all parts are of one moment. A change and its number are committed together, and the changes of a
# run wait for each other on its row, so what has a greater number is exactly what the viewer has not seen.
_CHANGES: Final = """
SELECT r.run_seq, r.state, r.mode, r.priority, r.error, r.output, r.executor_id, r.changed_at, r.started_at,
  r.finished_at, r.wake_at, r.epoch, r.worked_ms, r.spent_ms, r.spent_usd,
  (SELECT coalesce(json_agg(n ORDER BY n.run_seq, n.node, n.item_index), '[]') FROM run_nodes n
    WHERE n.tenant_id = r.tenant_id AND n.run_id = r.id AND n.run_seq > %(seq)s) AS nodes,
  (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM run_control c
    WHERE c.tenant_id = r.tenant_id AND c.run_id = r.id) AS control,
  (SELECT coalesce(json_agg(a ORDER BY a.requested_at), '[]') FROM run_approvals a
    WHERE a.tenant_id = r.tenant_id AND a.run_id = r.id) AS approvals,
  (SELECT coalesce(json_agg(k.id ORDER BY k.created_at, k.id), '[]') FROM runs k
    WHERE k.tenant_id = r.tenant_id AND k.parent_run_id = r.id) AS children
FROM runs r WHERE r.id = %(run)s AND r.run_seq <> %(seq)s
"""


@dataclass(frozen=True)
class RunChanges:
    """News of a run up to `seq`: its own fields, the nodes that changed, and all wishes, approvals and children."""

    run_id: str
    seq: int
    state: RunState
    mode: Literal["forward", "rollback"]
    epoch: int
    priority: int
    error: JsonObject | None
    output: JsonObject | None
    executor_id: str | None
    changed_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    wake_at: datetime | None
    worked_ms: int
    spent_ms: int
    spent_usd: float
    nodes: tuple[NodeRecord, ...]
    control: tuple[ControlRecord, ...]
    approvals: tuple[ApprovalRecord, ...]
    children: tuple[str, ...]

    @property
    def finished(self) -> bool:
        """Whether the run has ended, well or not."""
        return self.state in FINAL_STATES

    def as_dict(self) -> dict[str, object]:
        """The news for programs."""
        return asdict(self)


_ADAPTER: Final = TypeAdapter(RunChanges)
# News that the statement lacks is refused by the adapter, so a new column is named there and in RunChanges.
_OF_THE_RUN: Final = tuple(each.name for each in fields(RunChanges) if each.name in Run.__dataclass_fields__)


async def changes_since(pools: ConnectionPoolManager, tenant_id: UUID, run_id: str, seq: int) -> RunChanges | None:
    """What happened after `seq`; None when nothing did. Raises NotFound when the run is gone."""
    rows = await pools.query(_CHANGES, {"run": run_id, "seq": seq}, tenant_id=tenant_id)
    if rows:
        row = rows[0]
        return _ADAPTER.validate_python({**row, "run_id": run_id, "seq": row["run_seq"]})
    if not await pools.query("SELECT FROM runs WHERE id = %s", (run_id,), tenant_id=tenant_id):
        raise NotFound(f"No run {run_id}.", field="run", fix="`redaptive runs list` shows them.")
    return None


def apply(snapshot: Snapshot, news: RunChanges) -> Snapshot:
    """The snapshot with the news in it; news that it has already change nothing."""
    if news.seq < snapshot.run.run_seq:
        return snapshot
    run = replace(snapshot.run, run_seq=news.seq, **{name: getattr(news, name) for name in _OF_THE_RUN})
    nodes = {(node.node, node.item_index): node for node in (*snapshot.nodes, *news.nodes)}
    return Snapshot(run, tuple(nodes.values()), news.control, news.approvals, news.children)
