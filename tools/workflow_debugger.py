#!/usr/bin/env python
"""A terminal debugger for runs of plans: see the graph live, stop at nodes, step, look, change a value and go on.

    python tools/workflow_debugger.py plan.json --input start=2
    python tools/workflow_debugger.py --pattern portfolio_optimization.night_waste
    python tools/workflow_debugger.py --run run-1a2b3c            a run of another process
    python tools/workflow_debugger.py plan.json --commands "break order; run; inspect order; continue"

A new run is held before its first node. Without a living executor the debugger runs the plan itself. Everything it
does goes through the controller, so it needs the same rights and is audited like any other deed.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Final

from pydantic import JsonValue
from rich.console import Console
from rich.live import Live
from rich.markup import escape

from redaptive.app import App
from redaptive.cli.executor import open_engine
from redaptive.cli.output import err, out, print_error
from redaptive.cli.runs_input import inputs_of, json_value, plan_file
from redaptive.cli.runs_session import checker, controller, living_executors, pattern_named, run_named
from redaptive.cli.runs_view import history_text, print_node, print_output, run_picture
from redaptive.cli.session import with_app
from redaptive.errors import Conflict, InvalidInput, RedaptiveError
from redaptive.infrastructure.logging.structured_logger import configure_logging
from redaptive.orchestration.control.deeds import node_of
from redaptive.orchestration.control.forking import ForkTerms
from redaptive.orchestration.control.overriding import as_answer, edited, output_problems
from redaptive.orchestration.control.starting import StartTerms
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions
from redaptive.orchestration.plans.schema import Node
from redaptive.orchestration.state.history import shortened
from redaptive.orchestration.state.run_snapshot import RunSnapshot, view
from redaptive.orchestration.state.run_watch import RunWatch
from redaptive.settings import Settings

STOPPED: Final = frozenset({"paused", "waiting", "parked"})
HALTED: Final = frozenset({"gated", "waiting"})
TITLE: Final = "workflow debugger"
_FONTS: Final = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Pictures fetch nothing: rich's would load fonts from a foreign host."""
PROMPT: Final = "(debug) "
SHORT: Final = {
    "b": "break", "c": "continue", "g": "graph", "h": "help", "i": "inspect", "p": "inspect", "q": "quit",
    "r": "run", "s": "step",
}  # fmt: skip
REDRAW_S: Final = 0.5


class Quit(Exception):
    """Raised by the command that ends the session."""


