"""Runs on a terminal: the list, one run as a graph with live states, a node with its values, history, comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from redaptive.cli.output import out
from redaptive.orchestration.control.replay import ReplayReport
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.orchestration.intelligent.engine.keys import INTERPRETER
from redaptive.orchestration.plans.schema import Budget
from redaptive.orchestration.state.history import HistoryLine, NodeHistory, duration, shortened
from redaptive.orchestration.state.run_records import Run
from redaptive.orchestration.state.run_snapshot import NodeView, RunSnapshot
from redaptive.web.blocks import Column, Table

MARKS: Final = {
    "pending": "○", "gated": "‖", "waiting": "◔", "running": "◐", "done": "●", "skipped": "–", "failed": "✗",
    "cancelled": "×", "undoing": "↶", "undone": "↺", "undo_failed": "!",
}  # fmt: skip
STYLES: Final = {
    "pending": "dim", "gated": "bold yellow", "waiting": "cyan", "running": "bold blue", "done": "green",
    "skipped": "dim", "failed": "bold red", "cancelled": "magenta", "undoing": "magenta", "undone": "magenta",
    "undo_failed": "bold red",
}  # fmt: skip
RUN_STYLES: Final = {
    "queued": "dim", "running": "bold blue", "paused": "bold yellow", "waiting": "cyan", "parking": "cyan",
    "parked": "cyan", "compensating": "magenta", "done": "bold green", "failed": "bold red", "cancelled": "magenta",
    "needs_attention": "bold red",
}  # fmt: skip
_LIVE: Final = frozenset({"running", "gated", "waiting", "undoing"})
_BAR: Final = 12
_SHOWN_DIFFERENCES: Final = 8
_SHOWN_LINES: Final = 40
_SHOWN_TITLE: Final = 38


def runs_table(runs: Sequence[Run], now: datetime) -> Table:
    """The runs as a table, in the order given."""
    columns = tuple(Column(name, name) for name in ("run", "state", "what", "by", "started (UTC)", "took"))
    rows = tuple(
        (
            run.id, run.state.replace("_", " "), _cut(run.title or run.plan_id), run.started_by,
            f"{(run.started_at or run.created_at).astimezone(UTC):%m-%d %H:%M:%S}", _took(run, now),
        )
        for run in runs
    )  # fmt: skip
    return Table("runs", "Runs, newest first", columns, rows, "redaptive runs show RUN tells more of one.")


def run_picture(seen: RunSnapshot, now: datetime, room: int | None = None) -> Group:
    """The run as a graph: parents above children, a line a node with state, time, progress, what it waits for.

    With `room`, the height of the terminal, a graph that is higher is cut to what is around the nodes at work.
    """
    above: list[RenderableType] = [_header(seen, now), Text("")]
    below: list[RenderableType] = [Text(""), *_approvals(seen)] if seen.approvals else []
    if seen.run.error is not None:
        below += [Text(""), Text(f"error: {_error(seen.run.error)}", style="red")]
    rows = list(_graph_rows(seen, now))
    left = None if room is None else room - len(out.render_lines(Group(*above, *below))) - 1
    return Group(*above, *window([text for _, text in rows], _front(seen, [name for name, _ in rows]), left), *below)


def window(lines: Sequence[Text], front: int, room: int | None) -> Sequence[Text]:
    """As many of the lines as there is room for, `front` a third from the top; how many are left out on each side."""
    if room is None or len(lines) <= room:
        return lines
    shown = max(room - 2, 1)  # two lines say what is left out
    start = max(0, min(front - shown // 3, len(lines) - shown))
    end = start + shown
    return [
        Text(f"… {start} lines above" if start else "", style="dim"),
        *lines[start:end],
        Text(f"… {len(lines) - end} lines below" if end < len(lines) else "", style="dim"),
    ]


def _front(seen: RunSnapshot, names: Sequence[str]) -> int:
    """The place of the first node that something is to be seen of, else of the first that has not begun."""
    states = {node.id: node.state for node in seen.nodes}
    for wanted in (_LIVE, {"pending"}):
        if found := [at for at, name in enumerate(names) if states.get(name) in wanted]:
            return found[0]
    return len(names)


def _graph_rows(seen: RunSnapshot, now: datetime) -> Iterator[tuple[str, Text]]:
    """The lines of the graph with the names of their nodes; each node's mark and note in the colour of its state."""
    nodes = {node.id: node for node in seen.nodes}
    width = max(map(len, nodes))
    marks = {name: MARKS.get(node.state, "?") for name, node in nodes.items()}
    for line in to_ascii(seen.plan, marks, {name: f"\t{name}" for name in nodes}).splitlines():
        body, _, name = line.partition("\t")
        yield name, _line(body.rstrip(), nodes.get(name), width, now)


