"""Approvals: a decision holds for one tool with exactly the arguments that the person saw."""

from __future__ import annotations

from redaptive.agents.principal import Principal
from redaptive.errors import Conflict, NotFound
from redaptive.orchestration.control.deeds import OpenDeed
from redaptive.orchestration.state.run_records import ApprovalRecord


async def decide(opened: OpenDeed, principal: Principal, *, approve: bool, args_sha256: str | None) -> ApprovalRecord:
    """The approval after the decision. `args_sha256`: hash (or its first digits) of what the person looked at.

    :raises Conflict: the arguments have changed since, or it is decided or expired already.
    :raises Unauthorized: the principal lacks the scope that the plan asks for.
    """
    cursor = await opened.connection.execute(
        "SELECT * FROM run_approvals WHERE tenant_id = %s AND run_id = %s AND node = %s FOR UPDATE",
        (opened.run.tenant_id, opened.run.id, opened.deed.node),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(
            f"Nothing is asked for {opened.deed.node} in run {opened.run.id}.",
            field="node",
            fix="`redaptive runs show RUN` lists what waits for approval.",
        )
    principal.require(str(row["scope"]))
    if args_sha256 is not None and not str(row["args_sha256"]).startswith(args_sha256.lower()):
        raise Conflict(
            f"The arguments of {row['tool']} are not those that you looked at (hash {args_sha256[:12]}).",
            field="args_sha256",
            fix=f"Look again and decide on hash {str(row['args_sha256'])[:12]}.",
        )
    decided = await opened.change.decide(
        opened.run.id, opened.deed.node, approve=approve, actor=opened.actor, comment=opened.deed.reason
    )
    opened.before["args_sha256"] = decided.args_sha256
    opened.after |= {"tool": decided.tool, "args_sha256": decided.args_sha256, "state": decided.state}
    return decided