@dataclass
class Debugger:
    """One session with one run. `edits`: outputs that nodes shall be given; they take effect when it goes on."""

    control: WorkflowController
    watch: RunWatch
    run_id: str
    live: bool
    edits: dict[str, JsonValue] = field(default_factory=dict)

    async def execute(self, line: str) -> None:
        """Carry out one line.

        :raises RedaptiveError: it is refused. :raises Quit: the session is over.
        """
        word, _, rest = line.strip().partition(" ")
        name = SHORT.get(word, word)
        command = COMMANDS.get(name)
        if command is None:
            raise InvalidInput(f"There is no command {word!r}.", field="command", fix="`help` lists them.")
        await command(self, rest.strip())

    async def seen(self) -> RunSnapshot:
        """The run as it is now."""
        return await self.control.snapshot(self.run_id)

    async def graph(self, _rest: str = "") -> None:
        """graph: draw the run with the states of its nodes."""
        out.print(run_picture(await self.seen(), _now()))
        for node, output in self.edits.items():
            out.print(f"edited: {node} = {shortened(output)}", style="yellow", markup=False)

    async def break_(self, rest: str) -> None:
        """break NODE...: hold nodes when their turn comes."""
        for node in _names(rest, "break"):
            await self.control.set_breakpoint(self.run_id, node, "debugger")
            out.print(f"breakpoint at {node}")

    async def clear(self, rest: str) -> None:
        """clear NODE...: remove breakpoints."""
        for node in _names(rest, "clear"):
            await self.control.clear_breakpoint(self.run_id, node, "debugger")
            out.print(f"no breakpoint at {node} any more")

    async def continue_(self, _rest: str = "") -> None:
        """run, continue: go on to the next breakpoint, approval or event, or to the end."""
        before = await self.seen()
        _require_running(before)
        await self._give_edits()
        if before.paused or before.held:
            await self.control.resume(self.run_id, "debugger")
        await self._until_stopped(before)

    async def step(self, rest: str) -> None:
        """step [NODE]: let one held node go, the first in the graph's order, and stop again."""
        before = await self._settled()
        _require_running(before)
        node = rest or next(iter(before.held), "")
        if node not in before.held:
            held = ", ".join(before.held) or "none"
            raise Conflict(
                f"Not held: {node or 'no node'}.", fix=f"Held nodes: {held}; `continue` goes on to the next."
            )
        if not before.paused:
            await self.control.pause(self.run_id, "debugger")
        if node in self.edits:
            await self._give_edits([node])
        else:
            await self.control.step(self.run_id, node, "debugger")
        await self._until_stopped(before, frozenset({node}))

    async def pause(self, _rest: str = "") -> None:
        """pause: hold every node that has not begun."""
        await self.control.pause(self.run_id, "debugger")
        await self.graph()

    async def inspect(self, rest: str) -> None:
        """inspect NODE[.path]: inputs, output and history of a node, or one value of its output."""
        name, path = _target(rest)
        seen = await self.seen()
        node_of(seen.plan, name)
        found = await self.control.inspect(self.run_id, name)
        if path:
            output = self.edits.get(name, found.record.output if found.record else None)
            print_output(_at(output, path))
            return
        print_node(found, seen.node(name))
        if name in self.edits:
            out.print("  edited, not given yet:", style="yellow")
            print_output(self.edits[name])

    async def set(self, rest: str) -> None:
        """set NODE[.path]=JSON: give a node an output, or change a value of it; it is not run then."""
        target, equals, text = rest.partition("=")
        if not equals:
            raise InvalidInput("This sets nothing.", field="set", fix='Write set NODE.value={"n": 3}.')
        name, path = _target(target)
        seen = await self.seen()
        node, at = node_of(seen.plan, name), seen.node(name)
        value = json_value(text.strip(), "set")
        base = self.edits.get(name)
        if base is None:
            found = await self.control.inspect(self.run_id, name)
            base = found.record.output if found.record else None
        if base is None and node.tool and node.foreach is None and path.partition(".")[0] == "value":
            base = as_answer(None, self.control.actor, "set in the debugger")
        output = edited(base, path, value)
        self._note(seen, node, output, target.strip())
        out.print(f"{name} = {shortened(output)}", markup=False)
        if at is not None and at.state not in {"pending", "gated"}:
            out.print(f"{name} is {at.state} already: `fork {name}` repeats the run from it with this.", style="yellow")

    async def unset(self, rest: str) -> None:
        """unset NODE...: forget edits that were not given yet."""
        for node in _names(rest, "unset"):
            self.edits.pop(node, None)

    async def fork(self, rest: str) -> None:
        """fork [NODE]: repeat from a node on, the first edited one, as a new run with the edits; debug that one."""
        names = [each.id for each in (await self.seen()).nodes if each.id in self.edits]
        (node,) = _names(rest or (names[0] if names else ""), "fork")[:1]
        terms = ForkTerms(node, outputs=self.edits, reason="debugger")
        look = await self.control.fork(self.run_id, terms, dry_run=True)
        if look.plan.effects_again:
            out.print(f"effects that happen again: {', '.join(look.plan.effects_again)}", style="yellow")
        made = await self.control.fork(self.run_id, terms)
        self.run_id, self.edits = made.run_id, {}
        out.print(f"now debugging {made.run_id}")
        await self._until_stopped(await self.seen())

    async def approve(self, rest: str) -> None:
        """approve [NODE]: let a call be made that waits for it, with the arguments shown."""
        await self._decide(rest, approve=True)

    async def reject(self, rest: str) -> None:
        """reject [NODE]: forbid a call that waits for approval."""
        await self._decide(rest, approve=False)

    async def cancel(self, rest: str) -> None:
        """cancel [undo]: end the run; with `undo` its effects are taken back first."""
        before = await self.seen()
        await self.control.cancel(self.run_id, "debugger", compensate=rest == "undo")
        await self._until_stopped(before)

    async def rollback(self, _rest: str = "") -> None:
        """rollback: undo a run that has ended."""
        await self.control.rollback(self.run_id, "debugger")
        await self._until_stopped(await self.seen())

    async def history(self, _rest: str = "") -> None:
        """history: everything that happened, oldest first."""
        for text in history_text(await self.control.history(self.run_id)):
            out.print(text)

    async def save(self, rest: str) -> None:
        """save FILE.svg|FILE.txt: a picture of the graph."""
        (name,) = _names(rest, "save")[:1]
        await asyncio.to_thread(_save, await self.seen(), Path(name))
        out.print(f"saved {name}")

    async def help(self, _rest: str = "") -> None:
        """help: this list."""
        for command in dict.fromkeys(COMMANDS.values()):
            usage, _, meaning = (inspect.getdoc(command) or "").partition(":")
            out.print(f"  [bold]{usage:<32}[/]{meaning.strip()}")
        out.print(f"  short: {', '.join(f'{short} {full}' for short, full in SHORT.items())}; an empty line repeats")

    async def quit(self, _rest: str = "") -> None:
        """quit: leave; the run stays as it is."""
        raise Quit

    async def settled(self) -> None:
        """Wait until the run stands still, and draw it."""
        await self._settled()
        await self.graph()

    async def _settled(self) -> RunSnapshot:
        """The run when nothing of it moves any more by itself."""
        async for update in self.watch.watch(self.control.tenant_id, self.run_id):
            seen = view(update.snapshot)
            if _stands(seen):
                return seen
        return await self.seen()

    async def _until_stopped(self, before: RunSnapshot, gone: frozenset[str] | None = None) -> None:
        """Follow the run until it stands somewhere else than before, drawing it; then draw it once more."""
        waits = frozenset(each.node for each in before.approvals)
        left = waits.union(before.held) if gone is None else gone
        latest = before
        with Live(run_picture(before, _now(), out.height), console=out, auto_refresh=False, transient=True) as screen:
            async with asyncio.TaskGroup() as group:

                async def redraw() -> None:
                    while True:
                        await asyncio.sleep(REDRAW_S)
                        screen.update(run_picture(latest, _now(), out.height), refresh=True)

                clock = group.create_task(redraw()) if self.live else None
                async for update in self.watch.watch(self.control.tenant_id, self.run_id):
                    latest = view(update.snapshot)
                    if self.live:
                        screen.update(run_picture(latest, _now(), out.height), refresh=True)
                    if _stands(latest) and not left & _standing(latest):
                        break
                if clock is not None:
                    clock.cancel()
        await self.graph()
        if latest.run.output is not None:
            out.print("output")
            print_output(latest.run.output)

    def _note(self, seen: RunSnapshot, node: Node, output: JsonValue, place: str) -> None:
        """Keep the edit; refuse it when what was set is wrong, not when something else is still missing."""
        judge = checker()
        wrong = output_problems(seen.plan, node, output, judge.tools, judge.patterns)
        if mine := [each for each in wrong if each.place.startswith(place)]:
            raise InvalidInput(mine[0].message, field=mine[0].place, fix=mine[0].fix)
        if wrong:
            out.print(f"not complete yet: {wrong[0].place}: {wrong[0].message}", style="yellow", markup=False)
        self.edits[node.id] = output

    async def _give_edits(self, names: Sequence[str] | None = None) -> None:
        for name in list(self.edits) if names is None else names:
            await self.control.override(self.run_id, name, self.edits[name], "debugger")
            del self.edits[name]

    async def _decide(self, rest: str, *, approve: bool) -> None:
        before = await self.seen()
        found = [each for each in before.approvals if each.node == rest or not rest]
        if len(found) != 1:
            names = ", ".join(each.node for each in before.approvals) or "nothing"
            raise InvalidInput(f"Waits for approval: {names}.", field="node", fix="Name one that waits.")
        deed = self.control.approve if approve else self.control.reject
        await deed(self.run_id, found[0].node, "debugger", args_sha256=found[0].args_sha256)
        await self._until_stopped(before, frozenset({found[0].node}))


