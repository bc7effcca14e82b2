"""The history of a run as people read it: what the engine did, what people did, in the order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from redaptive.orchestration.state.run_records import ApprovalRecord, AuditLine, NodeRecord, Snapshot

ENGINE: Final = "engine"
SHOWN_CHARACTERS: Final = 160
_DEEDS: Final = {
    "start": "started the run",
    "fork": "started the run as a fork",
    "pause": "paused the run",
    "resume": "let the run go on",
    "step": "let one node go",
    "break": "set a breakpoint",
    "unbreak": "removed a breakpoint",
    "override": "gave an output instead of running it",
    "approve": "approved",
    "reject": "rejected",
    "signal": "sent an event",
    "cancel": "asked to cancel the run",
    "rollback": "asked to undo the run",
    "priority": "changed the priority",
    "forked": "forked this run",
    "replay": "compared the run with a repetition",
    "export": "exported the run",
    "purge": "deleted the values by retention",
}


@dataclass(frozen=True)
class HistoryLine:
    """One thing that happened: when, who (`engine` or a person), to which node (empty: the run), what, and more."""

    at: datetime
    who: str
    node: str
    what: str
    detail: str = ""


@dataclass(frozen=True)
class NodeHistory:
    """All that is kept of one node: the inputs it was given, attempts, what came out, what people decided."""

    node: str
    record: NodeRecord | None
    items: tuple[NodeRecord, ...]
    approval: ApprovalRecord | None
    lines: tuple[HistoryLine, ...]


def history(snapshot: Snapshot, audit: Sequence[AuditLine]) -> tuple[HistoryLine, ...]:
    """Everything known of the run, oldest first. Repeated attempts are counted, not listed one by one."""
    lines = [*_run_lines(snapshot), *_audit_lines(audit)]
    for record in snapshot.nodes:
        lines += _node_lines(record)
    lines += [_asked(approval) for approval in snapshot.approvals]
    lines += [_decided(a) for a in snapshot.approvals if a.state == "expired" and a.expires_at is not None]
    return tuple(sorted(lines, key=lambda line: line.at))


def node_history(snapshot: Snapshot, audit: Sequence[AuditLine], node: str) -> NodeHistory:
    """What is kept of the node."""
    lines = tuple(line for line in history(snapshot, audit) if line.node.partition("[")[0] == node)
    approval = next((each for each in snapshot.approvals if each.node == node), None)
    return NodeHistory(node, snapshot.node(node), snapshot.items(node), approval, lines)


def shortened(value: JsonValue, most: int = SHOWN_CHARACTERS) -> str:
    """The value as JSON on one line, cut with an ellipsis after `most` characters.

    >>> shortened({"a": [1, 2]}), shortened("x" * 9, 6)
    ('{"a": [1, 2]}', '"xxxx…')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else text[: most - 1] + "…"


def _run_lines(snapshot: Snapshot) -> Iterator[HistoryLine]:
    run = snapshot.run
    if run.started_at is not None:
        yield HistoryLine(run.started_at, ENGINE, "", "began to run it")
    if run.finished_at is not None:
        error = run.error or {}
        yield HistoryLine(run.finished_at, ENGINE, "", f"run {run.state}", str(error.get("message", "")))


def _audit_lines(audit: Sequence[AuditLine]) -> Iterator[HistoryLine]:
    for line in audit:
        after = json.loads(line.after) if line.after else None
        detail = "; ".join(part for part in (line.reason, shortened(after) if after else "") if part)
        yield HistoryLine(line.at, line.actor, line.node, _DEEDS.get(line.action, line.action), detail)


def _node_lines(record: NodeRecord) -> Iterator[HistoryLine]:
    name = record.node if record.item_index < 0 else f"{record.node}[{record.item_index}]"
    if record.started_at is not None:
        given = f" with {shortened(record.args)}" if record.args else ""
        yield HistoryLine(record.started_at, ENGINE, name, f"began {record.tool}".strip(), given.strip())
    if record.finished_at is not None:
        yield HistoryLine(record.finished_at, ENGINE, name, _outcome(record), _detail(record))


def _outcome(record: NodeRecord) -> str:
    if record.overridden:
        return f"{record.state}, output given"
    tries = f" at attempt {record.attempt}" if record.attempt > 1 else ""
    took = _took(record.started_at, record.finished_at)
    return f"{record.state.replace('_', ' ')}{tries}{f' after {took}' if took else ''}"


def _detail(record: NodeRecord) -> str:
    if record.error is not None:
        return str(record.error.get("message", ""))
    if record.output_ref is not None:
        return f"large output {record.output_ref[:12]}"
    return shortened(record.output) if record.output is not None else record.reason


def _asked(approval: ApprovalRecord) -> HistoryLine:
    detail = f"{approval.reason} (scope {approval.scope}; {approval.tool} {shortened(approval.args)})"
    return HistoryLine(approval.requested_at, ENGINE, approval.node, "asked for approval", detail)


def _decided(approval: ApprovalRecord) -> HistoryLine:
    at = approval.expires_at or approval.requested_at
    return HistoryLine(at, ENGINE, approval.node, "approval expired")


def _took(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    return duration(end - start)


def duration(length: timedelta) -> str:
    """A length of time as a person says it.

    >>> duration(timedelta(milliseconds=34)), duration(timedelta(seconds=75)), duration(timedelta(hours=3, minutes=2))
    ('34 ms', '1 min 15 s', '3 h 2 min')
    """
    seconds = max(0.0, length.total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{days} d {hours % 24} h"