def node_note(node: NodeView, now: datetime) -> str:
    """What is to be said of a node in a few words."""
    parts = [node.state.replace("_", " ") if node.state != "gated" else "held" if node.held else "waiting"]
    if node.held:
        return f"held: {node.reason}"
    if node.state == "running" and node.started_at is not None:
        parts.append(duration(now - node.started_at))
    if node.state == "done" and node.started_at and node.finished_at:
        parts.append(duration(node.finished_at - node.started_at))
    if node.overridden:
        parts.append("(output kept)" if node.reason == "preset" else "(output given)")
    if node.attempt > 1:
        parts.append(f"attempt {node.attempt}")
    parts += _progress(node)
    if node.waiting_for and node.state != "pending":
        parts.append(f"for {node.waiting_for}")
    if node.state in {"skipped", "cancelled"} and node.reason:
        parts.append(f"({node.reason})")
    if node.error is not None:
        parts.append(f"- {_error(node.error)}")
    if node.breakpoint and node.state == "pending":
        parts.append("[breakpoint]")
    return " ".join(parts)


def format_note(waits_for: str) -> str:
    """What is to be said of a run that only an executor of another interpreter format can go on with."""
    return (
        f"It waits for an executor of the release that began it: its record is of the format {waits_for}, executors"
        f" of this release go on with {INTERPRETER} only. Start one of that release; it goes on where it was."
    )


def history_text(lines: Sequence[HistoryLine]) -> Iterator[Text]:
    """The history, a line each."""
    for line in lines:
        when = f"{line.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
        text = Text(no_wrap=True, overflow="ellipsis").append(f"{when}  ", style="dim")
        text.append(f"{line.who:<10} ", style="" if line.who == "engine" else "bold")
        text.append(f"{f'{line.node}: ' if line.node else ''}{line.what}")
        if line.detail:
            text.append(f"  {line.detail}", style="dim")
        yield text


def print_node(found: NodeHistory, node: NodeView | None) -> None:
    """Inputs, output and history of a node."""
    record = found.record
    out.print(f"[bold]{escape(found.node)}[/]  {escape(node.what if node else '')}")
    if record is None:
        out.print("  Nothing has happened to it yet.")
        return
    out.print(f"  state    {record.state}{f' ({record.reason})' if record.reason else ''}", markup=False)
    out.print(f"  attempts {record.attempt}", markup=False)
    if record.args is not None:
        _block("inputs", record.args)
    _block("output" + (" (given)" if record.overridden else ""), record.output)
    if record.error is not None:
        _block("error", record.error)
    for item in found.items:
        out.print(f"  item {item.item_index}: {item.state} {shortened(item.args)}", markup=False)
        out.print(f"    -> {shortened(item.error or item.output)}", markup=False)
    if found.lines:
        out.print("\n[bold]History[/]")
        for text in history_text(found.lines):
            out.print(text)


def print_replay(report: ReplayReport) -> None:
    """The comparison: a line a node, differences below it."""
    for node in report.nodes:
        style = {"same": "green", "different": "bold red", "not_compared": "dim"}[node.verdict]
        out.print(Text(f"  {node.verdict.replace('_', ' '):<13} {node.node}  {node.reason}", style=style))
        for each in node.differences[:_SHOWN_DIFFERENCES]:
            values = f"{shortened(each.recorded, 60)} -> {shortened(each.now, 60)}"
            out.print(f"    {each.path or 'value'}: {each.kind}, {values}", markup=False)
        if len(node.differences) > _SHOWN_DIFFERENCES:
            out.print(f"    … and {len(node.differences) - _SHOWN_DIFFERENCES} more: --json lists them", style="dim")
    counts = ", ".join(f"{report.count(v)} {v.replace('_', ' ')}" for v in ("same", "different", "not_compared"))
    out.print(f"[bold]{'The same' if report.same else 'Different'}[/]: {counts}.")