Command = Callable[[Debugger, str], Awaitable[None]]
COMMANDS: Final[dict[str, Command]] = {
    "run": Debugger.continue_, "continue": Debugger.continue_, "step": Debugger.step, "break": Debugger.break_,
    "clear": Debugger.clear, "inspect": Debugger.inspect, "set": Debugger.set, "unset": Debugger.unset,
    "graph": Debugger.graph,
    "pause": Debugger.pause, "fork": Debugger.fork, "approve": Debugger.approve, "reject": Debugger.reject,
    "cancel": Debugger.cancel, "rollback": Debugger.rollback, "history": Debugger.history, "save": Debugger.save,
    "help": Debugger.help, "quit": Debugger.quit,
}  # fmt: skip


def _save(seen: RunSnapshot, to: Path) -> None:
    console = Console(record=True, width=110, file=StringIO())
    console.print(run_picture(seen, _now()))
    text = _FONTS.sub("", console.export_svg(title=TITLE)) if to.suffix == ".svg" else console.export_text()
    to.write_text(text, encoding="utf-8")


def _stands(seen: RunSnapshot) -> bool:
    # Between the end of a node and the gate of the next one a held run has neither: it still moves.
    states = {node.state for node in seen.nodes}
    return seen.run.finished or (seen.run.state in STOPPED and bool(states & HALTED) and "running" not in states)


def _standing(seen: RunSnapshot) -> set[str]:
    return {node.id for node in seen.nodes if node.state == "gated"}


def _require_running(seen: RunSnapshot) -> None:
    if seen.run.finished:
        raise Conflict(f"The run has ended ({seen.run.state}).", fix="`fork NODE` repeats it from a node on.")


def _names(rest: str, command: str) -> list[str]:
    if not rest.split():
        raise InvalidInput(f"`{command}` needs a name.", field="command", fix="`help` shows how it is written.")
    return rest.replace(",", " ").split()


