"""Proving the audit of a run: every hash recomputed here, and compared with what the record says of the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import AuditLine, Run
from redaptive.orchestration.state.workflow_persistence import GENESIS, RunAuditCheck, audit_hash


def verify_run(run: Run, lines: Sequence[AuditLine], *, head: str | None = None) -> RunAuditCheck:
    """Whether the lines form an unbroken chain, and the run is the one whose start they tell of: its plan and inputs.

    A run that no person started has no line of its start; its plan must still be that of its hash.
    """
    found = verify_chain(lines, run.tenant_id, head=head)
    if found.ok and (wrong := _unlike(run, _started(lines))):
        return RunAuditCheck(False, found.checked, 1, wrong)
    return found


def verify_chain(lines: Sequence[AuditLine], tenant_id: UUID, *, head: str | None = None) -> RunAuditCheck:
    """Whether the lines form an unbroken chain; else the number of the first line that does not fit, and why.

    The chain cannot show by itself that its end was cut off: `head`, the hash of the last line in hex as an earlier
    check or export printed it, does.
    """
    seq, last, hashes = 0, GENESIS, list[str]()
    for line in lines:
        if wrong := _mistake(line, tenant_id, seq, last):
            return RunAuditCheck(False, seq, line.seq, wrong)
        seq, last = line.seq, line.hash
        hashes.append(last.hex())
    if head is not None and head not in hashes:
        return RunAuditCheck(False, seq, seq + 1, "the line with the given hash is missing: the end was cut off")
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


def _unlike(run: Run, started: Mapping[str, Any]) -> str:
    """What of the run is not as its start says; empty when all is."""
    try:
        content = Plan.model_validate(run.plan).content_hash
    except ValidationError:
        return "the plan of the run is no plan"
    if {run.plan_hash, started.get("plan_hash", content)} != {content}:
        return "the plan of the run is not the one that was started"
    if started.get("inputs", run.inputs) != run.inputs:
        return "the inputs of the run are not those with which it was started"
    return ""


def _started(lines: Sequence[AuditLine]) -> Mapping[str, Any]:
    """What the line of the start says; empty without one."""
    for line in lines:
        after = json.loads(line.after) if line.after else None
        if line.action in {"start", "fork"} and isinstance(after, dict) and "plan_hash" in after:
            return after
    return {}