def print_output(output: object) -> None:
    """The output of a run as JSON, its first lines when it is long."""
    lines = json.dumps(output, indent=2, ensure_ascii=False, default=str).splitlines()
    for line in lines[:_SHOWN_LINES]:
        out.print(line, markup=False, no_wrap=True, overflow="ellipsis")
    if len(lines) > _SHOWN_LINES:
        out.print(f"… and {len(lines) - _SHOWN_LINES} more lines: `redaptive runs show RUN --json`", style="dim")


def _header(seen: RunSnapshot, now: datetime) -> Text:
    run = seen.run
    text = Text().append(f"{run.id}  ", style="bold")
    text.append(run.state.replace("_", " "), style=RUN_STYLES[run.state])
    text.append(f"  {run.title or run.plan_id}")
    facts = [f"by {run.started_by}", f"{run.queue} {run.priority}", _took(run, now)]
    facts += [_spent(run, seen.plan.budget)] if run.spent_ms or run.spent_usd else []
    facts += ["rollback"] if run.mode == "rollback" else []
    facts += [f"fork of {run.forked_from}"] if run.forked_from else []
    facts += ["paused"] if seen.paused else []
    facts += ["being cancelled"] if seen.cancelling else []
    text.append(f"\n{'; '.join(fact for fact in facts if fact)}", style="dim")
    return text


def _spent(run: Run, budget: Budget) -> str:
    """What it used of its budget: time in which it worked, and money where its tools cost some."""
    worked = f"worked {run.spent_ms / 1000:,.1f} of {budget.seconds:,g} s"
    return worked + (f", {run.spent_usd:,.2f} of {budget.usd:,.2f} USD" if run.spent_usd else "")


def _line(body: str, node: NodeView | None, width: int, now: datetime) -> Text:
    """A line of the graph: lanes and mark, then name, note, and what the node does."""
    if node is None:
        return Text(body, style="dim", no_wrap=True, overflow="ellipsis")
    style, mark = STYLES.get(node.state, ""), MARKS.get(node.state, "?")
    lanes, _, rest = body.partition(mark)
    text = Text(no_wrap=True, overflow="ellipsis").append(lanes, style="dim").append(mark, style=style)
    gap, name, what = rest.partition(node.id)
    text.append(gap).append(name.ljust(width), style="bold")
    text.append(f"  {node_note(node, now)}", style=style)
    return text.append(f"  {what.strip()}", style="dim")


def _approvals(seen: RunSnapshot) -> Iterator[Text]:
    yield Text("Waits for a decision", style="bold")
    for each in seen.approvals:
        yield Text(f"  {each.node}: {each.reason}")
        yield Text(f"    {each.tool} {shortened(each.args, 300)}")
        yield Text(f"    redaptive runs approve {seen.run.id} {each.node} --hash {each.args_sha256[:12]}", style="dim")


def _progress(node: NodeView) -> Iterator[str]:
    if node.items_begun:
        failed = f", {node.items_failed} failed" if node.items_failed else ""
        yield f"{node.items_done} of {node.items_begun} begun items{failed}"
    if node.progress is not None and node.state == "running":
        full = round(node.progress * _BAR)
        yield f"{'█' * full}{'░' * (_BAR - full)} {node.progress:.0%}"


def _cut(title: str) -> str:
    return title if len(title) <= _SHOWN_TITLE else title[: _SHOWN_TITLE - 1] + "…"


def _error(error: object) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _took(run: Run, now: datetime) -> str:
    if run.started_at is None:
        return f"queued for {duration(now - run.created_at)}" if not run.finished else ""
    return duration((run.finished_at or now) - run.started_at)


def _block(title: str, value: object) -> None:
    out.print(f"  [bold]{title}[/]")
    for line in json.dumps(value, indent=2, ensure_ascii=False, default=str).splitlines():
        out.print(f"    {line}", markup=False)