def _target(text: str) -> tuple[str, str]:
    """Node and path of `node.value.items[0]`."""
    name = text.strip()
    at = min((name.index(mark) for mark in ".[" if mark in name), default=len(name))
    if not name[:at]:
        raise InvalidInput("Name a node.", field="node", fix="`graph` lists them.")
    return name[:at], name[at:].lstrip(".")


def _at(value: JsonValue, path: str) -> JsonValue:
    for part in path.replace("[", ".[").split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.startswith("[") and part[1:-1].isdigit() and int(part[1:-1]) < len(value):
            value = value[int(part[1:-1])]
        elif part:
            there = ", ".join(value) if isinstance(value, dict) else shortened(value, 60)
            raise InvalidInput(f"There is no {part} at {path}.", field=path, fix=f"There is: {there}.")
    return value


def _now() -> datetime:
    return datetime.now(UTC)


def split(script: str) -> list[str]:
    """The commands of a script: parted by `;` or line ends outside of JSON texts.

    >>> split('break a; set b={"t": "x; y"}; run')
    ['break a', 'set b={"t": "x; y"}', 'run']
    """
    found, quoted = [""], False
    for at, character in enumerate(script):
        if character == '"' and script[at - 1 : at] != "\\":
            quoted = not quoted
        if character in ";\n" and not quoted:
            found.append("")
        else:
            found[-1] += character
    return [line.strip() for line in found if line.strip()]


async def scripted(debugger: Debugger, commands: Sequence[str]) -> int:
    """The number of commands that were refused; each is printed before its output."""
    refused = 0
    for line in commands:
        out.print(f"[bold cyan]{PROMPT}[/]{line}")
        try:
            await debugger.execute(line)
        except RedaptiveError as error:
            refused += 1
            _say_refused(error)
        except Quit:
            break
    return refused


def _say_refused(error: RedaptiveError) -> None:
    out.print(f"[bold red]refused[/]: {escape(str(error))}")


async def interactive(debugger: Debugger) -> int:
    """Read lines until `quit` or the end of input; an empty line repeats the last."""
    last = "graph"
    while True:
        try:
            line = (await asyncio.to_thread(input, PROMPT)).strip() or last
        except EOFError:
            return 0
        last = line
        try:
            await debugger.execute(line)
        except RedaptiveError as error:
            _say_refused(error)
        except Quit:
            return 0


def _arguments() -> argparse.Namespace:
    about, _, examples = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=about, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", nargs="?", help="file with a plan; - reads standard input")
    parser.add_argument("--pattern", help="a pattern of the library instead")
    parser.add_argument("--run", help="a run that is there already, or `last`")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE", help="an input; repeat")
    parser.add_argument("--commands", help="what to do, parted by `;`, instead of asking")
    parser.add_argument("--as", dest="who", help="who acts; default: the user of this machine")
    return parser.parse_args()


async def _run_of(control: WorkflowController, options: argparse.Namespace) -> str:
    """The run to debug: the named one, or a new one that is held before its first node."""
    given = [each for each in (options.plan, options.pattern, options.run) if each is not None]
    if len(given) != 1:
        raise InvalidInput("Give a plan's file, --pattern or --run.", field="plan", fix="--help shows examples.")
    if options.run is not None:
        return await run_named(control, options.run)
    plan = plan_file(options.plan) if options.plan is not None else pattern_named(options.pattern)
    terms = StartTerms(paused=True, reason="debugger")
    return (await control.start(plan, inputs_of(plan, options.input), terms)).run_id


async def _session(running: App, options: argparse.Namespace) -> int:
    control = await controller(running, options.who)
    run_id = await _run_of(control, options)
    async with AsyncExitStack() as stack:
        if not await living_executors(running):
            await stack.enter_async_context(open_engine(running, EngineOptions()))
            out.print("[dim]No executor is running: the debugger runs the plan itself.[/]")
        watch = await stack.enter_async_context(RunWatch(running.pools, running.urls.app))
        debugger = Debugger(control, watch, run_id, live=out.is_terminal)
        await debugger.settled()
        piped = options.commands is None and not sys.stdin.isatty()
        script = await asyncio.to_thread(sys.stdin.read) if piped else options.commands
        refused = await interactive(debugger) if script is None else await scripted(debugger, split(script))
        seen = await debugger.seen()
    if not seen.run.finished:
        out.print(f"Run {seen.run.id} stays {seen.run.state}: `redaptive runs resume {seen.run.id}` lets it go on.")
    return 1 if refused else 0


def main() -> int:
    """One session; 1 when a command of a script was refused."""
    options = _arguments()
    configure_logging(Settings().model_copy(update={"log_level": "WARNING"}), human=err.is_terminal)
    try:
        return with_app(lambda running: _session(running, options), quiet=True)
    except RedaptiveError as error:
        print_error(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
