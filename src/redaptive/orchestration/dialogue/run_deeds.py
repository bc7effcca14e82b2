"""What can be done about the run of an answer: approve it, end it, undo it; each is said, none is done by a word."""

from __future__ import annotations

from collections.abc import Iterator

from redaptive.orchestration.dialogue.asides import Aside
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import Snapshot


def waits(snapshot: Snapshot) -> tuple[str, ...]:
    """The nodes of a run whose approval a person has not given yet."""
    if snapshot.run.finished:
        return ()
    return tuple(record.node for record in snapshot.approvals if record.state == "pending")


def decision(said: Aside, snapshot: Snapshot) -> tuple[str, ...]:
    """How an approval that a run waits for is given or refused; nothing where it waits for none."""
    run, nodes = snapshot.run.id, waits(snapshot)
    command = {"yes": "approve", "no": "reject"}.get(said)
    if not nodes or command is None:
        return ()
    first = f"Run {run} waits for approval of {', '.join(nodes)}. A word here does not decide that:"
    return (first, *(f"  redaptive runs {command} {run} {node}" for node in nodes))


def ending(snapshot: Snapshot) -> tuple[str, ...]:
    """How a run that has not ended is ended; nothing where it has."""
    run = snapshot.run
    if run.finished:
        return ()
    return (f"Run {run.id} is {run.state}. It is ended by:", f"  redaptive runs cancel {run.id}")


def undoing(snapshot: Snapshot, plan: Plan, tools: Tools) -> tuple[str, ...]:
    """What a run changed, and how that is undone."""
    run, changed = snapshot.run, list(_changed(snapshot, tools))
    if not run.finished:
        lines = ending(snapshot)
        kept = "It has changed nothing yet." if not changed else f"It has changed something: {', '.join(changed)}."
        return (
            kept,
            *lines,
            *([f"  redaptive runs cancel {run.id} --compensate   (undoes it too)"] if changed else []),
        )
    if not changed:
        return (f"Run {run.id} only read: it changed nothing, so there is nothing to undo.",)
    stuck = [name for name in changed if not _way_back(name, plan, tools)]
    lines = (f"Run {run.id} changed something: {', '.join(changed)}. It is undone, the last step first, by:",)
    lines += (f"  redaptive runs rollback {run.id}",)
    return (*lines, f"No way back is known for: {', '.join(stuck)}.") if stuck else lines


def _changed(snapshot: Snapshot, tools: Tools) -> Iterator[str]:
    """The nodes that have called a tool that changes something."""
    for record in snapshot.nodes:
        tool = tools.get(record.tool)
        if record.item_index < 0 and record.state == "done" and tool is not None and not tool.spec.reads_only:
            yield record.node


def _way_back(name: str, plan: Plan, tools: Tools) -> bool:
    """Whether the plan or the tool of a node says how it is undone."""
    node = next((each for each in plan.nodes if each.id == name), None)
    tool = tools.get(node.tool or "") if node is not None else None
    return node is not None and bool(node.compensate or (tool is not None and tool.spec.compensate_with))
