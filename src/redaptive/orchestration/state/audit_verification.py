"""Proving the audit of a run: every hash recomputed here, and compared with what the record says of the run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from redaptive.orchestration.state.run_records import AuditLine
from redaptive.orchestration.state.workflow_persistence import GENESIS, RunAuditCheck, audit_hash


def verify_chain(
    lines: Sequence[AuditLine], tenant_id: UUID, *, head: str | None = None, plan_hash: str | None = None
) -> RunAuditCheck:
    """Whether the lines form an unbroken chain; else the number of the first line that does not fit, and why.

    The chain cannot show by itself that its end was cut off: `head`, the hash of the last line in hex as an earlier
    check or export printed it, does. `plan_hash` is that of the plan now: it must be the one that was started.
    """
    seq, last, hashes = 0, GENESIS, list[str]()
    for line in lines:
        if wrong := _mistake(line, tenant_id, seq, last):
            return RunAuditCheck(False, seq, line.seq, wrong)
        seq, last = line.seq, line.hash
        hashes.append(last.hex())
    if head is not None and head not in hashes:
        return RunAuditCheck(False, seq, seq + 1, "the line with the given hash is missing: the end was cut off")
    started = _started_plan(lines)
    if plan_hash is not None and started is not None and plan_hash != started:
        return RunAuditCheck(False, seq, 1, "the plan of the run is not the one that was started")
    return RunAuditCheck(True, seq)


def head_of(lines: Sequence[AuditLine]) -> str:
    """The hash of the last line in hex; empty without lines. Keep it elsewhere to notice a cut-off end later."""
    return lines[-1].hash.hex() if lines else ""


def _mistake(line: AuditLine, tenant_id: UUID, seq: int, last: bytes) -> str:
    if line.seq != seq + 1:
        return f"line {seq + 1} is missing" if line.seq > seq + 1 else f"line {line.seq} occurs twice"
    if line.prev_hash != last:
        return "it does not continue the line before it"
    return "" if audit_hash(line, tenant_id) == line.hash else "its content does not match its hash"


def _started_plan(lines: Sequence[AuditLine]) -> str | None:
    for line in lines:
        after = json.loads(line.after) if line.after else None
        if line.action in {"start", "fork"} and isinstance(after, dict) and "plan_hash" in after:
            return str(after["plan_hash"])
    return None
