"""Following a run on a terminal as a moving graph, or in a pipe as a line for each change."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from rich.live import Live
from rich.text import Text

from redaptive.app import App
from redaptive.cli.output import err, out
from redaptive.cli.runs_view import node_note, run_picture
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.state.run_changes import RunChanges
from redaptive.orchestration.state.run_records import Run, Snapshot
from redaptive.orchestration.state.run_snapshot import RunSnapshot, view
from redaptive.orchestration.state.run_watch import RunWatch

REDRAW_S: Final = 0.5
"""Times of running nodes move on although nothing changes."""


async def follow(running: App, control: WorkflowController, run_id: str, *, as_json: bool = False) -> Run:
    """The run when it has ended; shows it until then. Raises NotFound."""
    seen = await control.snapshot(run_id)  # with the rights of who watches
    async with RunWatch(running.pools, running.urls.app) as watch:
        if as_json:
            return await _as_json(watch, seen)
        if out.is_terminal and not out.is_dumb_terminal:  # which could only be shown the end
            return await _as_graph(watch, seen)
        return await _as_lines(watch, seen)


async def _as_graph(watch: RunWatch, first: RunSnapshot) -> Run:
    latest = first
    with Live(run_picture(first, _now(), out.height), console=out, auto_refresh=False) as live:

        async def redraw() -> None:
            while True:
                await asyncio.sleep(REDRAW_S)
                live.update(run_picture(latest, _now(), out.height), refresh=True)

        clock = asyncio.create_task(redraw())
        try:
            async for update in watch.watch(first.run.tenant_id, first.run.id):
                latest = view(update.snapshot)
                live.update(run_picture(latest, _now(), out.height), refresh=True)
        finally:
            clock.cancel()
            with suppress(asyncio.CancelledError):
                await clock
            live.update(run_picture(latest, _now()))  # the last picture stays, whole
    _print_output(latest.run)
    return latest.run


async def _as_lines(watch: RunWatch, first: RunSnapshot) -> Run:
    said: dict[str, str] = {}
    last: Snapshot | None = None
    async for update in watch.watch(first.run.tenant_id, first.run.id):
        last = update.snapshot
        for line in _news(view(last), said):
            print(f"{_now():%H:%M:%S} {line}", flush=True)
    run = last.run if last else first.run
    _print_output(run)
    return run


async def _as_json(watch: RunWatch, first: RunSnapshot) -> Run:
    run = first.run
    async for update in watch.watch(first.run.tenant_id, first.run.id):
        run = update.snapshot.run
        body = view(update.snapshot).as_dict() if update.news is None else _change(update.news)
        print(json.dumps({"event": "snapshot" if update.news is None else "change", **body}, default=str), flush=True)
    return run


def _change(news: RunChanges) -> dict[str, object]:
    return {**news.as_dict(), "control": [asdict(wish) for wish in news.control if wish.cleared_at is None]}


def _news(seen: RunSnapshot, said: dict[str, str]) -> list[str]:
    """Lines for what was not said yet, the run's own last; `said` is brought up to date."""
    lines = []
    states = {node.id: (node.state, node_note(node, _now())) for node in seen.nodes if node.state != "pending"}
    states[""] = (seen.run.state, f"run {seen.run.state.replace('_', ' ')}")
    for name, (state, note) in states.items():
        key = f"{state} {seen.node(name).attempt}" if name else state  # type: ignore[union-attr]
        if said.get(name) != key:
            said[name] = key
            lines.append(f"{name}: {note}" if name else note)
    return lines


def _print_output(run: Run) -> None:
    if run.error is not None:
        err.print(Text(f"error: {run.error.get('message', run.error)}", style="red"))
    if run.output is not None:
        out.print_json(data=run.output, default=str)


def _now() -> datetime:
    return datetime.now(UTC)
