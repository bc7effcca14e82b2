"""The gate before a node: pause, breakpoint, single step, override, approval. Unused, it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from redaptive.errors import Conflict, Exhausted
from redaptive.orchestration.intelligent.engine.journal import NodeEntry
from redaptive.orchestration.intelligent.engine.keys import execute_step, gate_step
from redaptive.orchestration.intelligent.engine.live_run import RECHECK_S
from redaptive.orchestration.intelligent.engine.node_run import RunContext
from redaptive.orchestration.intelligent.engine.outcomes import error_value
from redaptive.orchestration.intelligent.engine.store import Question
from redaptive.orchestration.intelligent.engine.tools import now
from redaptive.orchestration.plans.schema import Node
from redaptive.orchestration.state.run_records import ControlKind, JsonObject

_PASSED: Final[JsonObject] = {"go": True}
_OWN: Final[tuple[ControlKind, ...]] = ("breakpoint", "override")


@dataclass(frozen=True)
class Passage:
    """How a node came through its gate: to run, with a value given instead, or refused. `at`: when."""

    override: JsonObject | None = None
    error: JsonObject | None = None
    at: datetime | None = None


async def pass_gate(context: RunContext, node: Node, args: JsonObject) -> Passage:
    """Return when the node may begin.

    The gate is used when it was used before, or when the node has not begun and something asks for it. So a decision
    holds over a crash, even when the wish that led to it is gone.
    """
    position = context.position(node.id)
    if not context.steps.recorded(gate_step(position)) and (
        context.steps.recorded(execute_step(position)) or not gate_asked(context, node)
    ):
        return Passage()
    found = await context.steps.run(gate_step(position), f"gate {node.id}", lambda: _Gate(context, node, args).wait())
    await _use(context, found.get("used"))
    at = found.get("at")
    return Passage(
        _object(found.get("override")), _object(found.get("error")), datetime.fromisoformat(str(at)) if at else None
    )


def gate_asked(context: RunContext, node: Node) -> bool:
    """Whether something holds the node at its gate: its plan, a person, or a clock that begins there."""
    live = context.live
    # A pause or step does not stop at what is worked out at once, only what is meant for the node itself.
    meant = node.approval is not None or node.breakpoint or any(live.wish(kind, node.id) for kind in _OWN)
    if node.expr is not None and not meant:
        return False
    timed_wait = node.wait_event is not None and node.wait_event.timeout_s is not None
    wished = live.held(node.id, node.breakpoint) is not None or live.wish("override", node.id) is not None
    return node.approval is not None or timed_wait or wished


class _Gate:
    """The body of the gate's step; runs again from the start after a crash."""

    def __init__(self, context: RunContext, node: Node, args: JsonObject) -> None:
        self._context, self._node, self._args = context, node, args
        self._used: list[JsonValue] = []
        self._passed_hold = False

    async def wait(self) -> JsonObject:
        """What is decided, as a checkpoint."""
        while (decided := await self._look()) is None:
            pass
        return decided

    async def _look(self) -> JsonObject | None:
        live, node = self._context.live, self._node
        if (override := live.wish("override", node.id)) is not None:
            kept = await self._context.keep(override.value, node.id)
            return {"override": kept, "by": override.actor, "used": [override.id]}
        if not self._passed_hold and (why := live.held(node.id, node.breakpoint)) is not None:
            if (through := live.let_through(node.id)) is None:
                self._tell(why)
                with live.blocked(node.id, why):
                    await live.changed()
                return None
            self._passed_hold = True
            self._used.append(through.id)
        if node.approval is not None and (answer := await self._approval()) is not None:
            return answer or None
        return {**_PASSED, "used": self._used, "at": now().isoformat()}

    async def _approval(self) -> JsonObject | None:
        """None: approved. An empty object: look again. Else the refusal."""
        approval = self._node.approval
        assert approval is not None
        tool = self._node.tool or self._node.id
        question = Question(self._node.id, tool, self._args, approval.reason, approval.scope, approval.timeout_s)
        decision = await self._context.tools.store.ask(self._context.live.key, question)
        if decision.state == "approved" and decision.holds:
            return None
        if decision.state != "pending":
            return self._refused(decision.state, decision.decided_by, decision.comment)
        self._tell("approval")
        left_s = RECHECK_S
        if decision.expires_at is not None:
            left_s = min(left_s, max(0.05, (decision.expires_at - now()).total_seconds()))
        with self._context.live.blocked(self._node.id, "approval"):
            await self._context.live.changed(left_s)
        return {}

    def _refused(self, state: str, who: str | None, comment: str) -> JsonObject:
        name = self._node.id
        if state == "expired":
            error: Conflict | Exhausted = Exhausted(f"Nobody approved {name} in time.", field=name)
        elif state == "approved":
            error = Conflict(f"The approval of {name} was given for other arguments.", field=name)
        else:
            error = Conflict(f"{who} rejected {name}{': ' + comment if comment else '.'}", field=name)
        # Not worth repeating: a person has decided, or has had the time to.
        return {"error": {**error_value(error, name), "retryable": False}}

    def _tell(self, why: str) -> None:
        entry = NodeEntry(self._node.id, "gated", tool=self._node.tool, args=self._args, reason=why)
        self._context.tell(entry)


async def _use(context: RunContext, used: JsonValue) -> None:
    if isinstance(used, list) and used:
        await context.tools.store.used(context.live.key, [int(str(each)) for each in used])


def _object(value: JsonValue) -> JsonObject | None:
    return value if isinstance(value, dict) else None
